import type { Values } from "../datapoints";
import { ReplayInputError } from "../inputError";
import type { Combination, MathNode, Operator } from "./parseMath";

/** A number, a time series (NaN where it has no datapoint), or several. */
type Result =
  | { readonly kind: "scalar"; readonly value: number }
  | { readonly kind: "series"; readonly values: Values }
  | { readonly kind: "list"; readonly items: readonly Values[] };

/** What the ids of an expression stand for. */
export interface MathInput {
  /** Metrics and the results of other expressions. */
  readonly ids: { readonly [id: string]: Values };
  /** Which of the ids are metrics: what `METRICS()` returns, in their order. */
  readonly metricIds: readonly string[];
  readonly length: number;
  readonly periodSeconds: number;
  /** Named in messages: which alarm. */
  readonly origin: string;
  /** @default AWS_READING */
  readonly reading?: MathReading | undefined;
}

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
 * @throws ReplayInputError for an id that stands for nothing, and for a result that is no single time series.
 */
export function evaluateMath(node: MathNode, input: MathInput): Values {
  const result = evaluate(node, input);
  if (result.kind === "series") return result.values;
  throw new ReplayInputError(`${input.origin}: its expression results in no single time series`);
}

/** Whether a result depends on nothing but the datapoints of its own period, so that it can be made once for all. */
export function isPointwise(node: MathNode): boolean {
  if (node.kind === "fill" && typeof node.filler === "string") return false;
  return childrenOf(node).every(isPointwise);
}

/** Ids that an expression names. */
export function idsIn(node: MathNode): readonly string[] {
  return node.kind === "id" ? [node.id] : childrenOf(node).flatMap(idsIn);
}

function childrenOf(node: MathNode): readonly MathNode[] {
  switch (node.kind) {
    case "negate":
    case "combine":
    case "period":
      return [node.of];
    case "operator":
      return [node.left, node.right];
    case "list":
      return node.items;
    case "fill":
      return typeof node.filler === "string" ? [node.of] : [node.of, node.filler];
    case "if":
      return [node.condition, node.whenTrue, ...(node.whenFalse ? [node.whenFalse] : [])];
    default:
      return [];
  }
}

function evaluate(node: MathNode, input: MathInput): Result {
  switch (node.kind) {
    case "number":
      return { kind: "scalar", value: node.value };
    case "id":
      return { kind: "series", values: valuesOf(node.id, input) };
    case "metrics":
      return { kind: "list", items: metricsOf(node.containing, input) };
    case "list":
      return { kind: "list", items: node.items.flatMap((item) => seriesOf(evaluate(item, input), input)) };
    case "negate":
      return operate("*", { kind: "scalar", value: -1 }, evaluate(node.of, input), input);
    case "operator":
      return operate(node.operator, evaluate(node.left, input), evaluate(node.right, input), input);
    case "fill":
      return fill(evaluate(node.of, input), fillerOf(node.filler, input), input);
    case "if":
      return choose(node, input);
    case "combine":
      return { kind: "series", values: combine(node.how, evaluate(node.of, input), input) };
    case "period":
      if (node.of.kind !== "id" || !input.metricIds.includes(node.of.id)) {
        throw new ReplayInputError(`${input.origin}: PERIOD takes the id of a metric`);
      }
      return { kind: "scalar", value: input.periodSeconds };
  }
}

function valuesOf(id: string, input: MathInput): Values {
  const values = input.ids[id];
  if (values !== undefined) return values;
  const known = Object.keys(input.ids).join(", ");
  throw new ReplayInputError(`${input.origin}: its expression names ${id}, and it has ${known}`);
}

function metricsOf(containing: string | undefined, input: MathInput): readonly Values[] {
  const ids = input.metricIds.filter((id) => containing === undefined || id.includes(containing));
  return ids.map((id) => valuesOf(id, input));
}

function seriesOf(result: Result, { length, origin }: MathInput): readonly Values[] {
  if (result.kind === "list") return result.items;
  if (result.kind === "series") return [result.values];
  throw new ReplayInputError(
    `${origin}: a list of ${length} datapoints each cannot hold the number ${result.value}`,
  );
}

/** Applies an operator to each item of a list, datapoint by datapoint. */
function operate(operator: Operator, left: Result, right: Result, input: MathInput): Result {
  const { origin, reading } = input;
  if (left.kind === "list" || right.kind === "list") {
    const length = left.kind === "list" ? left.items.length : right.kind === "list" ? right.items.length : 0;
    const item = (side: Result, index: number): Result =>
      side.kind === "list" ? { kind: "series", values: side.items[index] ?? new Float64Array() } : side;
    if (left.kind === "list" && right.kind === "list" && left.items.length !== right.items.length) {
      throw new ReplayInputError(`${origin}: two lists of different lengths cannot be put together`);
    }
    const items = Array.from({ length }, (_, index) =>
      pair(operator, item(left, index), item(right, index), reading),
    );
    return { kind: "list", items: items.flatMap((one) => (one.kind === "series" ? [one.values] : [])) };
  }
  return pair(operator, left, right, reading);
}

function pair(operator: Operator, left: Result, right: Result, reading: MathReading = AWS_READING): Result {
  const apply = OPERATIONS[operator];
  const dropped = reading.missingOperand === "dropped";
  if (left.kind === "series" && right.kind === "series") {
    return {
      kind: "series",
      values: left.values.map((one, index) => {
        const other = right.values[index] ?? Number.NaN;
        const [noOne, noOther] = [Number.isNaN(one), Number.isNaN(other)];
        if (dropped ? noOne || noOther : noOne && noOther) return Number.NaN;
        return apply(noOne ? 0 : one, noOther ? 0 : other);
      }),
    };
  }
  const [a, b] = [left, right];
  if (a.kind === "series" && b.kind === "scalar") return series(a.values, (value) => apply(value, b.value));
  if (a.kind === "scalar" && b.kind === "series") return series(b.values, (value) => apply(a.value, value));
  return {
    kind: "scalar",
    value: apply(a.kind === "scalar" ? a.value : Number.NaN, b.kind === "scalar" ? b.value : Number.NaN),
  };
}

function series(values: Values, make: (value: number) => number): Result {
  return { kind: "series", values: values.map((value) => (Number.isNaN(value) ? value : make(value))) };
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

function fillerOf(filler: MathNode | "REPEAT" | "LINEAR", input: MathInput): Result | "REPEAT" | "LINEAR" {
  return typeof filler === "string" ? filler : evaluate(filler, input);
}

function fill(of: Result, filler: Result | "REPEAT" | "LINEAR", input: MathInput): Result {
  if (of.kind === "scalar")
    throw new ReplayInputError(`${input.origin}: FILL fills a time series, not a number`);
  const one = (values: Values): Values => {
    if (filler === "REPEAT") return repeated(values);
    if (filler === "LINEAR") return interpolated(values);
    const within = input.reading?.fillsWithin;
    let last = Number.NEGATIVE_INFINITY;
    return values.map((value, index) => {
      if (!Number.isNaN(value)) {
        last = index;
        return value;
      }
      if (within !== undefined && index - last >= within) return value;
      if (filler.kind === "list") throw new ReplayInputError(`${input.origin}: FILL cannot fill with a list`);
      return filler.kind === "scalar" ? filler.value : (filler.values[index] ?? Number.NaN);
    });
  };
  return of.kind === "list"
    ? { kind: "list", items: of.items.map(one) }
    : { kind: "series", values: one(of.values) };
}

function repeated(values: Values): Values {
  let last = Number.NaN;
  return values.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
}

function interpolated(values: Values): Values {
  const filled = values.slice();
  let from = -1;
  for (const [to, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const start = values[from] ?? Number.NaN;
    for (let gap = from + 1; from >= 0 && gap < to; gap++) {
      filled[gap] = start + ((value - start) * (gap - from)) / (to - from);
    }
    from = to;
  }
  return filled;
}

function choose(node: MathNode & { readonly kind: "if" }, input: MathInput): Result {
  const condition = evaluate(node.condition, input);
  const whenTrue = evaluate(node.whenTrue, input);
  const whenFalse = node.whenFalse && evaluate(node.whenFalse, input);
  for (const part of [condition, whenTrue, whenFalse]) {
    if (part?.kind === "list") throw new ReplayInputError(`${input.origin}: IF takes single series, no list`);
  }
  const valueAt = (result: Result | undefined, index: number): number => {
    if (result === undefined || result.kind === "list") return Number.NaN;
    return result.kind === "scalar" ? result.value : (result.values[index] ?? Number.NaN);
  };
  const values = new Float64Array(input.length).map((_, index) => {
    const holds = valueAt(condition, index);
    if (Number.isNaN(holds)) return Number.NaN;
    if (holds === 0) return valueAt(whenFalse, index);
    const value = valueAt(whenTrue, index);
    // A scalar condition chooses between two series as they are; only a series' own datapoint makes a gap a 0.
    return Number.isNaN(value) && condition.kind === "series" ? 0 : value;
  });
  return { kind: "series", values };
}

function combine(how: Combination, of: Result, input: MathInput): Values {
  if (of.kind !== "list") {
    throw new ReplayInputError(
      `${input.origin}: ${how} of a single series depends on how much data CloudWatch retrieves, which AWS does not publish; use it on a list`,
    );
  }
  return new Float64Array(input.length).map((_, index) => {
    const present = of.items
      .map((values) => values[index] ?? Number.NaN)
      .filter((value) => !Number.isNaN(value));
    if (present.length === 0) return Number.NaN;
    if (how === "MIN") return Math.min(...present);
    if (how === "MAX") return Math.max(...present);
    const sum = present.reduce((total, value) => total + value, 0);
    return how === "SUM" ? sum : sum / of.items.length;
  });
}
