import { isPostgres } from "../model/engines";
import { findInstanceClass, similarInstanceClasses } from "../model/instanceClasses";
import { knownValue } from "../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../plan/stackReading";
import { applyMethodProblem } from "./applyMethod";
import { type DatabaseInstance, instancesOf } from "./databaseInstances";
import { CONFIRM, confirmedFor, engineOf, type InstanceLimit, limitsOf } from "./databaseLimit";
import { groupsOf } from "./parameterGroups";
import { FindingsBuilder, type Rule, type RuleContext, runbook, type Violation } from "./rule";
import { Naming } from "./words";

/** Parameters of this rule, all static in PostgreSQL: the server reads them at start-up only. */
export const LIMIT_PARAMETERS = [
  "max_connections",
  "rds.rds_superuser_reserved_connections",
  "reserved_connections",
] as const;

/** The limit every other number hangs on: known, in range, and applied in the one way AWS accepts. */
export const maxConnections: Rule = {
  id: "max-connections",
  title: "Connection limit known and applicable",
  severity: "high",
  level: "mandatory",
  description:
    "The database's `max_connections` is explicit or can be computed, within the range RDS accepts, and applied at a reboot.",
  remediationSteps:
    "Set `max_connections` in the database's own parameter group as a whole number with `applyMethod: pending-reboot`, and name an instance class that exists. Where the plan cannot show the limit, give what `SHOW max_connections` says as `confirmedMaxConnections`.",
  docs: runbook("max-connections"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const { database } of context.budget.databases) {
      const said = new Set<string>();
      for (const each of limitsOf(database, context.settings)) {
        const violation = judgeLimit(each, database, context, findings);
        // Instances of a cluster share its group: what is wrong there is said once.
        if (violation === undefined || said.has(violation.text)) continue;
        said.add(violation.text);
        findings.violation(violation);
      }
      for (const instance of instancesOf(database)) judgeClass(instance, database, context, findings);
      for (const group of groupsOf(database)) {
        judgeReservations(group, findings);
        judgeApplyMethods(group, database, context, findings);
      }
    }
    return findings;
  },
};

/** @returns what is wrong with the limit of one instance; what is only hidden goes to the findings. */
function judgeLimit(
  { instance, limit }: InstanceLimit,
  database: DatabaseReading,
  context: RuleContext,
  findings: FindingsBuilder,
): Violation | undefined {
  const { parameters } = instance;
  const resource = parameters.resource.urn;
  const naming = new Naming(context.stack, context.settings);
  const kind = parameters.scope === "cluster" ? "cluster parameter group" : "parameter group";
  const set = (to: string): string =>
    naming.set("max_connections", ` in ${kind} \`${parameters.resource.name}\``, to);

  if (limit.state === "unknown") {
    const owner = limit.property.startsWith("parameters") ? resource : instance.resource.urn;
    findings.cannotDecide(owner, limit);
  } else if (limit.state === "malformed" || limit.state === "unset") {
    const shown = limit.state === "malformed" ? `${limit.shown}, not ${limit.expected}` : "not set";
    const isParameter = limit.property.startsWith("parameters");
    const name = isParameter ? "max_connections" : limit.property;
    return {
      resource: isParameter ? resource : database.resource.urn,
      text: `\`${name}\` of ${database.resource.name} is ${shown}: RDS would refuse ${isParameter ? "the parameter group" : "it"}.`,
      fix: isParameter
        ? set("a whole number")
        : `Set \`${name}\` to ${limit.state === "malformed" ? limit.expected : "a value"}`,
      observed: limit.state === "malformed" ? limit.observed : null,
      allowed: null,
      unit: isParameter ? "connections" : null,
    };
  } else if (limit.state === "refused" && limit.problem.code !== "unknown-class") {
    const { problem } = limit;
    const at = problem.position === undefined ? "" : ` (at character ${problem.position + 1})`;
    const asked = /^\s*\d+\s*$/.test(problem.text) ? Number(problem.text) : problem.text;
    const { min, max } = problem.allowed;
    return {
      resource,
      text: `\`max_connections\` of ${database.resource.name} is ${JSON.stringify(problem.text)}: ${problem.message}${at}. Without a limit no pool can be bounded, and RDS would refuse the value or start without it.`,
      fix:
        database.kind === "declared"
          ? `Set \`maxConnections\` of database \`${database.resource.name}\` in the policy configuration to a whole number from ${min} to ${max}`
          : problem.code === "confirmed-impossible"
            ? "Measure again with `SHOW max_connections` and correct `confirmedMaxConnections` in the policy configuration"
            : set(`a whole number from ${min} to ${max}`),
      observed: asked,
      allowed: problem.allowed,
      unit: "connections",
    };
  }
  return undefined;
}

/** Connections kept back: whole numbers, or nothing can be subtracted. */
function judgeReservations(parameters: ParameterGroupReading, findings: FindingsBuilder): void {
  for (const name of LIMIT_PARAMETERS.slice(1)) {
    const reading = parameters.parameter(name).value;
    if (reading.state === "unknown" && parameters.isOwn)
      findings.cannotDecide(parameters.resource.urn, reading);
    if (reading.state !== "known") continue;
    const text = String(typeof reading.value === "object" ? "a structure" : reading.value);
    if (/^\s*\d{1,9}\s*$/.test(text)) continue;
    findings.violation({
      resource: parameters.resource.urn,
      text: `\`${name}\` is ${JSON.stringify(text)}, not a whole number: RDS would refuse it, and what is left for clients cannot be computed.`,
      fix: `Set \`${name}\` to a whole number, 2 is RDS's own`,
      observed: text,
      allowed: null,
      unit: "connections",
    });
  }
}

function judgeClass(
  instance: DatabaseInstance,
  database: DatabaseReading,
  context: RuleContext,
  findings: FindingsBuilder,
): void {
  const { instanceClass, resource, isServerless } = instance;
  if (isServerless || database.kind === "declared") return;
  // Of a cluster the class is another matter only where a formula asks for it, and then the limit says so.
  if (instanceClass.state === "unknown" && database.kind !== "cluster")
    findings.cannotDecide(resource.urn, instanceClass);
  const name = knownValue(instanceClass);
  if (instanceClass.state !== "malformed" && (name === undefined || findInstanceClass(name))) return;
  // Somebody who measured on the class has one that exists, however new it is.
  if (name !== undefined && confirmedFor(instance, database, context.settings) !== undefined) return;
  const property =
    resource === database.resource && database.kind === "cluster"
      ? "dbClusterInstanceClass"
      : "instanceClass";
  const shown = name === undefined ? "not a text" : JSON.stringify(name);
  const similar = name === undefined ? [] : similarInstanceClasses(name);
  const naming = new Naming(context.stack, context.settings);
  const example = similar[0];
  findings.violation({
    resource: resource.urn,
    text: `\`${property}\` of ${resource.name} is ${shown}, which is no instance class known to AWS or this table: its memory, and with it how many connections it can carry, is unknown.`,
    fix: `${naming.set(property, "", example ? similar.join(" or ") : "a class such as db.m7g.large", example)}. If AWS has it, ${CONFIRM}`,
    observed: name ?? null,
    allowed: null,
    unit: null,
  });
}

/** AWS refuses an immediate change of a static parameter, and `immediate` is the provider's default. */
function judgeApplyMethods(
  parameters: ParameterGroupReading,
  database: DatabaseReading,
  context: RuleContext,
  findings: FindingsBuilder,
): void {
  const engine = knownValue(engineOf(database));
  // MySQL and MariaDB change their limit while they run.
  if (engine !== undefined && !isPostgres(engine)) return;
  for (const name of LIMIT_PARAMETERS) {
    const { value, applyMethod } = parameters.parameter(name);
    if (!parameters.isOwn || value.state === "unset") continue;
    if (applyMethod.state === "unknown") findings.cannotDecide(parameters.resource.urn, applyMethod);
    const problem = applyMethodProblem(name, parameters, context);
    if (problem) findings.violation(problem);
  }
}
