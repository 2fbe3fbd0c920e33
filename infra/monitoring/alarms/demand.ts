import type { MetricAlarmSpec } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { loadBalancer } from "../signals";
import { declaredLoad } from "../thresholds/symptoms";
import { ACQUITS } from "../windows";
import { capacity } from "./metricAlarm";

/** Whether the demand is still what was declared: every bound follows from it. */
export function demandAlarms(input: AlarmInput): readonly MetricAlarmSpec[] {
  return [
    capacity({
      id: "load-above-declared",
      intent: "More requests arrive than the pools were sized for: what was proved of them no longer holds.",
      on: loadBalancer.requests,
      window: ACQUITS,
      comparison: "GreaterThanThreshold",
      threshold: declaredLoad(input),
      missingData: { treatAs: "ignore", reason: "no request was reported: the state stays until one is" },
    }),
  ];
}
