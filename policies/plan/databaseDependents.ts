import { holdsDatabaseAddress, rdsHosts, resourceBehind } from "./clients/databaseSigns";
import { DATABASE_ENDPOINTS, passwordsOf } from "./databases/directory";
import { isPartOfOne } from "./databases/unreadDatabases";
import { harmless } from "./harmlessTypes";
import type { PlanResource, PropertyValue } from "./plan";
import type { PlanIndex } from "./planIndex";
import { isMap, knownValue, readText } from "./reading";
import { resourceTypes } from "./resourceTypes";
import type { UnreadDatabase } from "./types";

/** Kinds of clients that hold connections and whose pools no property shows, in words. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["aws:ec2/instance:Instance", "an EC2 instance"],
  ["aws:ec2/spotInstanceRequest:SpotInstanceRequest", "an EC2 instance"],
  ["aws:ec2/launchTemplate:LaunchTemplate", "a launch template"],
  ["aws:ec2/launchConfiguration:LaunchConfiguration", "a launch configuration"],
  ["aws:elasticbeanstalk/environment:Environment", "an Elastic Beanstalk environment"],
  ["aws:apprunner/service:Service", "an App Runner service"],
  ["aws:ecs/expressGatewayService:ExpressGatewayService", "an ECS Express service"],
  ["aws:batch/jobDefinition:JobDefinition", "a Batch job"],
  ["aws:codebuild/project:Project", "a CodeBuild project"],
  ["aws:glue/connection:Connection", "a Glue connection"],
  ["aws:glue/job:Job", "a Glue job"],
  ["aws:dms/endpoint:Endpoint", "a DMS endpoint"],
  ["aws:mskconnect/connector:Connector", "an MSK connector"],
  ["aws:quicksight/dataSource:DataSource", "a QuickSight data source"],
  [
    "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
    "a Lightsail service",
  ],
  ["kubernetes:apps/v1:Deployment", "a Kubernetes deployment"],
  ["kubernetes:apps/v1:StatefulSet", "a Kubernetes stateful set"],
  ["kubernetes:apps/v1:DaemonSet", "a Kubernetes daemon set"],
  ["kubernetes:core/v1:Pod", "a Kubernetes pod"],
  ["kubernetes:batch/v1:Job", "a Kubernetes job"],
  ["kubernetes:batch/v1:CronJob", "a Kubernetes cron job"],
  ["kubernetes:helm.sh/v3:Release", "a Helm release"],
  ["kubernetes:helm.sh/v4:Chart", "a Helm chart"],
]);

/** Clients that have readers of their own: they are reached, and reported there. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set([
  ...resourceTypes.ecsService,
  ...resourceTypes.ecsTaskDefinition,
  ...resourceTypes.ecsTaskSet,
  ...resourceTypes.lambdaFunction,
]);

const CLUSTERS_STORES: ReadonlySet<string> = new Set([
  ...resourceTypes.kubernetesSecret,
  ...resourceTypes.kubernetesConfigMap,
]);

const STORES: ReadonlySet<string> = new Set([
  ...CLUSTERS_STORES,
  ...resourceTypes.ssmParameter,
  ...resourceTypes.secret,
  "aws:s3/bucketObject:BucketObject",
  "aws:s3/bucketObjectv2:BucketObjectv2",
]);

/** Something that draws on a database, by a value, an address or a name. */
export interface Dependent {
  readonly resource: PlanResource;
  /** The property that leads there. */
  readonly property: string;
  /** Logical name of the database. */
  readonly database: string;
  /** What it is in words; undefined for a store (a parameter, a secret, a config map). */
  readonly kind: string | undefined;
  /** Of a store: whether a workload of the stack reads it, and whether its readers live in a Kubernetes cluster. */
  readonly store?: { readonly isRead: boolean; readonly inCluster: boolean };
}

/**
 * Everything that depends on a database, read or not, and is not known to hold no connection; and the stores that carry a
 * database's address or password. Found by following values, database endpoints in plain text and names of stores from
 * each database outwards, through what passes them on. A workload ends the way: what depends on it talks to it, not to
 * the database.
 */
export function databaseDependents(
  index: PlanIndex,
  unread: readonly UnreadDatabase[],
): readonly Dependent[] {
  const uses = usesOf(index);
  const sources = sourcesOf(index, unread);
  if (uses.has(ELSEWHERE)) sources.set(ELSEWHERE, ELSEWHERE);
  const reached = new Map<string, Use & { readonly database: string }>();
  const open = [...sources];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [urn, database] = next;
    for (const use of uses.get(urn) ?? []) {
      if (reached.has(use.user.urn) || sources.has(use.user.urn)) continue;
      reached.set(use.user.urn, { ...use, database });
      if (passesOn(use.user)) open.push([use.user.urn, database]);
    }
  }
  return [...reached.values()]
    .map(({ user, property, database }) => toDependent(user, property, database, uses))
    .filter(
      ({ resource, store }) =>
        !READ_ELSEWHERE.has(resource.type) &&
        !index.isComponent(resource) &&
        (store !== undefined ||
          (harmless(resource.type) === undefined && !isPartOfOne(resource.type, unread))),
    )
    .sort((a, b) => (a.resource.urn < b.resource.urn ? -1 : 1));
}

function toDependent(
  resource: PlanResource,
  property: string,
  database: string,
  uses: ReadonlyMap<string, readonly Use[]>,
): Dependent {
  const { type, urn } = resource;
  if (!STORES.has(type)) {
    return { resource, property, database, kind: KINDS.get(type) ?? `a resource of type ${type}` };
  }
  const isRead = (uses.get(urn) ?? []).some(({ user }) => !resourceTypes.secretVersion.has(user.type));
  return {
    resource,
    property,
    database,
    kind: undefined,
    store: { isRead, inCluster: CLUSTERS_STORES.has(type) },
  };
}

/** `user` takes a value from something by `property`, or names it there. */
interface Use {
  readonly user: PlanResource;
  readonly property: string;
}

/** Where the ways begin: databases and their parts, and what a database's password was made from. */
function sourcesOf(index: PlanIndex, unread: readonly UnreadDatabase[]): Map<string, string> {
  const sources = new Map(unread.map(({ resource }) => [resource.urn, resource.name]));
  for (const end of index.ofType(DATABASE_ENDPOINTS)) {
    sources.set(end.urn, end.name);
    for (const urn of passwordsOf(end, index)) sources.set(urn, end.name);
  }
  return sources;
}

/** Stands for a database of which the plan shows an address and no resource. */
const ELSEWHERE = "a database outside this stack";

/** Who takes values from whom, by URN, over the whole plan; what holds no connection and hands nothing on is left out. */
function usesOf(index: PlanIndex): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  const add = (from: string, user: PlanResource, property: string): void => {
    if (from === user.urn) return;
    const list = uses.get(from);
    if (list) list.push({ user, property });
    else uses.set(from, [{ user, property }]);
  };
  const names = new NamesInText(index);
  for (const user of index.resources) {
    if (user.type.startsWith("pulumi:") || harmless(user.type)?.passesOn === false) continue;
    for (const [property, urns] of Object.entries(user.propertyDependencies)) {
      for (const urn of urns) add(urn, user, property);
    }
    for (const secret of secretsOf(user, index)) add(user.urn, secret, "secretString");
    if (DATABASE_ENDPOINTS.has(user.type)) continue;
    for (const [property, value] of Object.entries(user.properties)) {
      for (const urn of names.in(user, property, value)) add(urn, user, property);
    }
  }
  return uses;
}

/** A secret's value lies in its versions: what reads the secret reads them. */
function secretsOf(version: PlanResource, index: PlanIndex): readonly PlanResource[] {
  if (!resourceTypes.secretVersion.has(version.type)) return [];
  const made = index.dependenciesOf(version, "secretId", resourceTypes.secret);
  const name = knownValue(readText(version, "secretId"));
  return made.length > 0 || name === undefined ? made : index.named(resourceTypes.secret, "name", name);
}

/** Deeper than any workload's specification nests. */
const MAX_DEPTH = 24;

const DATABASE_ARN = /\barn:aws[a-z-]*:rds:[a-z0-9-]*:\d*:(db|cluster|db-proxy):([A-Za-z0-9-]+)/g;
const PARAMETER_ARN = /:parameter(\/[\w./-]+)/g;
const SECRET_ARN = /:secret:([\w/+=.@-]+)/g;
const IDENTIFIER_KEY =
  /(?:^|_)(?:db|rds|database|cluster)_?(?:instance|cluster|proxy)?_?(?:identifier|id|name)$/i;
/** Where a Kubernetes workload names a Secret or a ConfigMap: `secretKeyRef: { name }`, `secret: { secretName }`. */
const CLUSTER_REFERENCE =
  /^(?:secretKeyRef|secretRef|configMapKeyRef|configMapRef|configMap|secret|target)\.(?:name|secretName)$|(?:^|\.)(?:existingSecret|existingConfigmap|secretName)$/i;

/** Where a text stands in base64: a machine's user data, and what a Kubernetes Secret holds. */
const ENCODED = /\.user_?data(?:_?base64)?$|^data\./i;

/** The text that a string in base64 holds; undefined for any other string. */
function fromBase64(text: string): string | undefined {
  return /^[A-Za-z0-9+/\s]{12,}={0,2}\s*$/.test(text)
    ? Buffer.from(text, "base64").toString("utf8")
    : undefined;
}

/** Finds what a resource's texts name: databases by endpoint, ARN or identifier, and stores by name. */
class NamesInText {
  private readonly stores = new Map<string, string>();

  constructor(private readonly index: PlanIndex) {
    for (const store of index.ofType(STORES)) {
      const path = CLUSTERS_STORES.has(store.type) ? ["metadata", "name"] : ["name"];
      const name = knownValue(readText(store, ...path));
      if (name !== undefined && name !== "") this.stores.set(`${storeKind(store.type)} ${name}`, store.urn);
    }
  }

  /** URNs of what a value names; `ELSEWHERE` for a database that no resource of the plan is. */
  *in(user: PlanResource, key: string, value: PropertyValue, parent = "", depth = 0): Generator<string> {
    if (depth > MAX_DEPTH) return;
    if (typeof value === "string") {
      yield* this.inText(user, value, key, parent);
      const decoded = ENCODED.test(`${parent}.${key}`) ? fromBase64(value) : undefined;
      if (decoded !== undefined) yield* this.inText(user, decoded, "", parent);
      const parsed = /^\s*[[{]/.test(value) ? parsedJson(value) : undefined;
      if (parsed !== undefined) yield* this.in(user, key, parsed, parent, depth + 1);
    } else if (Array.isArray(value)) {
      for (const item of value as readonly PropertyValue[])
        yield* this.in(user, key, item, parent, depth + 1);
    } else if (isMap(value)) {
      for (const [name, item] of Object.entries(value)) yield* this.in(user, name, item, key, depth + 1);
    }
  }

  private *inText(user: PlanResource, text: string, key: string, parent: string): Generator<string> {
    if (user.type.startsWith("kubernetes:")) {
      if (CLUSTER_REFERENCE.test(`${parent}.${key}`)) yield* this.called(["cluster"], [text]);
    } else if (!STORES.has(user.type)) {
      for (const [, name = ""] of text.matchAll(PARAMETER_ARN))
        yield* this.called(["parameter"], [name, name.slice(1)]);
      for (const [, name = ""] of text.matchAll(SECRET_ARN))
        yield* this.called(["secret"], [name, name.replace(/-[A-Za-z0-9]{6}$/, "")]);
      yield* this.called(["parameter", "secret"], [text]);
      for (const { urn } of this.index.below(resourceTypes.ssmParameter, "name", text)) yield urn;
    }
    yield* this.databasesIn(text, key);
  }

  private *called(kinds: readonly string[], names: readonly string[]): Generator<string> {
    for (const kind of kinds) {
      for (const name of names) {
        const urn = this.stores.get(`${kind} ${name}`);
        if (urn !== undefined) yield urn;
      }
    }
  }

  private *databasesIn(text: string, key: string): Generator<string> {
    const behind = (host: Parameters<typeof resourceBehind>[0]) => resourceBehind(host, this.index)?.urn;
    for (const [, what, name = ""] of text.matchAll(DATABASE_ARN)) {
      const kind = what === "db-proxy" ? "proxy" : "database";
      yield behind({ kind, identifier: name.toLowerCase() }) ?? ELSEWHERE;
    }
    const hosts = text.includes(".rds.amazonaws.com") ? rdsHosts(text) : [];
    for (const host of hosts) yield behind(host) ?? ELSEWHERE;
    if (hosts.length === 0 && /[=:]/.test(text) && holdsDatabaseAddress(text)) yield ELSEWHERE;
    if (text !== "" && IDENTIFIER_KEY.test(key.replace(/([a-z])([A-Z])/g, "$1_$2"))) {
      const named = behind({ kind: "database", identifier: text.toLowerCase() });
      if (named !== undefined) yield named;
    }
  }
}

const storeKind = (type: string): string =>
  resourceTypes.ssmParameter.has(type) ? "parameter" : CLUSTERS_STORES.has(type) ? "cluster" : "secret";

function parsedJson(text: string): PropertyValue | undefined {
  try {
    return JSON.parse(text) as PropertyValue;
  } catch {
    return undefined;
  }
}

/** A workload holds the connection itself; what is made from a type that is not listed may hold another. */
const passesOn = ({ type }: PlanResource): boolean => !KINDS.has(type) && !READ_ELSEWHERE.has(type);
