import { InvalidAlarmError } from "./alarm";
import { type Arguments, idsIn, type MathNode, type Operator, parseMath } from "./mathParser";

/** Values by period; NaN where there is none. */
export type Values = Float64Array;

/** A number, a time series, or several. */
type Result = number | Values | readonly Values[];

/** Two things that AWS's guide leaves open, or that people report otherwise than it says. */
export interface MathReading {
  /** What a datapoint counts as between two series that only one of them lacks: 0, as the guide says, or nothing. */
  readonly missingOperand: "zero" | "dropped";
  /**
   * Whether FILL leaves a series empty that had no datapoint within so many periods; `undefined` where it fills whatever
   * it is given. The guide does not say.
   */
  readonly fillsWithin: number | undefined;
}

const AWS_READING: MathReading = { missingOperand: "zero", fillsWithin: undefined };

/** What the ids of an expression stand for. */
export interface MathInput {
  /** Metrics and the results of other expressions. */
  readonly ids: ReadonlyMap<string, Values>;
  /** Which of the ids are metrics: what `METRICS()` returns, in their order. */
  readonly metricIds: readonly string[];
  readonly length: number;
  readonly periodSeconds: number;
  /** @default as AWS's guide says */
  readonly reading?: MathReading | undefined;
  /** Numbers then stand for series of one value. @default false */
  readonly isOnePoint?: boolean;
}

/**
 * Evaluates metric math over time series of one length.
 *
 * As AWS documents it: between two series a datapoint that only one of them lacks counts as 0; a division by zero
 * drops the datapoint; `IF` drops it where the condition has none or the branch for FALSE has none, and takes 0 where
 * the branch for TRUE has none; `AVG` of a list counts what is missing as 0. Where AWS is silent: a datapoint that
 * every operand lacks stays missing; `MIN` and `MAX` leave out what is missing; `FILL` with a number fills a series
 * that has no datapoint at all too; `LINEAR` fills only between two datapoints.
 *
 * `SUM(m1)` of a single series is refused: it adds up however much data CloudWatch happened to retrieve, and AWS
 * advises against it in alarms. Source: CloudWatch User Guide, using-metric-math.
 * @throws InvalidAlarmError for an id that stands for nothing, and for a result that is no single time series.
 */
export function evaluateMath(node: MathNode, input: MathInput): Values {
  const result = evaluate(node, input);
  if (result instanceof Float64Array) return result;
  throw new InvalidAlarmError("its expression results in no single time series");
}

function evaluate(node: MathNode, input: MathInput): Result {
  switch (node.kind) {
    case "number":
      return node.value;
    case "id":
      return valuesOf(node.id, input);
    case "metrics":
      return input.metricIds.filter((id) => id.includes(node.containing)).map((id) => valuesOf(id, input));
    case "list":
      return node.items.flatMap((item) => seriesIn(evaluate(item, input), input));
    case "operator":
      return operate(node.operator, evaluate(node.left, input), evaluate(node.right, input), input);
    case "fill":
      return fill(evaluate(node.of, input), node.filler, input);
    case "call":
      return call(node.name, node.args, input);
  }
}

function valuesOf(id: string, { ids }: MathInput): Values {
  const values = ids.get(id);
  if (values !== undefined) return values;
  throw new InvalidAlarmError(`its expression names ${id}, and it has ${[...ids.keys()].join(", ")}`);
}

const isList = (result: Result | undefined): result is readonly Values[] => Array.isArray(result);

/** The items of a list, or the one series that is an item itself. */
function seriesIn(result: Result, { length, isOnePoint }: MathInput): readonly Values[] {
  if (isList(result)) return result;
  if (typeof result !== "number") return [result];
  if (isOnePoint) return [Float64Array.of(result)];
  throw new InvalidAlarmError(`a list of ${length} datapoints each cannot hold the number ${result}`);
}

const truth = (holds: boolean): number => (holds ? 1 : 0);

const OPERATIONS: { readonly [operator in Operator]: (one: number, other: number) => number } = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
  "/": (one, other) => (other === 0 ? Number.NaN : one / other),
  "^": (one, other) => one ** other,
  "==": (one, other) => truth(one === other),
  "!=": (one, other) => truth(one !== other),
  "<": (one, other) => truth(one < other),
  "<=": (one, other) => truth(one <= other),
  ">": (one, other) => truth(one > other),
  ">=": (one, other) => truth(one >= other),
  AND: (one, other) => truth(one !== 0 && other !== 0),
  OR: (one, other) => truth(one !== 0 || other !== 0),
};

/** Applies an operator to each item of a list, datapoint by datapoint. */
function operate(operator: Operator, left: Result, right: Result, input: MathInput): Result {
  const apply = OPERATIONS[operator];
  if (!isList(left) && !isList(right)) return pair(apply, left, right, input);
  if (isList(left) && isList(right) && left.length !== right.length) {
    throw new InvalidAlarmError("two lists of different lengths cannot be put together");
  }
  const itemOf = (side: Result, index: number) => (isList(side) ? (side[index] ?? Number.NaN) : side);
  return seriesIn(isList(left) ? left : right, input).flatMap((_, index) =>
    seriesIn(pair(apply, itemOf(left, index), itemOf(right, index), input), input),
  );
}

function pair(
  apply: (one: number, other: number) => number,
  left: Values | number,
  right: Values | number,
  { reading = AWS_READING }: MathInput,
): Values | number {
  if (typeof left === "number") {
    return typeof right === "number" ? apply(left, right) : each(right, (value) => apply(left, value));
  }
  if (typeof right === "number") return each(left, (value) => apply(value, right));
  const isDropped = reading.missingOperand === "dropped";
  return left.map((one, index) => {
    const other = at(right, index);
    const [noOne, noOther] = [Number.isNaN(one), Number.isNaN(other)];
    if (isDropped ? noOne || noOther : noOne && noOther) return Number.NaN;
    return apply(noOne ? 0 : one, noOther ? 0 : other);
  });
}

const each = (values: Values, make: (value: number) => number): Values =>
  values.map((value) => (Number.isNaN(value) ? value : make(value)));

function fill(of: Result, filler: MathNode | "REPEAT" | "LINEAR", input: MathInput): Result {
  if (typeof of === "number") {
    if (input.isOnePoint) return of;
    throw new InvalidAlarmError("FILL fills a time series, not a number");
  }
  const with_ = typeof filler === "string" ? filler : evaluate(filler, input);
  return isList(of) ? of.map((values) => filled(values, with_, input)) : filled(of, with_, input);
}

function filled(values: Values, filler: Result | "REPEAT" | "LINEAR", { reading }: MathInput): Values {
  if (filler === "REPEAT") return repeated(values);
  if (filler === "LINEAR") return interpolated(values);
  const within = reading?.fillsWithin;
  let last = Number.NEGATIVE_INFINITY;
  return values.map((value, index) => {
    if (!Number.isNaN(value)) {
      last = index;
      return value;
    }
    if (within !== undefined && index - last >= within) return value;
    if (isList(filler)) throw new InvalidAlarmError("FILL cannot fill with a list");
    return typeof filler === "number" ? filler : at(filler, index);
  });
}

function repeated(values: Values): Values {
  let last = Number.NaN;
  return values.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
}

function interpolated(values: Values): Values {
  const result = values.slice();
  let from = -1;
  for (const [to, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const start = at(values, from);
    for (let gap = from + 1; from >= 0 && gap < to; gap++) {
      result[gap] = start + ((value - start) * (gap - from)) / (to - from);
    }
    from = to;
  }
  return result;
}

const ROUNDING: { readonly [name: string]: (value: number) => number } = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
};

function call(name: string, [first, ...others]: Arguments, input: MathInput): Result {
  if (name === "PERIOD") {
    if (first.kind === "id" && input.metricIds.includes(first.id)) return input.periodSeconds;
    throw new InvalidAlarmError("PERIOD takes the id of a metric");
  }
  const of = evaluate(first, input);
  if (name === "IF")
    return choose(
      of,
      others.map((branch) => evaluate(branch, input)),
      input,
    );
  const round = ROUNDING[name];
  if (round === undefined) return combine(name, of, input);
  if (isList(of)) return of.map((values) => each(values, round));
  return typeof of === "number" ? round(of) : each(of, round);
}

function choose(condition: Result, [whenTrue, whenFalse]: readonly Result[], input: MathInput): Result {
  if ([condition, whenTrue, whenFalse].some(isList)) {
    throw new InvalidAlarmError("IF takes single series, no list");
  }
  const valueAt = (result: Result | undefined, index: number): number => {
    if (result === undefined || isList(result)) return Number.NaN;
    return typeof result === "number" ? result : at(result, index);
  };
  return new Float64Array(input.length).map((_, index) => {
    const holds = valueAt(condition, index);
    if (Number.isNaN(holds)) return Number.NaN;
    if (holds === 0) return valueAt(whenFalse, index);
    const value = valueAt(whenTrue, index);
    // A scalar condition chooses between two series as they are; only a series' own datapoint makes a gap a 0.
    return Number.isNaN(value) && typeof condition !== "number" ? 0 : value;
  });
}

function combine(how: string, of: Result, input: MathInput): Values {
  if (!isList(of)) {
    throw new InvalidAlarmError(
      `${how} of a single series depends on how much data CloudWatch retrieves, which AWS does not publish; use it on a list`,
    );
  }
  return new Float64Array(input.length).map((_, index) => {
    const present = of.map((values) => at(values, index)).filter((value) => !Number.isNaN(value));
    if (present.length === 0) return Number.NaN;
    if (how === "MIN") return Math.min(...present);
    if (how === "MAX") return Math.max(...present);
    const sum = present.reduce((total, value) => total + value, 0);
    return how === "SUM" ? sum : sum / of.length;
  });
}

/** A value of a series; NaN beyond its ends. */
export const at = (values: Values, index: number): number => values[index] ?? Number.NaN;

/** An expression that has a value at one point in time, where each metric has one. */
export interface MathExpression {
  /** Ids of the queries that it reads, in the order they first appear. */
  readonly ids: readonly string[];
  /** The result; NaN where CloudWatch would have no data point. */
  evaluate(values: { readonly [id: string]: number }): number;
}

/** Reads an expression for one point in time, or says why it has no value there. */
export function parseMetricMath(text: string): MathExpression | { readonly problem: string } {
  try {
    const node = parseMath(text, "atOnePoint");
    const ids = idsIn(node);
    return { ids, evaluate: (values) => valueAtOnePoint(node, ids, values) };
  } catch (error) {
    if (error instanceof InvalidAlarmError) return { problem: error.message };
    throw error;
  }
}

function valueAtOnePoint(
  node: MathNode,
  ids: readonly string[],
  values: { readonly [id: string]: number },
): number {
  const series = new Map(ids.map((id) => [id, Float64Array.of(values[id] ?? Number.NaN)]));
  const result = evaluate(node, {
    ids: series,
    metricIds: ids,
    length: 1,
    periodSeconds: 0,
    isOnePoint: true,
  });
  return typeof result === "number" ? result : at(result as Values, 0);
}
