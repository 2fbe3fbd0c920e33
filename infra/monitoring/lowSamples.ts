import type { Metric } from "./alarmSpec";

/**
 * Whether a percentile of too few samples (fewer than 10 ÷ (1 − percentile) in the window) is evaluated all the same. Where
 * each request is a sample, a percentile of a handful of them says nothing. RDS sends one sample a minute: ignoring those
 * would silence the alarm for good.
 *
 * Source: CloudWatch User Guide, "Percentile-based alarms and low data samples".
 */
export function lowSamplePercentiles({ namespace }: Metric): "evaluate" | "ignore" {
  return namespace === "AWS/RDS" ? "evaluate" : "ignore";
}
