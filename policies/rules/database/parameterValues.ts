import { engineOf } from "../../budget/databaseLimit";
import type { DatabaseEngine } from "../../model/engines";
import type { ParameterDefinition } from "../../model/parameters";
import {
  allowedValues,
  lookUpParameter,
  type ParameterLookup,
  parseFamily,
  valueProblem,
} from "../../model/parameters";
import { knownValue } from "../../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../../plan/types";
import { type RuleContext, rule } from "../rule";
import { LIMIT_PARAMETERS } from "./maxConnections";
import { applyMethodProblem, familyOf, groupsOf, kindOf } from "./parameterGroups";

/** Characters of a value that a message shows. */
const SHOWN = 40;

/**
 * Everything a parameter group sets, but for the connection limit and its reservations, which `max-connections`
 * judges. A dynamic parameter with `pending-reboot` passes: AWS takes it, and it only comes later than it could.
 */
export const parameterValues = rule({
  id: "parameter-values",
  title: "Parameters that RDS accepts",
  severity: "high",
  level: "mandatory",
  description:
    "Each parameter a group sets exists in that version, has a value in range, and is applied in a way its kind allows.",
  remediationSteps:
    "Correct name, value or `applyMethod` as the message says: numbers without a unit, in the unit the parameter has; `pending-reboot` for static parameters.",
  check(context) {
    for (const database of context.stack.databases) {
      const engine = knownValue(engineOf(database));
      for (const group of groupsOf(database)) checkGroup(group, database, engine, context);
    }
  },
});

function checkGroup(
  group: ParameterGroupReading,
  database: DatabaseReading,
  engine: DatabaseEngine | undefined,
  context: RuleContext,
): void {
  if (!group.isOwn) return;
  const { names, resource } = group;
  if (names.state !== "known") {
    context.cannotDecide(resource.urn, names);
    return;
  }
  // The family says more surely than the database which parameters there are: AWS checks them against it.
  const family = parseFamily(knownValue(familyOf(group)) ?? "");
  const kind = family?.engine ?? engine;
  const version = family?.version ?? knownValue(database.engineVersion);
  if (kind === undefined) return;
  for (const name of names.value) {
    if ((LIMIT_PARAMETERS as readonly string[]).includes(name)) continue;
    checkParameter(name, group, lookUpParameter(kind, version, name), context, `${kind} ${version}`);
  }
}

function checkParameter(
  name: string,
  group: ParameterGroupReading,
  found: ParameterLookup,
  context: RuleContext,
  family: string,
): void {
  if (found.state === "not-covered") return;
  const where = ` in ${kindOf(group)} \`${group.resource.name}\``;
  if (found.state === "no-such") {
    const meant = found.similar === undefined ? "" : `; the nearest name is \`${found.similar}\``;
    const when = found.versions === undefined ? meant : `; PostgreSQL ${found.versions} has it`;
    context.violation({
      resource: group.resource.urn,
      text: `\`${name}\`${where} is not a parameter of ${family}${when}: RDS would refuse the group with "Could not find parameter with name: ${name}".`,
      fix:
        found.similar === undefined
          ? `Remove \`${name}\`${where}`
          : `Write \`${found.similar}\` instead of \`${name}\`${where}`,
      observed: name,
    });
    return;
  }
  const { definition } = found;
  if (definition.isModifiable === false) {
    context.violation({
      resource: group.resource.urn,
      text: `\`${name}\`${where} cannot be changed on RDS: it would refuse the group.`,
      fix: `Remove \`${name}\`${where}${definition.setBy === undefined ? "" : `: ${definition.setBy}`}`,
      observed: name,
    });
    return;
  }
  checkValue(definition, name, group, context);
  if (definition.apply === "dynamic") return;
  const { applyMethod } = group.parameter(name);
  if (applyMethod.state === "unknown") context.cannotDecide(group.resource.urn, applyMethod);
  const problem = applyMethodProblem(name, group, context);
  if (problem) context.violation(problem);
}

function checkValue(
  definition: ParameterDefinition,
  name: string,
  group: ParameterGroupReading,
  context: RuleContext,
): void {
  const { value } = group.parameter(name);
  if (value.state !== "known") {
    // The value of a text is no business of this rule, known or not.
    if (definition.type !== "string" || value.state === "malformed")
      context.cannotDecide(group.resource.urn, value);
    return;
  }
  const isPlain = typeof value.value !== "object";
  const problem = isPlain ? valueProblem(definition, String(value.value)) : "not a plain value";
  if (problem === undefined) return;
  const { min, max, unit, type } = definition;
  const isNumber = type === "integer" || type === "real";
  const shown = String(isPlain ? value.value : "a structure").slice(0, SHOWN);
  context.violation({
    resource: group.resource.urn,
    text: `\`${name}\` in ${kindOf(group)} ${group.resource.name} is ${JSON.stringify(shown)}, ${problem}: RDS would refuse the group, and the deployment would fail part-way.`,
    fix: context.naming.set(
      name,
      ` in ${kindOf(group)} \`${group.resource.name}\``,
      allowedValues(definition),
    ),
    observed: typeof value.value === "number" && Number.isFinite(value.value) ? value.value : shown,
    allowed: isNumber ? { min: min ?? null, max: max ?? null } : null,
    unit: isNumber ? (unit ?? null) : null,
  });
}
