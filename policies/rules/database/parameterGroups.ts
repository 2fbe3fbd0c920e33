import { familyOfDefaultGroup, isDefaultGroup } from "../../model/parameters";
import { knownValue, type Reading } from "../../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../../plan/types";
import type { NewViolation, RuleContext } from "../rule";

/** The groups a database uses: its own, and those of its cluster's instances that have one; each once. */
export function groupsOf({ parameters, members }: DatabaseReading): readonly ParameterGroupReading[] {
  const all = [parameters, ...members.map((member) => member.parameters)];
  return [...new Map(all.map((group) => [`${group.scope} ${group.resource.urn}`, group])).values()];
}

/** The group that a parameter's value comes from: an instance's own, or its cluster's where that sets nothing. */
export function sourceOf(group: ParameterGroupReading, name: string): ParameterGroupReading {
  return group.behind !== undefined && knownValue(group.names)?.includes(name) === false
    ? group.behind
    : group;
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

/**
 * What is wrong with how a static parameter of a group is applied: AWS refuses to apply it at once, and
 * `immediate` is what the provider sends where the program is silent.
 */
export function applyMethodProblem(
  name: string,
  group: ParameterGroupReading,
  context: RuleContext,
): NewViolation | undefined {
  const { applyMethod } = group.parameter(name);
  // CloudFormation chooses what the parameter's kind allows, where nobody can say it.
  if (applyMethod.state === "known" && applyMethod.assumed !== undefined) return undefined;
  const method = applyMethod.state === "unset" ? "immediate" : knownValue(applyMethod);
  if (method === undefined || method === "pending-reboot") return undefined;
  const shown = applyMethod.state === "unset" ? "not set, which means immediate" : JSON.stringify(method);
  const { naming } = context;
  return {
    resource: group.resource.urn,
    text: `\`applyMethod\` of \`${name}\` in parameter group ${group.resource.name} is ${shown}; the parameter is static: AWS refuses to apply it without a reboot, and the deployment would fail part-way with "cannot use immediate apply method for static parameter".`,
    fix: `${naming.set("applyMethod", ` of \`${name}\``, '"pending-reboot"')} and reboot the instance when the change may take effect`,
    observed: method,
  };
}
