import type { PlanResource } from "../../plan";
import type { PlanIndex } from "../../planIndex";
import {
  leftToAws,
  ownText,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
  unknown,
} from "../../reading";
import { resourceTypes } from "../../resourceTypes";
import type { ClusterMember, DatabaseReading } from "../../stackReading";
import {
  namesOf,
  readEngine,
  readIamAuthentication,
  readLogExports,
  readOwnText,
} from "./databaseProperties";
import { CLUSTER_GROUP, groupInForce, MEMBER_GROUP, readParameterGroup } from "./parameterGroups";

/**
 * An Aurora cluster with the instances of it that this stack holds, or a Multi-AZ cluster of RDS, which has no
 * instances of its own but one class for all (`dbClusterInstanceClass`).
 */
export function readCluster(cluster: PlanResource, index: PlanIndex): DatabaseReading {
  const parameters = readParameterGroup(cluster, CLUSTER_GROUP, index);
  const members = membersOf(cluster, index).map(
    (member): ClusterMember => ({
      resource: member,
      instanceClass: readText(member, "instanceClass"),
      parameters: groupInForce(readParameterGroup(member, MEMBER_GROUP, index), parameters),
    }),
  );
  return {
    resource: cluster,
    names: namesOf(cluster, "clusterIdentifier", "databaseName"),
    kind: "cluster",
    engine: readEngine(cluster),
    engineVersion: readOwnText(cluster, "engineVersion"),
    instanceClass: readClass(cluster),
    members,
    serverless: readServerless(cluster),
    parameters,
    declaredMaxConnections: undefined,
    otherDemand: 0,
    iamAuthentication: readIamAuthentication(cluster),
    logExports: readLogExports(cluster),
  };
}

/** Instances whose `clusterIdentifier` was made from the cluster, or says its name. */
function membersOf(cluster: PlanResource, index: PlanIndex): PlanResource[] {
  const types = resourceTypes.rdsClusterInstance;
  const made = index.usersOf(cluster.urn, types, "clusterIdentifier");
  const identifier = ownText(cluster, "clusterIdentifier");
  const named = identifier.state === "known" ? index.named(types, "clusterIdentifier", identifier.value) : [];
  return [...new Set([...made, ...named])];
}

/** Aurora Serverless v1 has neither class nor ACU bounds of version 2: its limit moves with its capacity. */
function readClass(cluster: PlanResource): Reading<string> {
  const mode = readOwnText(cluster, "engineMode");
  if (mode.state === "known" && mode.value === "serverless") {
    return unknown(
      "engineMode",
      "Aurora Serverless v1 changes its connection limit with its capacity; AWS has ended support for it, and Serverless v2 can be judged",
    );
  }
  return ownText(cluster, "dbClusterInstanceClass");
}

const SCALING = "serverlessv2ScalingConfiguration";
/** Aurora User Guide, aurora-serverless-v2.setting-capacity: steps of 0.5 ACU up to 256. */
const MOST_ACU = 256;

function readServerless(cluster: PlanResource): DatabaseReading["serverless"] {
  const given = leftToAws(cluster, SCALING, readProperty(cluster, SCALING));
  if (given.state === "unset") return undefined;
  const acu = (bound: "minCapacity" | "maxCapacity", least: number): Reading<number> =>
    given.state === "known"
      ? requireNumber(
          readNumber(cluster, SCALING, bound),
          `${SCALING}.${bound}`,
          (value) => value >= least && value <= MOST_ACU,
          `a number of ACU from ${least} to ${MOST_ACU}`,
        )
      : given;
  return { minAcu: acu("minCapacity", 0), maxAcu: acu("maxCapacity", 1) };
}
