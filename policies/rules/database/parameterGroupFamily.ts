import { engineOf } from "../../budget/databaseLimit";
import type { DatabaseEngine } from "../../model/engines";
import { parameterFamily, parseFamily } from "../../model/parameters";
import { knownValue } from "../../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../../plan/types";
import { type RuleContext, rule } from "../rule";
import { familyOf, groupsOf, kindOf } from "./parameterGroups";

/** A parameter group fits one engine at one major version, and AWS refuses any other. */
export const parameterGroupFamily = rule({
  id: "parameter-group-family",
  title: "Parameter group of the engine's family",
  severity: "high",
  level: "mandatory",
  description: "Each parameter group has the family of its database's engine and major version.",
  remediationSteps:
    "Set `family` of the parameter group to the one named in the message, and change it together with `engineVersion`.",
  check(context) {
    for (const database of context.stack.databases) {
      const engine = knownValue(engineOf(database));
      if (engine === undefined) continue;
      for (const group of groupsOf(database)) checkGroup(group, database, engine, context);
    }
  },
});

function checkGroup(
  group: ParameterGroupReading,
  database: DatabaseReading,
  engine: DatabaseEngine,
  context: RuleContext,
): void {
  const family = familyOf(group);
  if (family.state === "unset") return;
  if (family.state !== "known") {
    context.cannotDecide(group.resource.urn, family);
    return;
  }
  const { engineVersion, resource } = database;
  const version = knownValue(engineVersion);
  const expected = parameterFamily(engine, version ?? "");
  const given = family.value.toLowerCase();
  if (given === expected) return;
  const isOfEngine = parseFamily(given)?.engine === engine;
  if (expected === undefined && isOfEngine) {
    // `8` of MySQL fits 8.0 as well as 8.4; a version that is not set is AWS's choice of the day.
    if (version !== undefined && given.startsWith(`${engine}${version.trim()}.`)) return;
    context.cannotDecide(resource.urn, {
      property: "engineVersion",
      reason:
        version === undefined
          ? "`engineVersion` is not known, and AWS refuses a parameter group of another major version"
          : `\`engineVersion\` ${JSON.stringify(version)} does not say which family it belongs to`,
      fix: `Set \`engineVersion\` of \`${resource.name}\` to the version of family ${family.value}`,
    });
    return;
  }
  const { naming } = context;
  const wanted = expected ?? `a family of ${engine}`;
  const runs = version === undefined ? engine : `${engine} ${version}`;
  context.violation({
    resource: group.resource.urn,
    text: `${kindOf(group)} ${group.resource.name} is of family ${JSON.stringify(family.value)}, and ${resource.name} runs ${runs}: AWS refuses the group, part-way through the deployment.`,
    fix: group.isOwn
      ? naming.set("family", ` of ${kindOf(group)} \`${group.resource.name}\``, expected ?? wanted, expected)
      : `Give ${resource.name} a group of family ${wanted}`,
    observed: family.value,
  });
}
