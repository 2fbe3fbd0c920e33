import type { DatabaseReading, ParameterGroupReading } from "../../plan/types";
import { type RuleContext, rule } from "../rule";
import { isAwsDefault, kindOf } from "./parameterGroups";

/** A default group can be neither edited nor reviewed: the limit hangs on the class, every timeout on AWS. */
export const ownParameterGroup = rule({
  id: "own-parameter-group",
  title: "A parameter group of its own",
  severity: "medium",
  level: "advisory",
  description:
    "The database uses a parameter group of its own, so that its limit and timeouts are in code and can be changed.",
  remediationSteps:
    "Make an `aws.rds.ParameterGroup` (for Aurora an `aws.rds.ClusterParameterGroup`) of the engine's family, set `max_connections` in it, and name it in the database.",
  check(context) {
    for (const database of context.stack.databases) checkDatabase(database, context);
  },
});

function checkDatabase(database: DatabaseReading, context: RuleContext): void {
  const { parameters, members, kind, resource } = database;
  if (kind === "declared") return;
  const isDefault = isAwsDefault(parameters);
  if (isDefault === undefined) context.cannotDecide(resource.urn, parameters.group);
  // Instances that all have a group of their own set what the cluster's would.
  const isCovered = members.length > 0 && members.every((member) => member.parameters !== parameters);
  if (isDefault !== true || isCovered) return;
  context.violation({
    resource: resource.urn,
    text: `${resource.name} has no ${kindOf(parameters)} of its own, only AWS's default${nameOf(parameters)}, which nobody can edit: its \`max_connections\` follows the class, no statement or lock ever times out, and moving to a group of its own takes a reboot.`,
    fix: `Give it a ${kindOf(parameters)} with \`max_connections\` and the timeouts, and name it in \`${propertyOf(parameters)}\``,
    observed: parameters.group.state === "known" ? parameters.group.value : null,
  });
}

const nameOf = ({ group }: ParameterGroupReading): string =>
  group.state === "known" ? ` \`${group.value}\`` : "";

const propertyOf = ({ scope }: ParameterGroupReading): string =>
  scope === "cluster" ? "dbClusterParameterGroupName" : "parameterGroupName";
