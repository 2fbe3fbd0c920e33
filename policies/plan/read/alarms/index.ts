import type { AlarmReading } from "../../alarmReading";
import type { PlanIndex } from "../../planIndex";
import { resourceTypes } from "../../resourceTypes";
import { readCompositeAlarm } from "./compositeAlarm";
import { readMetricAlarm } from "./metricAlarm";

/** Every CloudWatch alarm of a plan, whatever it watches. */
export function readAlarms(index: PlanIndex): readonly AlarmReading[] {
  return [
    ...index.ofType(resourceTypes.metricAlarm).map((alarm) => readMetricAlarm(alarm, index)),
    ...index.ofType(resourceTypes.compositeAlarm).map((alarm) => readCompositeAlarm(alarm, index)),
  ];
}
