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
} as const;

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

export const isComparison = (text: string): text is Comparison =>
  (COMPARISONS as readonly string[]).includes(text);

/** Whether a value breaches. What has no value breaches nothing. */
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

const STATISTICS = new Set(["Average", "Maximum", "Minimum", "Sum", "SampleCount"]);

/** Percentiles and their kin: `p99`, `p99.9`, `tm90`, `TM(5%:95%)`, `IQM`, `PR(:300)` (CloudWatch User Guide, "Statistics definitions"). */
const EXTENDED =
  /^(?:(?:p|tm|wm|tc|ts)(?:\d{1,2}(?:\.\d{1,10})?|100)|iqm|(?:tm|wm|pr|tc|ts)\([^()]{1,40}\))$/i;

export const isStatistic = (text: string): boolean => STATISTICS.has(text) || EXTENDED.test(text);

/** 10, 20, 30 or a multiple of 60, in seconds. */
export const isPeriod = (seconds: number): boolean =>
  [10, 20, 30].includes(seconds) || (Number.isSafeInteger(seconds) && seconds > 0 && seconds % 60 === 0);

/** The longest that period × evaluation periods may be, in seconds. */
export const longestWindow = (periodSeconds: number): number =>
  periodSeconds < 3600 ? ALARM_LIMITS.windowSeconds : ALARM_LIMITS.longWindowSeconds;
