import type { PlanResource } from "../../plan";
import type { PlanIndex } from "../../planIndex";
import { type Reading, readText, unknown, unset } from "../../reading";
import { resourceTypes } from "../../resourceTypes";
import type { ParameterGroupReading } from "../../stackReading";
import { readOwnText } from "./databaseProperties";
import { readParameterList } from "./parameterList";

/** Where a resource names its parameter group, and of which kind that group is. */
export interface GroupPlace {
  readonly property: string;
  readonly scope: ParameterGroupReading["scope"];
}

export const INSTANCE_GROUP: GroupPlace = { property: "parameterGroupName", scope: "instance" };
export const CLUSTER_GROUP: GroupPlace = { property: "dbClusterParameterGroupName", scope: "cluster" };
/** Where an instance of a cluster names the group of its own. */
export const MEMBER_GROUP: GroupPlace = { property: "dbParameterGroupName", scope: "instance" };

const TYPES = {
  instance: resourceTypes.rdsParameterGroup,
  cluster: resourceTypes.rdsClusterParameterGroup,
} as const;

/** The group a resource names: by dependency, else by name; none of its own when AWS assigns its default group. */
export function readParameterGroup(
  database: PlanResource,
  place: GroupPlace,
  index: PlanIndex,
): ParameterGroupReading {
  const { property, scope } = place;
  const named = readOwnText(database, property);
  const [made, ...others] = index.dependenciesOf(database, property, TYPES[scope]);
  const group =
    made && others.length === 0
      ? made
      : named.state === "known"
        ? index.named(TYPES[scope], "name", named.value)[0]
        : undefined;
  if (group) return groupOf(group, scope);

  const isDefault =
    named.state === "unset" || (named.state === "known" && named.value.startsWith("default."));
  const value: Reading<never> = isDefault
    ? unset(property)
    : unknown(property, "the parameter group is not part of this stack, so its values cannot be seen");
  return {
    resource: database,
    isOwn: false,
    group: named,
    family: unset("family"),
    scope,
    names: value,
    parameter: () => ({ value, applyMethod: unset("applyMethod") }),
  };
}

function groupOf(group: PlanResource, scope: ParameterGroupReading["scope"]): ParameterGroupReading {
  return {
    resource: group,
    isOwn: true,
    group: readText(group, "name"),
    family: readText(group, "family"),
    scope,
    ...readParameterList(group),
  };
}

/**
 * What is in force on an instance of a cluster: what its own group sets, and the cluster's group for the rest. A
 * default group of the instance sets nothing that would hide the cluster's values (Aurora User Guide,
 * USER_WorkingWithParamGroups).
 */
export function groupInForce(
  own: ParameterGroupReading,
  cluster: ParameterGroupReading,
): ParameterGroupReading {
  if (!own.isOwn && own.names.state === "unset") return cluster;
  return {
    ...own,
    behind: cluster,
    parameter: (name) => {
      const reading = own.parameter(name);
      return reading.value.state === "unset" ? cluster.parameter(name) : reading;
    },
  };
}
