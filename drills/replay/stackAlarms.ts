import { capacityOf } from "../../infra/capacity";
import type { StackConfig } from "../../infra/config/stackConfig";
import { alarmSpecs } from "../../infra/monitoring/alarms";
import type { Alarm } from "./alarm";
import { fromSpec } from "./fromSpec";

/** The alarms that a stack with these settings deploys. */
export function stackAlarms(stack: string, settings: StackConfig): readonly Alarm[] {
  return alarmSpecs({ ...settings, capacity: capacityOf(settings) }).map((spec) => fromSpec(spec, stack));
}
