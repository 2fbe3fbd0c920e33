/**
 * Alarms in CloudWatch's own words, the bounds that it puts on them, and how it evaluates one: the one definition that
 * the rules, the deployed alarms and the replay share.
 */

export const ALARM_STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

export const COMPARISONS = [
  "GreaterThanThreshold",
  "GreaterThanOrEqualToThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Comparisons with the band of an anomaly detection model, which has no number to judge. */
export const BAND_COMPARISONS = [
  "LessThanLowerOrGreaterThanUpperThreshold",
  "LessThanLowerThreshold",
  "GreaterThanUpperThreshold",
] as const;

export const MISSING_DATA_TREATMENTS = ["breaching", "notBreaching", "ignore", "missing"] as const;
export type MissingDataTreatment = (typeof MISSING_DATA_TREATMENTS)[number];

const STATISTICS = ["Average", "Maximum", "Minimum", "Sum", "SampleCount"] as const;
export type Statistic = (typeof STATISTICS)[number] | `p${number}`;

/** What of an alarm cannot be evaluated: its window, its metric math, its rule. The message leaves out which alarm. */
export class InvalidAlarmError extends Error {
  override readonly name = "InvalidAlarmError";
}

/**
 * CloudWatch's own bounds on an alarm (CloudWatch API Reference, `PutMetricAlarm`, `PutCompositeAlarm`,
 * `MetricDataQuery`; CloudWatch User Guide, "Service quotas").
 */
export const ALARM_LIMITS = {
  nameCharacters: 255,
  descriptionCharacters: 1024,
  actionsPerState: 5,
  dimensions: 30,
  queries: 20,
  metricsInMath: 10,
  expressionCharacters: 2048,
  /** Longest window with periods under an hour, in seconds: a day. */
  windowSeconds: 86_400,
  /** The same with periods from an hour up: a week. */
  longWindowSeconds: 604_800,
  ruleCharacters: 10_240,
  childrenOfComposite: 100,
  /** Composites that may read one alarm. */
  compositesPerChild: 150,
} as const;

export const isComparison = (text: string): text is Comparison =>
  (COMPARISONS as readonly string[]).includes(text);

/** Whether a value breaches the threshold. What has no value (NaN) breaches nothing. */
export function breaches(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case "GreaterThanThreshold":
      return value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "LessThanThreshold":
      return value < threshold;
    default:
      return value <= threshold;
  }
}

export const isUpward = (comparison: string | undefined): boolean =>
  comparison?.startsWith("GreaterThan") === true;

/** Percentiles and their kin: `p99`, `p99.9`, `tm90`, `TM(5%:95%)`, `IQM`, `PR(:300)` (CloudWatch User Guide, "Statistics definitions"). */
const EXTENDED =
  /^(?:(?:p|tm|wm|tc|ts)(?:\d{1,2}(?:\.\d{1,10})?|100)|iqm|(?:tm|wm|pr|tc|ts)\([^()]{1,40}\))$/i;

export const isStatistic = (text: string): boolean =>
  (STATISTICS as readonly string[]).includes(text) || EXTENDED.test(text);

/** 10, 20, 30 or a multiple of 60, in seconds. */
export const isPeriod = (seconds: number): boolean =>
  [10, 20, 30].includes(seconds) || (Number.isSafeInteger(seconds) && seconds > 0 && seconds % 60 === 0);

/** The longest that period × evaluation periods may be, in seconds. */
export const longestWindow = (periodSeconds: number): number =>
  periodSeconds < 3600 ? ALARM_LIMITS.windowSeconds : ALARM_LIMITS.longWindowSeconds;

/** All that one evaluation of a metric alarm needs to know of it. */
export interface AlarmCondition {
  /** The window: N periods … */
  readonly evaluationPeriods: number;
  /** … of which M have to breach. @default N */
  readonly datapointsToAlarm?: number | undefined;
  readonly comparison: Comparison;
  readonly threshold: number;
  /** @default "missing" */
  readonly treatMissingData?: MissingDataTreatment | undefined;
}

/** M of N. */
export interface EvaluationWindow {
  readonly n: number;
  readonly m: number;
}

/** @throws InvalidAlarmError for a window that is none, and for what CloudWatch would refuse in the condition. */
export function windowOf(condition: AlarmCondition): EvaluationWindow {
  const { evaluationPeriods: n, threshold, comparison } = condition;
  const m = condition.datapointsToAlarm ?? n;
  const treatment = condition.treatMissingData ?? "missing";
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new InvalidAlarmError(`evaluationPeriods is ${n}, not a whole number of 1 or more`);
  }
  if (!Number.isSafeInteger(m) || m < 1 || m > n) {
    throw new InvalidAlarmError(`datapointsToAlarm is ${m}, not a whole number from 1 to ${n}`);
  }
  if (typeof threshold !== "number" || Number.isNaN(threshold)) {
    throw new InvalidAlarmError("its threshold is not a number");
  }
  if (!COMPARISONS.includes(comparison)) {
    throw new InvalidAlarmError(`comparison is ${comparison}, not one of ${COMPARISONS.join(", ")}`);
  }
  if (!MISSING_DATA_TREATMENTS.includes(treatment)) {
    throw new InvalidAlarmError(
      `treatMissingData is ${treatment}, not one of ${MISSING_DATA_TREATMENTS.join(", ")}`,
    );
  }
  return { n, m };
}

/** The datapoints that an evaluation retrieves: the evaluation range. */
export interface EvaluationRange {
  /** Periods that are there. May be more than N, since CloudWatch retrieves more than N; fewer where the metric is young. */
  readonly periods: number;
  /** The datapoint by age, 0 being the newest; NaN where none was reported. 0 is a datapoint like any other. */
  readonly valueAt: (age: number) => number;
}

/**
 * One evaluation of a metric alarm, with CloudWatch's documented semantics:
 * 1. With N or more real datapoints in the range, the newest N of them decide, from however far back in the range,
 *    and how missing data is treated plays no part: ALARM when at least M breach, else OK.
 * 2. With fewer, all of them count, and missing ones are filled in up to N. `breaching` and `notBreaching` fill with
 *    what they say.
 * 3. `missing` and `ignore` fill with nothing. As soon as M real datapoints breach it is ALARM, and where one does
 *    not breach it is OK. Where all real datapoints breach but fewer than M, the oldest decides: as old as M periods
 *    or older, `missing` goes to ALARM (the "premature alarm state", since what came later was breaching or missing)
 *    and `ignore` keeps the state; younger, `missing` has too little data and `ignore` keeps the state.
 * 4. With no real datapoint at all, `missing` is INSUFFICIENT_DATA and `ignore` keeps the state.
 *
 * Where AWS is silent:
 * - How wide the range is. It "depends on the length of the alarm period and whether it is based on a metric with
 *   standard or high resolution"; both published tables use 5 for N = 3. Here the caller says.
 * - What `missing` makes of only breaching datapoints that are too few and too young (`- - - - X` for 3 of 3). The
 *   guide says no more than that it does not go into ALARM at once; the tables of its earlier editions have such a row,
 *   and it says INSUFFICIENT_DATA.
 *
 * What lies before a range shorter than N is not missing but unknown: a state that follows whatever it was is certain,
 * and without one the alarm keeps its state.
 *
 * Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data" (alarms-and-missing-data),
 * both tables and "Avoiding premature transitions to alarm state".
 * @throws InvalidAlarmError as `windowOf`.
 */
export function evaluateAlarm(
  condition: AlarmCondition,
  range: EvaluationRange,
  previousState: AlarmState,
): AlarmState {
  const window = windowOf(condition);
  const treatment = condition.treatMissingData ?? "missing";
  const count = countDatapoints(condition, window.n, range);
  const stateFor = (of: DatapointCount) => decide(window, treatment, of, previousState);
  const unknown = window.n - range.periods;
  if (unknown <= 0 || count.real >= window.n) return stateFor(count);
  const best = { ...count, real: count.real + unknown };
  const worst = { ...best, breaching: count.breaching + unknown, oldestBreach: window.n };
  const state = stateFor(worst);
  return state === stateFor(best) ? state : previousState;
}

/** What was counted from the newest datapoint back, until N real ones were found or the range ended. */
interface DatapointCount {
  readonly real: number;
  readonly breaching: number;
  /** Periods back of the oldest breaching datapoint, the newest period being 1; 0 when none breaches. */
  readonly oldestBreach: number;
}

function countDatapoints(
  { comparison, threshold }: AlarmCondition,
  n: number,
  { periods, valueAt }: EvaluationRange,
): DatapointCount {
  let [real, breaching, oldestBreach] = [0, 0, 0];
  for (let age = 0; age < periods && real < n; age++) {
    const value = valueAt(age);
    if (Number.isNaN(value)) continue;
    real++;
    if (!breaches(value, comparison, threshold)) continue;
    breaching++;
    oldestBreach = age + 1;
  }
  return { real, breaching, oldestBreach };
}

function decide(
  { n, m }: EvaluationWindow,
  treatment: MissingDataTreatment,
  { real, breaching, oldestBreach }: DatapointCount,
  previousState: AlarmState,
): AlarmState {
  // Real datapoints settle it whatever is filled in: enough of them, or M that breach.
  if (real >= n || breaching >= m) return breaching >= m ? "ALARM" : "OK";
  if (treatment === "breaching") return breaching + (n - real) >= m ? "ALARM" : "OK";
  if (treatment === "notBreaching" || breaching < real) return "OK";
  if (treatment === "ignore") return previousState;
  return breaching > 0 && oldestBreach >= m ? "ALARM" : "INSUFFICIENT_DATA";
}
