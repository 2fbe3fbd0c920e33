import { capacityOf } from "../../../infra/capacity";
import { parseStackConfig } from "../../../infra/config/parseStackConfig";
import type {
  AlarmInput,
  AlarmSpec,
  CompositeAlarmSpec,
  MetricAlarmSpec,
} from "../../../infra/monitoring/alarmSpec";
import { alarmSpecs } from "../../../infra/monitoring/alarms";
import { stackConfig } from "../plannedProgram";

export type Change = { readonly [key: string]: string };

export const PROXY: Change = { "auth:connection": "proxy" };

/** The settings of a stack in the repository, some of them changed, with what follows from them. */
export function alarmInput(stack: string, change: Change = {}): AlarmInput {
  const result = parseStackConfig({ ...stackConfig(stack), ...change }, stack);
  if (!result.ok) throw new Error(`${stack} cannot be read`);
  return { ...result.config, capacity: capacityOf(result.config) };
}

export function alarmsOf(stack: string, change?: Change): readonly AlarmSpec[] {
  return alarmSpecs(alarmInput(stack, change));
}

export function metricAlarms(stack: string, change?: Change): readonly MetricAlarmSpec[] {
  return alarmsOf(stack, change).filter((spec) => spec.kind === "metric");
}

export function composites(stack: string, change?: Change): readonly CompositeAlarmSpec[] {
  return alarmsOf(stack, change).filter((spec) => spec.kind === "composite");
}

/** The metric alarm of that id. */
export function metricAlarm(id: string, stack = "prod", change?: Change): MetricAlarmSpec {
  const spec = metricAlarms(stack, change).find((each) => each.id === id);
  if (spec === undefined) throw new Error(`${stack} has no metric alarm ${id}`);
  return spec;
}

export function threshold(id: string, stack: string, change?: Change): number {
  return metricAlarm(id, stack, change).threshold.value;
}
