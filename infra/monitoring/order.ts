import { alarmsRead } from "./alarmRule";
import type { AlarmSpec } from "./alarmSpec";

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
  const done = new Set<AlarmSpec>();
  const visit = (spec: AlarmSpec, path: readonly string[]) => {
    if (done.has(spec)) return;
    if (path.includes(spec.id)) {
      throw new RangeError(`alarms wait for each other: ${[...path, spec.id].join(" → ")}`);
    }
    for (const id of alarmsNamed(spec)) {
      const named = byId.get(id);
      if (!named) throw new RangeError(`alarm ${spec.id} reads ${id}, which no alarm is called`);
      visit(named, [...path, spec.id]);
    }
    done.add(spec);
  };
  for (const spec of specs) visit(spec, []);
  return [...done];
}
