import { majorVersion } from "../../model/engines";
import { familyOfDefaultGroup, isDefaultGroup } from "../../model/parameters";
import {
  andThen,
  known,
  knownValue,
  malformed,
  type Reading,
  requireNumber,
  toNumber,
  whenUnset,
} from "../../plan/reading";
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

/** A value that holds where no parameter group sets one, and whose it is. */
interface ServerDefault<T> {
  readonly value: T;
  readonly of: string;
}

/**
 * The parameter groups in force on a database: each instance's own of a cluster, else the database's. A database of
 * another stack has none here; its own stack is where it is judged.
 */
export function groupsInForce(database: DatabaseReading): readonly ParameterGroupReading[] {
  if (database.kind === "declared") return [];
  const groups = database.members.map(({ parameters }) => parameters);
  const all = groups.length > 0 ? groups : [database.parameters];
  return [...new Map(all.map((group) => [group.resource.urn, group])).values()];
}

/** A parameter as a number of 0 or more, with the server's own default. */
export function serverNumber(
  group: ParameterGroupReading,
  name: string,
  fallback: ServerDefault<number>,
): Reading<number> {
  const property = `parameters.${name}`;
  const value = andThen(group.parameter(name).value, (given) => toNumber(given, property));
  const reading = requireNumber(value, property, (n) => n >= 0, "a number, 0 or more");
  return whenUnset(reading, fallback.value, fallback.of);
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["on", true],
  ["true", true],
  ["yes", true],
  ["0", false],
  ["off", false],
  ["false", false],
  ["no", false],
]);

/** A parameter as a switch, in the spellings that PostgreSQL and MySQL take. */
export function serverFlag(
  group: ParameterGroupReading,
  name: string,
  fallback: ServerDefault<boolean>,
): Reading<boolean> {
  const reading = andThen(group.parameter(name).value, (given): Reading<boolean> => {
    const flag = typeof given === "object" ? undefined : FLAGS.get(String(given).trim().toLowerCase());
    return flag === undefined ? malformed(`parameters.${name}`, given, "1 or 0") : known(flag);
  });
  return whenUnset(reading, fallback.value, fallback.of);
}

/** Major version of a database; undefined where AWS chooses, which is a current one, or where it is hidden. */
export const majorOf = ({ engineVersion }: DatabaseReading): number | undefined =>
  majorVersion(knownValue(engineVersion));

/** Where a parameter is set, for a sentence; a default group cannot be changed. */
export const inGroup = ({ isOwn, resource }: ParameterGroupReading): string =>
  isOwn
    ? ` in parameter group \`${resource.name}\``
    : ` in a parameter group of ${resource.name} (it has AWS's default)`;

/** Families of engines by the parameters they understand; Aurora's are those of the engine it speaks for. */
export type Dialect = "postgres" | "mysql" | "mariadb";

/** The dialect of an RDS engine name (`aurora-mysql`); PostgreSQL's where it is not known. */
export function dialectOf(engine: string | undefined): Dialect {
  if (engine?.includes("mariadb")) return "mariadb";
  // `aurora` alone was Aurora MySQL 5.6.
  return engine === "aurora" || engine?.includes("mysql") ? "mysql" : "postgres";
}
