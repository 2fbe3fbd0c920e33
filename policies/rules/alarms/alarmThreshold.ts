import { vcpusOf } from "../../budget/reach";
import { breaches, isComparison, isUpward } from "../../model/cloudwatch/alarm";
import { type MathExpression, parseMetricMath } from "../../model/cloudwatch/metricMath";
import type { MetricAlarmReading } from "../../plan/alarms/alarmReading";
import { knownValue, type Reading } from "../../plan/reading";
import { plain } from "../format";
import { type RuleContext, rule } from "../rule";
import {
  type Bound,
  type Condition,
  cannotDecide,
  conditionInWords,
  type MetricRange,
  rangesOf,
} from "./metricRange";
import { metricInWords, type RelevantAlarm, type RelevantMetric, relevantAlarms } from "./relevantAlarms";

/**
 * A threshold lies between what its metric is on any day and what it can be at most: below, the alarm is always on and
 * soon muted; above, it can never go off. For connections that is between what the pools hold with the tasks that
 * autoscaling keeps, and the usable connections, at which clients are refused.
 *
 * Metric math is computed at the ends of its metrics' ranges. An expression that cannot be computed at one point in
 * time, or that has a metric nothing bounds, is not judged: nothing in a plan says what its numbers are.
 */
export const alarmThreshold = rule({
  id: "alarm-threshold",
  title: "Thresholds that can be reached and are not always breached",
  severity: "high",
  level: "mandatory",
  description:
    "The threshold of an alarm on connections lies above what the pools hold in normal operation and within the usable connections; no alarm on a database, a proxy or a pool has one that can never be reached or is always breached.",
  remediationSteps:
    "Set `threshold` within the range that the message names; derive it from the budget, so that it follows the pools and the limit.",
  check(context) {
    for (const alarm of relevantAlarms(context)) checkAlarm(alarm, context);
  },
});

function checkAlarm(judged: RelevantAlarm, context: RuleContext): void {
  const { alarm, metrics, expressions } = judged;
  if (alarm.signal.state !== "known" || alarm.thresholdMetricId.state !== "unset") return;
  if (isLeftToShape(alarm.comparison) || isLeftToShape(alarm.threshold)) return;
  const comparison = knownValue(alarm.comparison);
  if (comparison !== undefined && !isComparison(comparison)) return;
  const threshold = knownValue(alarm.threshold);
  if (comparison === undefined || threshold === undefined) {
    for (const reading of [alarm.comparison, alarm.threshold]) {
      context.cannotDecide(alarm.resource.urn, reading);
    }
    return;
  }
  const condition: Condition = { comparison, threshold };
  const returned = metrics.find(({ isReturned }) => isReturned);
  if (returned) {
    for (const range of rangesOf(returned)) checkRange(judged, returned, range, condition, context);
    checkLoad(judged, returned, condition, context);
    return;
  }
  const expression = expressions.find(({ isReturned }) => isReturned);
  if (expression) checkMath(judged, knownValue(expression.text) ?? "", condition, context);
}

/** What is missing or mistyped is said by `alarm-shape`. */
const isLeftToShape = ({ state }: Reading<unknown>): boolean => state === "unset" || state === "malformed";

function checkRange(
  judged: RelevantAlarm,
  metric: RelevantMetric,
  range: MetricRange,
  condition: Condition,
  context: RuleContext,
): void {
  const { alarm } = judged;
  const goesOff = (value: number): boolean => breaches(value, condition.comparison, condition.threshold);
  const { least, calm, most, unit } = range;
  const [calmly, mostly] = [knownValue(calm.value), knownValue(most.value)];
  const what = `Alarm ${alarm.resource.name} fires ${conditionInWords(condition)}${unit === "" ? "" : ` ${unit}`} of ${metricInWords(metric)}`;
  const numbers = {
    observed: condition.threshold,
    allowed: { min: finite(calmly), max: finite(mostly) },
    unit: unit === "" ? null : unit,
  };
  if (mostly !== undefined && !goesOff(least) && !goesOff(mostly)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what}, and ${isUpward(condition.comparison) ? most.describe(mostly) : `it is never below ${plain(least)}`}: it can never fire, and stays silent in the incident it is meant for.`,
      fix: `Set \`threshold\` ${within(calm, most)}`,
      ...numbers,
    });
    return;
  }
  if (calmly !== undefined && goesOff(calmly) && (mostly === undefined || goesOff(mostly))) {
    const isBusy = calmly > least;
    context.violation({
      resource: alarm.resource.urn,
      text: `${what}, and ${calm.describe(calmly)}: it ${isBusy ? "fires in normal operation" : "is always in ALARM"}, and will be muted before it matters.`,
      fix: `Set \`threshold\` ${within(calm, most)}`,
      ...numbers,
    });
    return;
  }
  // An alarm on what falls short is never bounded by the most there can be.
  if (isUpward(condition.comparison)) for (const bound of [calm, most]) cannotDecide(alarm, bound, context);
}

const finite = (value = Number.POSITIVE_INFINITY): number | null => (Number.isFinite(value) ? value : null);

function within(calm: Bound, most: Bound): string {
  const low = knownValue(calm.value) ?? Number.NEGATIVE_INFINITY;
  const high = knownValue(most.value) ?? Number.POSITIVE_INFINITY;
  if (low >= high)
    return `once the pools fit the limit: no value lies between ${plain(low)} and ${plain(high)}`;
  const sides = [
    ["above", low],
    ["below", high],
  ] as const;
  return sides
    .filter(([, value]) => Number.isFinite(value))
    .map(([side, value]) => `${side} ${plain(value)}`)
    .join(" and ");
}

/** DBLoad is the number of sessions at work: far above the processors, the database has stood still for long. */
function checkLoad(
  { alarm }: RelevantAlarm,
  metric: RelevantMetric,
  { comparison, threshold }: Condition,
  context: RuleContext,
): void {
  const { aws, subject } = metric;
  if (aws === undefined || !aws.name.startsWith("DBLoad") || subject.kind !== "database") return;
  const vcpus = vcpusOf(subject.on.database);
  if (vcpus === undefined || !isUpward(comparison)) return;
  const { busyPerVcpu } = context.settings;
  const most = aws.name === "DBLoadRelativeToNumVCPUs" ? busyPerVcpu : vcpus * busyPerVcpu;
  if (threshold <= most) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `Alarm ${alarm.resource.name} fires ${conditionInWords({ comparison, threshold })} of ${aws.name}, and ${subject.on.database.resource.name} has ${plain(vcpus)} vCPU: with more than ${plain(busyPerVcpu)} active sessions for each, sessions queue for CPU long before it fires.`,
    fix: `Set \`threshold\` to ${plain(aws.name === "DBLoadRelativeToNumVCPUs" ? 1 : vcpus)}, as AWS recommends, and to ${plain(most)} at most`,
    observed: threshold,
    allowed: { min: null, max: most },
    unit: "sessions",
  });
}

/** More are not computed: every combination of the ends of its metrics' ranges would be too many. */
const MAX_METRICS = 6;

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
  judged: RelevantAlarm,
  text: string,
  condition: Condition,
  context: RuleContext,
): void {
  const { alarm, metrics } = judged;
  const parsed = parseMetricMath(text);
  if ("problem" in parsed || parsed.ids.length === 0 || parsed.ids.length > MAX_METRICS) return;
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
    else all.push({ id, least, calm, most, bound: range.most.describe(most) });
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
  const what = `Alarm ${alarm.resource.name} fires ${conditionInWords(condition)} of its expression, which is ${between} here (${bounds})`;
  const numbers = { observed: condition.threshold, allowed: span };
  const fix = `Set \`threshold\` ${between}`;
  if (!ever.some(goesOff)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what}: it can never fire, and stays silent in the incident it is meant for.`,
      fix: fix,
      ...numbers,
    });
  } else if (calmly.every(goesOff)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what}: it is always in ALARM, and will be muted before it matters.`,
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
