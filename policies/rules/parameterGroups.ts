import { familyOfDefaultGroup, isDefaultGroup } from "../model/parameterFamily";
import { knownValue, type Reading } from "../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../plan/stackReading";

/** The groups a database uses: its own, and those of its cluster's instances that have one; each once. */
export function groupsOf(database: DatabaseReading): readonly ParameterGroupReading[] {
  if (database.kind === "declared") return [];
  const groups = new Map<string, ParameterGroupReading>();
  for (const group of [database.parameters, ...database.members.map(({ parameters }) => parameters)]) {
    const id = `${group.scope} ${group.resource.urn}`;
    if (!groups.has(id)) groups.set(id, group);
  }
  return [...groups.values()];
}

/** Whether AWS assigns a group that nobody can edit; unknown while the group's name is. */
export function isAwsDefault({ isOwn, group }: ParameterGroupReading): boolean | undefined {
  if (isOwn) return false;
  if (group.state === "unset") return true;
  const name = knownValue(group);
  return name === undefined ? undefined : isDefaultGroup(name);
}

/** The family of a group: what its resource says, or what the name of a default group ends in. */
export function familyOf({ isOwn, group, family }: ParameterGroupReading): Reading<string> {
  if (isOwn || group.state !== "known") return family;
  const named = familyOfDefaultGroup(group.value);
  return named === undefined ? family : { state: "known", value: named };
}

/** `parameter group` or `cluster parameter group`, as AWS calls it. */
export const kindOf = ({ scope }: ParameterGroupReading): string =>
  scope === "cluster" ? "cluster parameter group" : "parameter group";
