import {
  CONFIRM,
  confirmedFor,
  type DatabaseInstance,
  engineOf,
  type InstanceLimit,
  instancesOf,
  limitDoubt,
  limitOf,
  limitsOf,
} from "../../budget/databaseLimit";
import type { ConnectionLimit, ConnectionLimitProblem } from "../../model/connectionLimit";
import { isPostgres } from "../../model/engines";
import { CLASS_TABLE, findInstanceClass, similarInstanceClasses } from "../../model/instanceClasses";
import { parseFamily } from "../../model/parameters";
import type { PlanResource } from "../../plan/plan";
import { knownValue, type Malformed, notWhat, type Reading } from "../../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../../plan/types";
import { type NewViolation, type RuleContext, rule } from "../rule";
import { applyMethodProblem, groupsOf, kindOf, sourceOf } from "./parameterGroups";

/** Parameters of this rule, all static in PostgreSQL: the server reads them at start-up only. */
export const LIMIT_PARAMETERS = [
  "max_connections",
  "rds.rds_superuser_reserved_connections",
  "reserved_connections",
] as const;

/** The limit every other number hangs on: known, in range, and applied in the one way AWS accepts. */
export const maxConnections = rule({
  id: "max-connections",
  title: "Connection limit known and applicable",
  severity: "high",
  level: "mandatory",
  description:
    "The database's `max_connections` is explicit or can be computed, within the range RDS accepts, and applied at a reboot.",
  remediationSteps:
    "Set `max_connections` in the database's own parameter group as a whole number with `applyMethod: pending-reboot`, and name an instance class that exists. Where the plan cannot show the limit, give what `SHOW max_connections` says as `confirmedMaxConnections`.",
  check(context) {
    for (const { database } of context.budget.databases) {
      const said = new Set<string>();
      for (const each of limitsOf(database, context.settings)) {
        const violation = checkLimit(each, database, context);
        // Instances of a cluster share its group: what is wrong there is said once.
        if (violation === undefined || said.has(violation.text)) continue;
        said.add(violation.text);
        context.violation(violation);
      }
      for (const instance of instancesOf(database)) checkClass(instance, database, context);
      if (database.source !== undefined) checkReplica(database, database.source, context);
      for (const group of groupsOf(database)) {
        checkReservations(group, context);
        checkApplyMethods(group, database, context);
      }
    }
  },
});

/** @returns what is wrong with the limit of one instance; what is only hidden goes to the findings. */
function checkLimit(
  { instance, limit }: InstanceLimit,
  database: DatabaseReading,
  context: RuleContext,
): NewViolation | undefined {
  const group = sourceOf(instance.parameters, "max_connections");
  const { naming } = context;
  const set = (to: string): string =>
    naming.set("max_connections", ` in ${kindOf(group)} \`${group.resource.name}\``, to);

  switch (limit.state) {
    case "unknown":
      context.cannotDecide(ownerOf(limit.property, instance, database).urn, limit);
      return undefined;
    case "malformed":
      if (limit.property.startsWith("parameters")) {
        return {
          resource: group.resource.urn,
          text: `\`max_connections\` of ${database.resource.name} is ${notWhat(limit)}: RDS would refuse the parameter group.`,
          fix: set("a whole number"),
          observed: limit.observed,
          unit: "connections",
        };
      }
      // A class that is none is said below, of whatever has it.
      return isClass(limit.property) ? undefined : wrongCapacity(limit, database);
    case "refused":
      // An unknown class is said below as well.
      return limit.problem.code === "unknown-class"
        ? undefined
        : refusedLimit(limit.problem, database, group, set);
    case "known":
      return undefined;
  }
}

/** Whose property hides a limit: the group or what names it, the instance, or the database as a whole. */
function ownerOf(property: string, instance: DatabaseInstance, database: DatabaseReading): PlanResource {
  if (/parameter/i.test(property)) return sourceOf(instance.parameters, "max_connections").resource;
  return isClass(property) ? instance.resource : database.resource;
}

const isClass = (property: string): boolean => /instanceClass/i.test(property);

/** The capacity bounds of Serverless v2 are the cluster's. */
function wrongCapacity(limit: Malformed, { resource }: DatabaseReading): NewViolation {
  return {
    resource: resource.urn,
    text: `\`${limit.property}\` of ${resource.name} is ${notWhat(limit)}: RDS would refuse it.`,
    fix: `Set \`${limit.property}\` to ${limit.expected}`,
    observed: limit.observed,
  };
}

function refusedLimit(
  problem: ConnectionLimitProblem,
  database: DatabaseReading,
  group: ParameterGroupReading,
  set: (to: string) => string,
): NewViolation {
  const at = problem.position === undefined ? "" : ` (at character ${problem.position + 1})`;
  const { min, max } = problem.allowed;
  const wholeNumber = `a whole number from ${min} to ${max}`;
  const fix = (): string => {
    if (database.kind === "declared")
      return `Set \`maxConnections\` of database \`${database.resource.name}\` in the policy configuration to ${wholeNumber}`;
    return problem.code === "confirmed-impossible"
      ? "Measure again with `SHOW max_connections` and correct `confirmedMaxConnections` in the policy configuration"
      : set(wholeNumber);
  };
  return {
    resource: group.resource.urn,
    text: `\`max_connections\` of ${database.resource.name} is ${JSON.stringify(problem.text)}: ${problem.message}${at}. Without a limit no pool can be bounded, and RDS would refuse the value or start without it.`,
    fix: fix(),
    observed: WHOLE_NUMBER.test(problem.text) ? Number(problem.text) : problem.text,
    allowed: problem.allowed,
    unit: "connections",
  };
}

const WHOLE_NUMBER = /^\s*-?\d+\s*$/;

/**
 * A PostgreSQL standby needs at least its primary's `max_connections`: it refuses to start with less, and one that runs
 * pauses its replay when the primary's rises above its own, until it is restarted with more (PostgreSQL manual, "Hot
 * Standby", Administrator's Overview; from version 14 it pauses, before it stopped).
 */
function checkReplica(replica: DatabaseReading, source: Reading<string>, context: RuleContext): void {
  if (source.state === "unset") return;
  const engine = knownValue(engineOf(replica));
  if (engine !== undefined && !isPostgres(engine)) return;
  const { urn } = replica.resource;
  const name = knownValue(source);
  const primary = context.stack.databases.find(
    ({ resource, names }) => name !== undefined && (resource.urn === name || names.includes(name)),
  );
  const own = limitOf(replica, context.settings);
  if (own.state !== "known") return;
  if (primary === undefined) {
    context.cannotDecide(urn, {
      property: "replicateSourceDb",
      reason: `the primary of ${replica.resource.name} is not part of this stack, and a replica needs at least its \`max_connections\``,
      fix: `Declare the primary under \`databases\` in the policy configuration, with its identifier as \`name\` and its \`maxConnections\``,
    });
    return;
  }
  const needed = limitOf(primary, context.settings);
  // What hides or spoils the primary's limit is said of the primary.
  if (needed.state !== "known") return;
  const [least, most] = boundsOf(own.value);
  const [leastNeeded, mostNeeded] = boundsOf(needed.value);
  // One formula on one class gives one number, whatever it is.
  const isSame = own.value.text === needed.value.text && own.value.source === needed.value.source;
  const isSameClass = knownValue(replica.instanceClass) === knownValue(primary.instanceClass);
  if (least >= mostNeeded || (isSame && isSameClass)) return;
  const group = sourceOf(replica.parameters, "max_connections");
  const shown = (limit: ConnectionLimit): string =>
    limit.source === "estimated" ? `${limit.maxConnections} at least` : String(limit.maxConnections);
  if (most >= leastNeeded) {
    context.cannotDecide(group.resource.urn, {
      property: "parameters.max_connections",
      reason: `\`max_connections\` of ${replica.resource.name} is ${shown(own.value)} and that of its primary ${primary.resource.name} ${shown(needed.value)}; which is higher depends on memory that AWS does not publish, and a replica needs at least its primary's`,
      fix: "Set `max_connections` of both to integers in their parameter groups",
    });
    return;
  }
  const { naming } = context;
  const safe = Number.isFinite(mostNeeded) ? mostNeeded : needed.value.maxConnections;
  const isShared = sourceOf(primary.parameters, "max_connections").resource === group.resource;
  const kind = isShared ? "a parameter group of its own" : `${kindOf(group)} \`${group.resource.name}\``;
  context.violation({
    resource: urn,
    text: `\`max_connections\` of replica ${replica.resource.name} is ${own.value.maxConnections}${limitDoubt(own)}, below the ${needed.value.maxConnections}${limitDoubt(needed)} of its primary ${primary.resource.name}: PostgreSQL does not start a standby with less than its primary, and one that is running stops replaying changes.`,
    fix: `${naming.set("max_connections", ` in ${kind}`, `at least ${safe}`)}, reboot the replica, and only then the primary`,
    observed: own.value.maxConnections,
    allowed: { min: safe, max: null },
    unit: "connections",
  });
}

/** The least and the most that a limit may be. */
const boundsOf = ({ source, maxConnections, upperBound }: ConnectionLimit): readonly [number, number] =>
  source === "estimated"
    ? [maxConnections, upperBound ?? Number.POSITIVE_INFINITY]
    : [maxConnections, maxConnections];

/** Connections kept back: whole numbers, or nothing can be subtracted. */
function checkReservations(group: ParameterGroupReading, context: RuleContext): void {
  for (const name of LIMIT_PARAMETERS.slice(1)) {
    // What an instance takes over from its cluster is said of the cluster's group.
    if (sourceOf(group, name) !== group) continue;
    const reading = group.parameter(name).value;
    if (reading.state === "unknown" && group.isOwn) context.cannotDecide(group.resource.urn, reading);
    if (reading.state !== "known") continue;
    const text = typeof reading.value === "object" ? "a structure" : String(reading.value);
    if (/^\s*\d{1,9}\s*$/.test(text)) continue;
    context.violation({
      resource: group.resource.urn,
      text: `\`${name}\` is ${JSON.stringify(text)}, not a whole number: RDS would refuse it, and what is left for clients cannot be computed.`,
      fix: `Set \`${name}\` to a whole number (RDS's default is 2)`,
      observed: text,
      allowed: null,
      unit: "connections",
    });
  }
}

function checkClass(instance: DatabaseInstance, database: DatabaseReading, context: RuleContext): void {
  const { instanceClass, isServerless, resource } = instance;
  if (isServerless) return;
  // Of a cluster the class is another matter only where a formula asks for it, and then the limit says so.
  if (instanceClass.state === "unknown" && database.kind !== "cluster")
    context.cannotDecide(resource.urn, instanceClass);
  if (instanceClass.state !== "known" && instanceClass.state !== "malformed") return;
  const name = knownValue(instanceClass) ?? "";
  const found = findInstanceClass(name);
  const engine = knownValue(engineOf(database));
  if (found && (engine === undefined || found.engines.includes(engine))) return;
  // A class that was measured on exists, however new it is.
  if (name !== "" && confirmedFor(instance, database, context.settings) !== undefined) return;
  const isOfCluster = resource === database.resource && database.kind === "cluster";
  const property = isOfCluster ? "dbClusterInstanceClass" : "instanceClass";
  const { naming } = context;
  if (found) {
    const offered = found.engines.length === 0 ? "other engines" : found.engines.join(", ");
    context.violation({
      resource: resource.urn,
      text: `\`${property}\` of ${resource.name} is "${name}", which AWS offers for ${offered} and not for ${engine} (table of ${CLASS_TABLE.date}): RDS would reject the instance.`,
      fix: `${naming.set(property, "", `a class that runs ${engine}`)}. If AWS has it by now, ${CONFIRM}`,
      observed: name,
    });
    return;
  }
  const similar = similarInstanceClasses(name);
  const wanted = similar.length > 0 ? similar.join(" or ") : "a class such as db.m7g.large";
  context.violation({
    resource: resource.urn,
    text: `\`${property}\` of ${resource.name} is ${instanceClass.state === "known" ? JSON.stringify(name) : instanceClass.shown}, which is not in the table of instance classes (of ${CLASS_TABLE.date}): its memory, and so its connection limit, is unknown.`,
    fix: `${naming.set(property, "", wanted, similar[0])}. If AWS has it, ${CONFIRM}`,
    observed: instanceClass.state === "known" ? name : instanceClass.observed,
  });
}

/** AWS refuses an immediate change of a static parameter, and `immediate` is the provider's default. */
function checkApplyMethods(
  group: ParameterGroupReading,
  database: DatabaseReading,
  context: RuleContext,
): void {
  const engine = parseFamily(knownValue(group.family) ?? "")?.engine ?? knownValue(engineOf(database));
  // MySQL and MariaDB change their limit while they run.
  if (engine === undefined || !isPostgres(engine)) return;
  for (const name of LIMIT_PARAMETERS) {
    if (!group.isOwn || sourceOf(group, name) !== group) continue;
    const { value, applyMethod } = group.parameter(name);
    if (value.state === "unset") continue;
    if (applyMethod.state === "unknown") context.cannotDecide(group.resource.urn, applyMethod);
    const problem = applyMethodProblem(name, group, context);
    if (problem) context.violation(problem);
  }
}
