import { breaches, type Comparison, isComparison, isUpward } from "../model/alarmLimits";
import { type MathExpression, parseMetricMath } from "../model/metricMath";
import type { MetricAlarmReading } from "../plan/alarmReading";
import { knownValue, type Reading } from "../plan/reading";
import { alarmFinding } from "./alarms/alarmFinding";
import { type JudgedAlarm, type JudgedMetric, judgedAlarms, metricInWords } from "./alarms/judgedAlarms";
import { type Bound, type MetricRange, rangesOf } from "./alarms/metricRange";
import { vcpusOf } from "./databaseSaturation";
import { FindingsBuilder, type Rule, type RuleContext, runbook } from "./rule";
import { count, plain } from "./words";

/**
 * A threshold lies between what its metric is on any day and what it can be at most: below, the alarm is always on and
 * soon muted; above, it can never go off. For connections that is between what the pools hold with the tasks that
 * autoscaling keeps, and the usable connections, at which clients are refused.
 *
 * Metric math is computed at the ends of its metrics' ranges. An expression that cannot be computed at one point in
 * time, or that has a metric nothing bounds, is not judged: nothing in a plan says what its numbers are.
 */
export const alarmThreshold: Rule = {
  id: "alarm-threshold",
  title: "Thresholds that can be reached, and are not always",
  severity: "high",
  level: "mandatory",
  description:
    "The threshold of an alarm on connections lies above what the pools hold on any day and within the usable connections; no alarm on a database, a proxy or a pool has one that can never be reached or always is.",
  remediationSteps:
    "Set `threshold` within the range that the message names; derive it from the budget, so that it follows the pools and the limit.",
  docs: runbook("alarm-threshold"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const alarm of judgedAlarms(context)) judge(alarm, context, findings);
    return findings;
  },
};

interface Condition {
  readonly comparison: Comparison;
  readonly threshold: number;
}

function judge(judged: JudgedAlarm, context: RuleContext, findings: FindingsBuilder): void {
  const { alarm, metrics, expressions } = judged;
  const comparison = knownValue(alarm.comparison);
  const { urn } = alarm.resource;
  if (alarm.signal.state !== "known" || alarm.thresholdMetricId.state !== "unset") return;
  // What is missing or mistyped is said by `alarm-shape`.
  if (alarm.threshold.state === "unset" || alarm.threshold.state === "malformed") return;
  if (comparison !== undefined && !isComparison(comparison)) return;
  if (comparison === undefined || alarm.threshold.state !== "known") {
    findings.cannotDecide(urn, comparison === undefined ? unlessUnset(alarm.comparison) : alarm.threshold);
    return;
  }
  const condition: Condition = { comparison, threshold: alarm.threshold.value };
  const returned = metrics.find(({ isReturned }) => isReturned);
  if (returned) {
    for (const range of rangesOf(returned)) judgeRange(judged, returned, range, condition, findings);
    judgeLoad(judged, returned, condition, context, findings);
    return;
  }
  const [expression] = expressions.filter(({ isReturned }) => isReturned);
  if (expression) judgeMath(judged, knownValue(expression.text) ?? "", condition, findings);
}

const unlessUnset = (reading: Reading<string>): Reading<string> =>
  reading.state === "unset" ? { state: "known", value: "" } : reading;

/** "above 350", "from 350 up", "below 1": when the alarm goes off. */
function inWords({ comparison, threshold }: Condition): string {
  switch (comparison) {
    case "GreaterThanThreshold":
      return `above ${plain(threshold)}`;
    case "GreaterThanOrEqualToThreshold":
      return `from ${plain(threshold)} up`;
    case "LessThanThreshold":
      return `below ${plain(threshold)}`;
    default:
      return `at ${plain(threshold)} or below`;
  }
}

function judgeRange(
  judged: JudgedAlarm,
  metric: JudgedMetric,
  range: MetricRange,
  condition: Condition,
  findings: FindingsBuilder,
): void {
  const { alarm } = judged;
  const goesOff = (value: number): boolean => breaches(value, condition.comparison, condition.threshold);
  const { least, calm, most, unit } = range;
  const [calmly, mostly] = [knownValue(calm.value), knownValue(most.value)];
  const what = `Alarm ${alarm.resource.name} goes off ${inWords(condition)}${unit === "" ? "" : ` ${unit}`} of ${metricInWords(metric)}`;
  const numbers = {
    observed: condition.threshold,
    allowed: { min: finite(calmly), max: finite(mostly) },
    unit: unit === "" ? null : unit,
  };
  if (mostly !== undefined && !goesOff(least) && !goesOff(mostly)) {
    findings.violation(
      alarmFinding(
        alarm,
        `${what}, and ${isUpward(condition.comparison) ? most.inWords(mostly) : `it is never below ${plain(least)}`}: it can never go off, and is quiet on the day it is for.`,
        `Set \`threshold\` ${within(calm, most)}`,
        numbers,
      ),
    );
    return;
  }
  if (calmly !== undefined && goesOff(calmly) && (mostly === undefined || goesOff(mostly))) {
    const isBusy = calmly > least;
    findings.violation(
      alarmFinding(
        alarm,
        `${what}, and ${calm.inWords(calmly)}: it ${isBusy ? "goes off on a day like any other" : "is always on"}, and is muted before the day it is for.`,
        `Set \`threshold\` ${within(calm, most)}`,
        numbers,
      ),
    );
    return;
  }
  // An alarm on what falls short is never bounded by the most there can be.
  if (isUpward(condition.comparison)) for (const bound of [calm, most]) cannotDecide(alarm, bound, findings);
}

/** What hides a bound is noted where it is hidden; a pool that is none at all is left to the rule that sizes it. */
function cannotDecide(
  { resource }: MetricAlarmReading,
  { value, owner }: Bound,
  findings: FindingsBuilder,
): void {
  const isMistyped = value.state === "unset" || value.state === "malformed";
  findings.cannotDecide(owner ?? resource.urn, value, isMistyped ? "pool-floor" : undefined);
}

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value;

function within(calm: Bound, most: Bound): string {
  const [low, high] = [finite(knownValue(calm.value)), finite(knownValue(most.value))];
  if (high === null) return low === null ? "within what the metric can be" : `above ${plain(low)}`;
  if (low !== null && low >= high)
    return `once the pools fit the limit: there is nothing between ${plain(low)} and ${plain(high)}`;
  return low === null ? `below ${plain(high)}` : `above ${plain(low)} and below ${plain(high)}`;
}

/** DBLoad is the number of sessions at work: far above the processors, the database has stood still for long. */
function judgeLoad(
  { alarm }: JudgedAlarm,
  metric: JudgedMetric,
  { comparison, threshold }: Condition,
  { settings }: RuleContext,
  findings: FindingsBuilder,
): void {
  const { aws, subject } = metric;
  if (aws === undefined || !aws.name.startsWith("DBLoad") || subject.kind !== "database") return;
  const vcpus = vcpusOf(subject.on.database);
  if (vcpus === undefined || !isUpward(comparison)) return;
  const { busyPerVcpu } = settings;
  const most = aws.name === "DBLoadRelativeToNumVCPUs" ? busyPerVcpu : vcpus * busyPerVcpu;
  if (threshold <= most) return;
  findings.violation(
    alarmFinding(
      alarm,
      `Alarm ${alarm.resource.name} goes off ${inWords({ comparison, threshold })} of ${aws.name}, and ${subject.on.database.resource.name} has ${count(vcpus, "vCPU").replace(/s$/, "")}: with more than ${plain(busyPerVcpu)} sessions at work for each, all of them wait for one another long before it goes off.`,
      `Set \`threshold\` to ${plain(aws.name === "DBLoadRelativeToNumVCPUs" ? 1 : vcpus)}, as AWS recommends, and to ${plain(most)} at most`,
      { observed: threshold, allowed: { min: null, max: most }, unit: "sessions" },
    ),
  );
}

/** Values at which an expression is computed: every combination of the ends of its metrics' ranges. */
const MOST_METRICS = 6;

function judgeMath(judged: JudgedAlarm, text: string, condition: Condition, findings: FindingsBuilder): void {
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
  const what = `Alarm ${alarm.resource.name} goes off ${inWords(condition)} of its expression, which is between ${plain(span.min)} and ${plain(span.max)} here (${bounds})`;
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
