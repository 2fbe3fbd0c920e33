import { breaches } from "../../model/alarmLimits";
import { type MathExpression, parseMetricMath } from "../../model/metricMath";
import { knownValue } from "../../plan/reading";
import type { FindingsBuilder } from "../rule";
import { plain } from "../words";
import { alarmFinding } from "./alarmFinding";
import { type Condition, cannotDecide, conditionInWords } from "./condition";
import type { JudgedAlarm } from "./judgedAlarms";
import { type Bound, type MetricRange, rangesOf } from "./metricRange";

/** Values at which an expression is computed: every combination of the ends of its metrics' ranges. */
const MOST_METRICS = 6;

/** Whether an expression can reach its threshold, computed at the ends of its metrics' ranges. */
export function judgeMath(
  judged: JudgedAlarm,
  text: string,
  condition: Condition,
  findings: FindingsBuilder,
): void {
  const { alarm, metrics } = judged;
  const parsed = parseMetricMath(text);
  if ("problem" in parsed) return;
  const used = metrics.filter(({ id }) => id !== undefined && parsed.ids.includes(id));
  if (used.length < parsed.ids.length || used.length === 0 || used.length > MOST_METRICS) return;
  const ranges = used.map((metric) => [metric.id ?? "", rangesOf(metric)[0]] as const);
  const known: [string, MetricRange][] = [];
  for (const [id, range] of ranges) {
    if (range === undefined || knownValue(range.most.value) === Number.POSITIVE_INFINITY) return;
    known.push([id, range]);
  }
  const hidden = known
    .flatMap(([, { calm, most }]) => [calm, most])
    .find(({ value }) => value.state !== "known");
  if (hidden) {
    cannotDecide(alarm, hidden, findings);
    return;
  }
  judgeCorners(judged, parsed, known, condition, findings);
}

function judgeCorners(
  { alarm }: JudgedAlarm,
  { evaluate }: MathExpression,
  ranges: readonly (readonly [string, MetricRange])[],
  condition: Condition,
  findings: FindingsBuilder,
): void {
  const values = (low: (range: MetricRange) => number): number[] =>
    corners(ranges.map(([id, range]) => [id, low(range), knownValue(range.most.value) ?? 0] as const)).map(
      evaluate,
    );
  const goesOff = (value: number): boolean => breaches(value, condition.comparison, condition.threshold);
  const all = values(({ least, calm, most }) =>
    isFixed(calm, most) ? (knownValue(most.value) ?? 0) : least,
  );
  const calm = values((range) => knownValue(range.calm.value) ?? range.least);
  const bounds = ranges
    .map(([, { most }]) => most.inWords(knownValue(most.value) ?? 0))
    .filter((each, at, list) => list.indexOf(each) === at)
    .join("; ");
  const span = rangeOf(calm);
  const what = `Alarm ${alarm.resource.name} goes off ${conditionInWords(condition)} of its expression, which is between ${plain(span.min)} and ${plain(span.max)} here (${bounds})`;
  const numbers = { observed: condition.threshold, allowed: span };
  const fix = `Set \`threshold\` between ${plain(span.min)} and ${plain(span.max)}`;
  if (!all.some(goesOff)) {
    findings.violation(
      alarmFinding(alarm, `${what}: it can never go off, and is quiet on the day it is for.`, fix, numbers),
    );
  } else if (calm.every(goesOff)) {
    findings.violation(
      alarmFinding(alarm, `${what}: it is always on, and is muted before the day it is for.`, fix, numbers),
    );
  }
}

const isFixed = (calm: Bound, most: Bound): boolean =>
  calm === most || knownValue(calm.value) === knownValue(most.value);

function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } {
  const numbers = values.filter(Number.isFinite);
  return { min: Math.min(0, ...numbers), max: Math.max(0, ...numbers) };
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
