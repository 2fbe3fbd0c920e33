import { findInstanceClass, similarInstanceClasses } from "../model/instanceClasses";
import { knownValue } from "../plan/reading";
import type { DatabaseReading } from "../plan/stackReading";
import type { DatabaseBudget } from "./budget";
import { FindingsBuilder, type Rule, type RuleContext, runbook } from "./rule";
import { Naming } from "./words";

/** Static parameters of this rule: the server reads them at start-up only. */
const STATIC = ["max_connections", "rds.rds_superuser_reserved_connections", "reserved_connections"] as const;

/** The limit every other number hangs on: known, in range, and applied in the one way AWS accepts. */
export const maxConnections: Rule = {
  id: "max-connections",
  title: "Connection limit known and applicable",
  severity: "high",
  level: "mandatory",
  description:
    "The database's `max_connections` is explicit or can be computed, within the range RDS accepts, and applied at a reboot.",
  remediationSteps:
    "Set `max_connections` in the database's own parameter group as a whole number with `applyMethod: pending-reboot`, and name an instance class that exists.",
  docs: runbook("max-connections"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const database of context.budget.databases) {
      judgeLimit(database, context, findings);
      judgeClass(database.database, context, findings);
      for (const name of STATIC) judgeApplyMethod(database.database, name, context, findings);
    }
    return findings;
  },
};

function judgeLimit(on: DatabaseBudget, context: RuleContext, findings: FindingsBuilder): void {
  const { limit, database } = on;
  const resource = database.parameters.resource.urn;
  const naming = new Naming(context.stack, context.settings);
  const set = (to: string, value?: number): string =>
    naming.set("max_connections", ` in parameter group \`${database.parameters.resource.name}\``, to, value);

  if (limit.state === "unknown") {
    const owner = limit.property.startsWith("parameters") ? resource : database.resource.urn;
    findings.cannotDecide(owner, limit);
  } else if (limit.state === "malformed" || limit.state === "unset") {
    const shown = limit.state === "malformed" ? `${limit.shown}, not ${limit.expected}` : "not set";
    findings.violation({
      resource,
      text: `\`max_connections\` of ${database.resource.name} is ${shown}: RDS would refuse the parameter group.`,
      fix: set("a whole number"),
      observed: limit.state === "malformed" ? limit.observed : null,
      allowed: null,
      unit: "connections",
    });
  } else if (limit.state === "refused" && limit.problem.code !== "unknown-class") {
    const { problem } = limit;
    const at = problem.position === undefined ? "" : ` (at character ${problem.position + 1})`;
    const asked = /^\s*\d+\s*$/.test(problem.text) ? Number(problem.text) : problem.text;
    findings.violation({
      resource,
      text: `\`max_connections\` of ${database.resource.name} is ${JSON.stringify(problem.text)}: ${problem.message}${at}. Without a limit no pool can be bounded, and RDS would refuse the value or start without it.`,
      fix:
        problem.code === "confirmed-impossible"
          ? "Measure again with `SHOW max_connections` and correct `confirmedMaxConnections` in the policy configuration"
          : set(`a whole number from ${problem.allowed.min} to ${problem.allowed.max}`),
      observed: asked,
      allowed: problem.allowed,
      unit: "connections",
    });
  }
  judgeReservations(database, findings);
}

/** Connections kept back: whole numbers, or nothing can be subtracted. */
function judgeReservations(database: DatabaseReading, findings: FindingsBuilder): void {
  const { parameters } = database;
  for (const name of STATIC.slice(1)) {
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

function judgeClass(database: DatabaseReading, context: RuleContext, findings: FindingsBuilder): void {
  const { instanceClass, resource } = database;
  if (database.kind === "cluster") return;
  if (instanceClass.state === "unknown") findings.cannotDecide(resource.urn, instanceClass);
  const name = knownValue(instanceClass);
  if (instanceClass.state !== "malformed" && (name === undefined || findInstanceClass(name))) return;
  const shown = name === undefined ? "not a text" : JSON.stringify(name);
  const similar = name === undefined ? [] : similarInstanceClasses(name);
  const naming = new Naming(context.stack, context.settings);
  const example = similar[0];
  findings.violation({
    resource: resource.urn,
    text: `\`instanceClass\` of ${resource.name} is ${shown}, which is no instance class known to AWS or this table: its memory, and with it how many connections it can carry, is unknown.`,
    fix: naming.set(
      "instanceClass",
      "",
      example ? similar.join(" or ") : "a class such as db.m7g.large",
      example,
    ),
    observed: name ?? null,
    allowed: null,
    unit: null,
  });
}

/** AWS refuses an immediate change of a static parameter, and `immediate` is the provider's default. */
function judgeApplyMethod(
  database: DatabaseReading,
  name: (typeof STATIC)[number],
  context: RuleContext,
  findings: FindingsBuilder,
): void {
  const { parameters } = database;
  const { value, applyMethod } = parameters.parameter(name);
  if (!parameters.isOwn || value.state === "unset") return;
  if (applyMethod.state === "unknown") findings.cannotDecide(parameters.resource.urn, applyMethod);
  const method = applyMethod.state === "unset" ? "immediate" : knownValue(applyMethod);
  if (method === undefined || method === "pending-reboot") return;
  const shown = applyMethod.state === "unset" ? "not set, which means immediate" : JSON.stringify(method);
  const naming = new Naming(context.stack, context.settings);
  findings.violation({
    resource: parameters.resource.urn,
    text: `\`applyMethod\` of \`${name}\` in parameter group ${parameters.resource.name} is ${shown}; the parameter is static: AWS refuses to apply it without a reboot, and the deployment would stop half-way with "cannot use immediate apply method for static parameter".`,
    fix: `${naming.set("applyMethod", ` of \`${name}\``, '"pending-reboot"')} and reboot the instance when the change may take effect`,
    observed: method,
    allowed: null,
    unit: null,
  });
}
