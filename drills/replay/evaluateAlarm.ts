import {
  type AlarmSettings,
  type AlarmState,
  COMPARISONS,
  type Comparison,
  MISSING_DATA_TREATMENTS,
} from "./alarm";

/**
 * One evaluation of a metric alarm, with CloudWatch's documented semantics.
 *
 * `datapoints` is the evaluation range: oldest first, `null` where no datapoint was reported; 0 is a datapoint like any
 * other. It may hold more than N = `evaluationPeriods` periods, as CloudWatch retrieves more than N:
 * 1. With N or more real datapoints in the range, the newest N of them decide, from however far back in the range,
 *    and how missing data is treated plays no part: ALARM when at least M = `datapointsToAlarm` breach, else OK.
 * 2. With fewer, all of them count, and as many missing ones as are wanting are filled in. `breaching` and
 *    `notBreaching` fill with what they say.
 * 3. `missing` and `ignore` fill with nothing. As soon as M real datapoints breach it is ALARM, and where one does
 *    not breach it is OK. Where all real datapoints breach but fewer than M, the oldest decides: as old as M periods
 *    or older, `missing` goes to ALARM (the "premature alarm state", since what came later was breaching or missing)
 *    and `ignore` keeps the state; younger, `missing` has too little data and `ignore` keeps the state.
 * 4. With no real datapoint at all, `missing` is INSUFFICIENT_DATA and `ignore` keeps the state.
 *
 * Where AWS is silent:
 * - How wide the range is. It "depends on the length of the alarm period and whether it is based on a metric with
 *   standard or high resolution"; both published tables use 5 for N = 3. Here it is as wide as the array given, which
 *   is read as filled up with missing data where it is shorter than N. The replay runs several widths.
 * - What `missing` makes of only breaching datapoints that are too few and too young (`- - - - X` for 3 of 3). The
 *   guide says no more than that it does not go into ALARM at once; the tables of its earlier editions have such a row,
 *   and it says INSUFFICIENT_DATA.
 *
 * Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data" (alarms-and-missing-data),
 * both tables and "Avoiding premature transitions to alarm state".
 * @param previousState What `ignore` keeps.
 * @throws RangeError when N or M is not a whole number of 1 or more, M exceeds N, the threshold is not a number, or a word is
 * not CloudWatch's.
 */
export function evaluateAlarm(
  alarm: AlarmSettings,
  datapoints: readonly (number | null)[],
  previousState: AlarmState,
): AlarmState {
  const window = windowOf(alarm);
  let real = 0;
  let breaching = 0;
  let oldestBreach = 0;
  for (let age = 1; age <= datapoints.length && real < window.n; age++) {
    const value = datapoints[datapoints.length - age];
    // NaN is nothing that CloudWatch stores: a gap in a trace that was written by arithmetic.
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    real++;
    if (!breaches(alarm.comparison, value, alarm.threshold)) continue;
    breaching++;
    oldestBreach = age;
  }
  return decide(
    window,
    alarm.treatMissingData ?? "missing",
    { real, breaching, oldestBreach },
    previousState,
  );
}

/** M of N. */
export interface Window {
  readonly n: number;
  readonly m: number;
}

/** What was counted from the newest datapoint back, until N real ones were found or the range ended. */
export interface Count {
  readonly real: number;
  readonly breaching: number;
  /** Periods back of the oldest breaching datapoint, the newest period being 1; 0 when none breaches. */
  readonly oldestBreach: number;
}

/** The state that follows from the counted datapoints. */
export function decide(
  { n, m }: Window,
  treatMissingData: NonNullable<AlarmSettings["treatMissingData"]>,
  { real, breaching, oldestBreach }: Count,
  previousState: AlarmState,
): AlarmState {
  // Real datapoints settle it whatever is filled in: enough of them, or M that breach.
  if (real >= n || breaching >= m) return breaching >= m ? "ALARM" : "OK";
  if (treatMissingData === "breaching") return breaching + (n - real) >= m ? "ALARM" : "OK";
  if (treatMissingData === "notBreaching" || breaching < real) return "OK";
  if (treatMissingData === "ignore") return previousState;
  return breaching > 0 && oldestBreach >= m ? "ALARM" : "INSUFFICIENT_DATA";
}

/** @throws RangeError naming the alarm when its window is none. */
export function windowOf(alarm: AlarmSettings): Window {
  const n = alarm.evaluationPeriods;
  const m = alarm.datapointsToAlarm ?? n;
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new RangeError(`alarm ${alarm.id}: evaluationPeriods is ${n}, not a whole number of 1 or more`);
  }
  if (!Number.isSafeInteger(m) || m < 1 || m > n) {
    throw new RangeError(`alarm ${alarm.id}: datapointsToAlarm is ${m}, not a whole number from 1 to ${n}`);
  }
  if (typeof alarm.threshold !== "number" || Number.isNaN(alarm.threshold))
    throw new RangeError(`alarm ${alarm.id}: its threshold is not a number`);
  if (!COMPARISONS.includes(alarm.comparison)) {
    throw new RangeError(
      `alarm ${alarm.id}: comparison is ${alarm.comparison}, not one of ${COMPARISONS.join(", ")}`,
    );
  }
  const treatment = alarm.treatMissingData ?? "missing";
  if (!MISSING_DATA_TREATMENTS.includes(treatment)) {
    throw new RangeError(
      `alarm ${alarm.id}: treatMissingData is ${treatment}, not one of ${MISSING_DATA_TREATMENTS.join(", ")}`,
    );
  }
  return { n, m };
}

/** Whether a datapoint violates the threshold. */
export function breaches(comparison: Comparison, value: number, threshold: number): boolean {
  switch (comparison) {
    case "GreaterThanThreshold":
      return value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
  }
}
