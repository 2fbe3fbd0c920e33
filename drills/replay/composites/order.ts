import { closest } from "../../../policies/model/nearestName";
import type { CompositeAlarm } from "../alarm";
import { ReplayInputError } from "../inputError";
import { alarmsIn, parseRule, type Rule } from "./parseRule";

/** A composite alarm with its rule read. */
export interface ReadComposite {
  readonly alarm: CompositeAlarm;
  readonly rule: Rule;
}

/**
 * Composites in an order in which each comes after those that it reads.
 * @param known Ids of all alarms of the set.
 * @throws ReplayInputError for a rule or a suppressor that names no alarm of the set, and for rules that read each
 * other in a circle: CloudWatch stops evaluating those.
 */
export function inOrder(
  composites: readonly CompositeAlarm[],
  known: ReadonlySet<string>,
): readonly ReadComposite[] {
  const rules = new Map(
    composites.map((alarm) => [alarm.id, { alarm, rule: parseRule(alarm.rule, alarm.id) }]),
  );
  for (const { alarm, rule } of rules.values()) {
    for (const read of alarmsIn(rule)) requireKnown(alarm.id, "its rule reads", read, known);
    if (alarm.suppression) requireKnown(alarm.id, "it is suppressed by", alarm.suppression.by, known);
  }
  const ordered: ReadComposite[] = [];
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    const composite = rules.get(id);
    if (composite === undefined || done.has(id)) return;
    if (path.includes(id)) {
      const circle = [...path.slice(path.indexOf(id)), id].join(" → ");
      throw new ReplayInputError(`composite alarms read each other in a circle: ${circle}`);
    }
    for (const read of alarmsIn(composite.rule)) visit(read, [...path, id]);
    done.add(id);
    ordered.push(composite);
  };
  for (const id of rules.keys()) visit(id, []);
  return ordered;
}

function requireKnown(alarm: string, how: string, name: string, known: ReadonlySet<string>): void {
  if (known.has(name)) return;
  const near = closest(name, [...known]);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new ReplayInputError(`alarm ${alarm}: ${how} ${name}, which is no alarm of the set${hint}`);
}
