import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import type { PlanIndex } from "../planIndex";
import { isMap, ownEntry } from "../reading";
import type { UnreadDatabase } from "../types";

/** Databases of AWS whose limits are not in the model, by service and name. */
const AWS: ReadonlyMap<string, string> = new Map([
  ["docdb:Cluster", "an Amazon DocumentDB cluster"],
  ["docdb:DbCluster", "an Amazon DocumentDB cluster"],
  ["docdb:ElasticCluster", "an Amazon DocumentDB elastic cluster"],
  ["dsql:Cluster", "an Aurora DSQL cluster"],
  ["lightsail:Database", "a Lightsail database"],
  ["neptune:Cluster", "an Amazon Neptune cluster"],
  ["neptune:DbCluster", "an Amazon Neptune cluster"],
  ["redshift:Cluster", "an Amazon Redshift cluster"],
  ["redshiftserverless:Workgroup", "an Amazon Redshift Serverless workgroup"],
  ["rds:DbShardGroup", "an Aurora Limitless shard group"],
  ["rds:ShardGroup", "an Aurora Limitless shard group"],
]);

/**
 * A database by the name of its type, whichever its provider: `gcp:sql/databaseInstance:DatabaseInstance`,
 * `azure-native:dbforpostgresql:FlexibleServer`, `digitalocean:index/databaseCluster:DatabaseCluster`.
 */
const DATABASE_TYPE =
  /(?:postgres(?:ql)?|mysql|mariadb|alloydb|cockroach|cratedb|yugabyte|timescale|(?:sql|database|db)(?:managed)?(?:instance|cluster|server)|flexibleserver|managedinstance|serverlesscluster|^pg$|dedicateddatabase|dbsystem|autonomousdatabase)/;
/** What such a provider calls the parts of a database: its users, its firewall, its replicas' settings. */
const PART_OF_ONE =
  /(?:user|grant|role|firewall|rule|backup|snapshot|parameter|config(?:uration)?|group|extension|schema|permission|cert(?:ificate)?|network|endpoint|administrator|alert|policy|key|association|attachment|token|password|allowlist|connectionpool|logical|replicationslot|database|db)s?$/;
/** Providers that sell databases and call them projects, branches or clusters. */
const DATABASE_PROVIDER = /^(?:neon|planetscale|cockroach|crunchybridge|supabase|tembo)$/;
const MAIN_RESOURCE = /^(?:project|database|cluster|branch|instance)$/;
/** Providers that work inside a database, or that only read it. */
const NO_DATABASE_PROVIDER =
  /^(?:aws|awsx|postgresql|mysql|mssql|snowflake|databricks|datadog|grafana|newrelic|kubernetes|random|command|pulumi|eks|docker|vault|pulumiservice)$/;

/**
 * Resources that are databases by their type or their properties and that no reader knows: nothing is held against
 * their limits, and their clients are clients of a database that was not read.
 */
export function readUnreadDatabases(index: PlanIndex): readonly UnreadDatabase[] {
  return index.resources.flatMap((resource) => {
    const what = index.isComponent(resource) ? undefined : unreadDatabase(resource);
    return what === undefined ? [] : [{ resource, what }];
  });
}

/** Whether a type is a part of a database of another cloud: a user, a logical database, a firewall rule of it. */
export function isPartOfOne(type: string, databases: readonly UnreadDatabase[]): boolean {
  const [provider = "", middle = "", name = ""] = type.split(":");
  if (NO_DATABASE_PROVIDER.test(provider) || provider === "aws-native") return false;
  const service = middle.split("/")[0];
  const token = name.toLowerCase();
  const isOfDatabases =
    service !== "index" || /^(?:database|db|postgres|pg|mysql|sql|branch|role)/.test(token);
  return (
    isOfDatabases &&
    PART_OF_ONE.test(token) &&
    databases.some(({ resource }) => resource.type.startsWith(`${provider}:${service}`))
  );
}

function unreadDatabase(resource: PlanResource): string | undefined {
  const [provider = "", middle = "", name = ""] = resource.type.split(":");
  if (provider === "aws" || provider === "aws-native") {
    const aws = AWS.get(`${middle.split("/")[0]}:${name}`);
    if (aws !== undefined) return aws;
    if (name === "Stack" && middle.startsWith("cloudformation")) return inTemplate(resource.properties);
    if (middle.startsWith("cloudcontrol") || name === "ExtensionResource")
      return byTypeName(resource.properties);
    return undefined;
  }
  if (
    provider === "kubernetes" &&
    /^(?:[\w.-]*(?:postgres|mysql|mariadb|percona|cnpg|zalan)[\w.-]*)\//.test(middle)
  ) {
    return /cluster|^postgresql$|^mariadb$|^mysql$/i.test(name)
      ? `a database that an operator runs (${middle}, ${name})`
      : undefined;
  }
  if (middle === "tf" || NO_DATABASE_PROVIDER.test(provider)) return undefined;
  const token = name.toLowerCase();
  const service = (middle.split("/")[0] ?? "").toLowerCase();
  const isServer = /^(?:server|cluster|instance|flexibleserver|singleserver)$/.test(token);
  const isNamed =
    (DATABASE_TYPE.test(token) && !PART_OF_ONE.test(token.replace(/^database(?=.)/, ""))) ||
    (DATABASE_PROVIDER.test(provider) && MAIN_RESOURCE.test(token)) ||
    (isServer && /(?:postgres|mysql|mariadb|sql|alloydb|database|dbfor)/.test(service));
  return isNamed || hasEngine(resource.properties) ? `a database of type ${resource.type}` : undefined;
}

/** `engine: "postgres"` and a version or a size, as nearly every provider of databases has them. */
function hasEngine(properties: PropertyMap): boolean {
  const engine = ownEntry(properties, "engine");
  if (
    typeof engine !== "string" ||
    !/^(?:aurora-)?(?:postgres(?:ql)?|pg|mysql|mariadb|sqlserver|oracle)/i.test(engine)
  )
    return false;
  return ["engineVersion", "version", "instanceClass", "size", "nodeType", "plan", "tier"].some(
    (property) => ownEntry(properties, property) !== undefined,
  );
}

/** A CloudFormation stack whose template has a resource of RDS; a template elsewhere cannot be looked into. */
function inTemplate(properties: PropertyMap): string | undefined {
  const template = ownEntry(properties, "templateBody") ?? ownEntry(properties, "template");
  return template !== undefined &&
    mentions(template, /AWS::(?:RDS|DocDB|Neptune|DSQL|Redshift)::(?:DB)?(?:Instance|Cluster)\b/)
    ? "a CloudFormation stack whose template makes a database"
    : undefined;
}

function byTypeName(properties: PropertyMap): string | undefined {
  const typeName = ownEntry(properties, "typeName") ?? ownEntry(properties, "type");
  return typeof typeName === "string" &&
    /^AWS::(?:RDS|DocDB|Neptune|DSQL|Redshift)::(?:DB)?(?:Instance|Cluster)$/.test(typeName)
    ? `a database of type ${typeName}`
    : undefined;
}

function mentions(value: PropertyValue, pattern: RegExp, depth = 0): boolean {
  if (typeof value === "string") return pattern.test(value);
  if (value === UNKNOWN || depth > 16) return false;
  if (Array.isArray(value))
    return (value as readonly PropertyValue[]).some((item) => mentions(item, pattern, depth + 1));
  return isMap(value) && Object.values(value).some((item) => mentions(item, pattern, depth + 1));
}
