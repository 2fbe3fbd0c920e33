import { type PlanResource, type PropertyValue, UNKNOWN } from "../plan";
import { type PlanIndex, stackAndProject } from "../planIndex";
import {
  andThen,
  known,
  leftToAws,
  malformed,
  ownText,
  type Reading,
  readNumber,
  readOwnText,
  readProperty,
  readText,
  requireNumber,
  unknown,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { DeclaredDatabase } from "../settings";
import type { ClusterMember, DatabaseReading, ParameterGroupReading } from "../types";
import { withDeclared } from "./declaredDatabases";
import {
  CLUSTER_GROUP,
  groupInForce,
  INSTANCE_GROUP,
  MEMBER_GROUP,
  readParameterGroup,
} from "./parameterGroups";

/**
 * Every database of a plan, and those that the policy configuration describes: RDS instances, read replicas, Aurora
 * and Multi-AZ clusters. Neptune and DocumentDB share a few names with RDS and none of its limits; they are not read.
 */
export function readDatabases(
  index: PlanIndex,
  declared: readonly DeclaredDatabase[] = [],
): DatabaseReading[] {
  const databases = [
    ...index.ofType(resourceTypes.rdsInstance).map((instance) => readInstance(instance, index)),
    ...index.ofType(resourceTypes.rdsCluster).map((cluster) => readCluster(cluster, index)),
  ];
  return withDeclared(databases, declared, stackAndProject(index));
}

/** An RDS instance; a read replica is a database of its own, with what it takes over from its source. */
function readInstance(instance: PlanResource, index: PlanIndex): DatabaseReading {
  const source = sourceOf(instance, index);
  // A replica runs its source's engine, and need not name it.
  const inherited = (read: (of: PlanResource) => Reading<string>): Reading<string> => {
    const own = read(instance);
    return own.state === "unset" && source ? read(source) : own;
  };
  return {
    resource: instance,
    names: namesOf(instance, "identifier", "dbName"),
    kind: ownText(instance, "replicateSourceDb").state === "unset" ? "instance" : "replica",
    source: source === undefined ? sourceElsewhere(instance) : known(source.urn),
    engine: inherited(readEngine),
    engineVersion: inherited((of) => readOwnText(of, "engineVersion")),
    instanceClass: readText(instance, "instanceClass"),
    members: [],
    serverless: undefined,
    parameters: readGroup(instance, source, index),
    declaredMaxConnections: undefined,
    otherDemand: 0,
    iamAuthentication: readIamAuthentication(instance),
    logExports: readLogExports(instance),
  };
}

function sourceOf(instance: PlanResource, index: PlanIndex): PlanResource | undefined {
  const [made] = index.dependenciesOf(instance, "replicateSourceDb", resourceTypes.rdsInstance);
  if (made) return made;
  const named = ownText(instance, "replicateSourceDb");
  const found =
    named.state === "known"
      ? index.named(resourceTypes.rdsInstance, "identifier", named.value)[0]
      : undefined;
  return found === instance ? undefined : found;
}

/** By its identifier: the text itself, or the end of an ARN (`arn:aws:rds:REGION:ACCOUNT:db:IDENTIFIER`). */
const sourceElsewhere = (instance: PlanResource): Reading<string> =>
  andThen(ownText(instance, "replicateSourceDb"), (text) => known(text.split(":").at(-1) ?? text));

/**
 * A replica that names no group gets its source's in the same region, where it names the source by its identifier,
 * and the default group in another, where it needs the source's ARN (RDS API, CreateDBInstanceReadReplica).
 */
function readGroup(
  instance: PlanResource,
  source: PlanResource | undefined,
  index: PlanIndex,
): ParameterGroupReading {
  const own = readParameterGroup(instance, INSTANCE_GROUP, index);
  if (source === undefined || own.group.state !== "unset") return own;
  const named = ownText(instance, "replicateSourceDb");
  const isSameRegion = named.state === "known" && !named.value.startsWith("arn:");
  return isSameRegion ? readParameterGroup(source, INSTANCE_GROUP, index) : own;
}

/**
 * An Aurora cluster with the instances of it that this stack holds, or a Multi-AZ cluster of RDS, which has no
 * instances of its own but one class for all (`dbClusterInstanceClass`).
 */
function readCluster(cluster: PlanResource, index: PlanIndex): DatabaseReading {
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
      "Aurora Serverless v1 changes its connection limit with its capacity; AWS has ended support for it, and Serverless v2 can be checked",
    );
  }
  return ownText(cluster, "dbClusterInstanceClass");
}

const SCALING = "serverlessv2ScalingConfiguration";
/** Aurora User Guide, aurora-serverless-v2.setting-capacity: steps of 0.5 ACU up to 256. */
const MAX_ACU = 256;

function readServerless(cluster: PlanResource): DatabaseReading["serverless"] {
  const given = leftToAws(cluster, SCALING, readProperty(cluster, SCALING));
  if (given.state === "unset") return undefined;
  const acu = (bound: "minCapacity" | "maxCapacity", least: number): Reading<number> =>
    given.state === "known"
      ? requireNumber(
          readNumber(cluster, SCALING, bound),
          `${SCALING}.${bound}`,
          (value) => value >= least && value <= MAX_ACU,
          `a number of ACU from ${least} to ${MAX_ACU}`,
        )
      : given;
  return { minAcu: acu("minCapacity", 0), maxAcu: acu("maxCapacity", 1) };
}

/** The logical name of a resource, and those of its properties that are known texts. */
function namesOf(resource: PlanResource, ...properties: readonly string[]): string[] {
  const texts = properties.map((property) => ownText(resource, property));
  return [resource.name, ...texts.flatMap((text) => (text.state === "known" ? [text.value] : []))];
}

/** The engine as RDS names it, in lower case: RDS takes it in any, and the provider lowers it. */
const readEngine = (resource: PlanResource): Reading<string> =>
  andThen(readOwnText(resource, "engine"), (engine) => known(engine.toLowerCase()));

/** Whether clients may log in with IAM tokens; off unless it is turned on. */
function readIamAuthentication(resource: PlanResource): Reading<boolean> {
  const property = "iamDatabaseAuthenticationEnabled";
  const value = leftToAws(resource, property, readProperty(resource, property));
  if (value.state === "unset") return known(false, "RDS's default");
  if (value.state !== "known") return value;
  const flag = FLAGS.get(value.value);
  return flag === undefined ? malformed(property, value.value, "true or false") : known(flag);
}

const FLAGS: ReadonlyMap<PropertyValue, boolean> = new Map<PropertyValue, boolean>([
  [true, true],
  [false, false],
  ["true", true],
  ["false", false],
]);

/** The logs a database sends to CloudWatch. */
function readLogExports(resource: PlanResource): Reading<readonly string[]> {
  const property = "enabledCloudwatchLogsExports";
  const list = leftToAws(resource, property, readProperty(resource, property));
  if (list.state === "unset") return known([], "RDS's default");
  if (list.state !== "known") return list;
  if (!Array.isArray(list.value)) return malformed(property, list.value, "a list of log types");
  const items = list.value as readonly PropertyValue[];
  if (items.includes(UNKNOWN)) return unknown(property);
  return known(items.flatMap((item) => (typeof item === "string" ? [item] : [])));
}
