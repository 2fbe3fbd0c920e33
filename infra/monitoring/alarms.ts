import { alarmsRead, orderOfReading } from "../../policies/model/cloudwatch/compositeRule";
import type { AlarmInput, AlarmSpec } from "./alarmSpec";
import { capacityAlarms } from "./alarms/capacity";
import { causeAlarms } from "./alarms/causes";
import { databaseSignals, proxyAlarms } from "./alarms/database";
import { poolSignals } from "./alarms/pool";
import { symptomAlarms, symptomSignals } from "./alarms/symptoms";

/**
 * The alarms of a stack, their thresholds derived from its own settings: what acts first, causes before symptoms,
 * then what it reads, then what runs out slowly.
 */
export function alarmSpecs(input: AlarmInput): readonly AlarmSpec[] {
  const causes = causeAlarms(input);
  return [
    ...causes,
    ...symptomAlarms(causes),
    ...poolSignals(input),
    ...databaseSignals(input),
    ...symptomSignals(input),
    ...proxyAlarms(input),
    ...capacityAlarms(input),
  ];
}

/** Ids of the alarms that have to exist before this one can. */
export function alarmsNamed(spec: AlarmSpec): readonly string[] {
  if (spec.kind === "metric") return [];
  return [...new Set([...alarmsRead(spec.rule), ...(spec.suppression ? [spec.suppression.by] : [])])];
}

/**
 * The alarms in an order in which they can be made: each after all that it names.
 * @throws RangeError for an id that two alarms have, for a name of no alarm, and for alarms that wait for each other.
 */
export function inOrderOfReading(specs: readonly AlarmSpec[]): readonly AlarmSpec[] {
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  const twice = specs.find((spec) => byId.get(spec.id) !== spec);
  if (twice) throw new RangeError(`two alarms have the id ${twice.id}: rules could not tell them apart`);
  const readBy = (id: string) => {
    const spec = byId.get(id);
    return spec === undefined ? [] : alarmsNamed(spec);
  };
  for (const { id } of specs) {
    const unknown = readBy(id).find((read) => !byId.has(read));
    if (unknown !== undefined) {
      throw new RangeError(`alarm ${id} reads ${unknown}, which no alarm is called`);
    }
  }
  const result = orderOfReading(byId.keys(), readBy);
  if ("circle" in result) throw new RangeError(`alarms wait for each other: ${result.circle.join(" → ")}`);
  return result.order.flatMap((id) => byId.get(id) ?? []);
}
