import { breaches } from "../../model/cloudwatch/alarm";
import { type MathExpression, parseMetricMath } from "../../model/cloudwatch/metricMath";
import type { MetricAlarmReading } from "../../plan/alarmReading";
import { knownValue } from "../../plan/reading";
import { plain } from "../format";
import type { RuleContext } from "../rule";
import { type Condition, cannotDecide, conditionInWords } from "./condition";
import type { JudgedAlarm } from "./judgedAlarms";
import { type Bound, rangesOf } from "./metricRange";

/** More are not computed: every combination of the ends of its metrics' ranges would be too many. */
const MOST_METRICS = 6;

/** The range of one metric of an expression, in numbers. */
interface Ends {
  readonly id: string;
  readonly least: number;
  readonly calm: number;
  readonly most: number;
  readonly bound: string;
}

/** Whether an expression can reach its threshold, computed at the ends of its metrics' ranges. */
export function checkMath(
  judged: JudgedAlarm,
  text: string,
  condition: Condition,
  context: RuleContext,
): void {
  const { alarm, metrics } = judged;
  const parsed = parseMetricMath(text);
  if ("problem" in parsed || parsed.ids.length === 0 || parsed.ids.length > MOST_METRICS) return;
  const all: Ends[] = [];
  let hidden: Bound | undefined;
  for (const id of parsed.ids) {
    const [range] = metrics.filter((metric) => metric.id === id).flatMap(rangesOf);
    if (range === undefined) return;
    const { least } = range;
    const [calm, most] = [knownValue(range.calm.value), knownValue(range.most.value)];
    if (most === Number.POSITIVE_INFINITY) return;
    if (calm === undefined) hidden ??= range.calm;
    else if (most === undefined) hidden ??= range.most;
    else all.push({ id, least, calm, most, bound: range.most.inWords(most) });
  }
  if (hidden) cannotDecide(alarm, hidden, context);
  else checkCorners(alarm, parsed, all, condition, context);
}

function checkCorners(
  alarm: MetricAlarmReading,
  { evaluate }: MathExpression,
  all: readonly Ends[],
  condition: Condition,
  context: RuleContext,
): void {
  const goesOff = (value: number): boolean => breaches(value, condition.comparison, condition.threshold);
  // What is the same on any day as at most is never less: a pool's size.
  const ever = corners(
    all.map(({ id, least, calm, most }) => [id, calm === most ? most : least, most] as const),
  ).map(evaluate);
  const calmly = corners(all.map(({ id, calm, most }) => [id, calm, most] as const)).map(evaluate);
  const span = rangeOf(calmly);
  const between = `between ${plain(span.min)} and ${plain(span.max)}`;
  const bounds = [...new Set(all.map(({ bound }) => bound))].join("; ");
  const what = `Alarm ${alarm.resource.name} goes off ${conditionInWords(condition)} of its expression, which is ${between} here (${bounds})`;
  const numbers = { observed: condition.threshold, allowed: span };
  const fix = `Set \`threshold\` ${between}`;
  if (!ever.some(goesOff)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what}: it can never go off, and is quiet on the day it is for.`,
      fix: fix,
      ...numbers,
    });
  } else if (calmly.every(goesOff)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what}: it is always on, and is muted before the day it is for.`,
      fix: fix,
      ...numbers,
    });
  }
}

/** From what it is on any day to the most it can be, where it has a value; 0 where it never has one. */
function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } {
  const numbers = values.filter(Number.isFinite);
  const [first = 0] = numbers;
  return { min: Math.min(first, ...numbers), max: Math.max(first, ...numbers) };
}

/** Every combination of the two ends of each range. */
function corners(ends: readonly (readonly [string, number, number])[]): { readonly [id: string]: number }[] {
  return ends.reduce<{ readonly [id: string]: number }[]>(
    (all, [id, low, high]) =>
      all.flatMap((each) => [
        { ...each, [id]: low },
        { ...each, [id]: high },
      ]),
    [{}],
  );
}
