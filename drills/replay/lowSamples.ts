import type { MetricAlarm } from "./alarm";
import { at, type Datapoints } from "./datapoints";

/**
 * Whether a percentile alarm is evaluated in a period at all. One that ignores low samples is not while its window holds
 * fewer than 10 ÷ (1 − percentile) samples, and keeps its state. Always, where the trace does not say how many there were.
 * Source: CloudWatch User Guide, "Percentile-based alarms and low data samples".
 */
export function enoughSamples(alarm: MetricAlarm, datapoints: Datapoints): (period: number) => boolean {
  const { signal } = alarm;
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(alarm.statistic)?.[1];
  const always = () => true;
  if (alarm.ignoreLowSamples !== true || percentile === undefined || signal.kind !== "metric") return always;
  const counts = datapoints.ofIfKnown(
    { ...signal.metric, statistic: "SampleCount" },
    alarm.periodSeconds * alarm.evaluationPeriods,
  );
  if (counts === undefined) return always;
  const share = Number(percentile) / 100;
  const fewest = 10 / Math.max(Math.min(share, 1 - share), Number.EPSILON);
  // Nothing reported at all is missing data, which has a treatment of its own.
  return (period) => !(at(counts, period) < fewest);
}
