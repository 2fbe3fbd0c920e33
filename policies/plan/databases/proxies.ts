import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import {
  andThen,
  known,
  knownValue,
  leftToAws,
  malformed,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
  unknown,
  unset,
  whenUnset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { DatabaseReading, ProxyReading } from "../types";
import { DatabaseDirectory, referenced } from "./directory";

const DEFAULT = "RDS Proxy's default";
const POOL = "connectionPoolConfig";
/** `IAM_AUTH`: the proxy takes no password from a secret (Amazon RDS User Guide, "End-to-end IAM authentication"). */
const SCHEME = "defaultAuthScheme";

/**
 * Every RDS Proxy of a plan, with its default target group and the database it is registered with. Defaults are
 * AWS's own (Amazon RDS API Reference, `ConnectionPoolConfiguration` and `CreateDBProxy`): all of `max_connections`,
 * half of that idle, 120 s to borrow a connection, 30 minutes for an idle client, TLS not required.
 */
export function readProxies(index: PlanIndex, databases: readonly DatabaseReading[]): ProxyReading[] {
  const directory = new DatabaseDirectory(databases);
  return index.ofType(resourceTypes.rdsProxy).map((proxy) => {
    const [targetGroup] = targetGroupsOf(proxy, index);
    const setting = (property: string, fallback: number): Reading<number> =>
      targetGroup ? readSetting(targetGroup, property, fallback) : known(fallback, DEFAULT);
    const maxConnectionsPercent = setting("maxConnectionsPercent", 100);
    return {
      resource: proxy,
      targetGroup,
      database: readDatabase(proxy, directory, index),
      maxConnectionsPercent,
      maxIdleConnectionsPercent: setting(
        "maxIdleConnectionsPercent",
        Math.floor((knownValue(maxConnectionsPercent) ?? 100) / 2),
      ),
      borrowTimeoutSeconds: setting("connectionBorrowTimeout", 120),
      idleClientSeconds: requireNumber(
        whenUnset(
          leftToAws(proxy, "idleClientTimeout", readNumber(proxy, "idleClientTimeout")),
          1800,
          DEFAULT,
        ),
        "idleClientTimeout",
        (seconds) => seconds >= 0,
        "a non-negative number (seconds)",
      ),
      requireTls: readRequireTls(proxy),
      usesIam: andThen(
        whenUnset(leftToAws(proxy, SCHEME, readText(proxy, SCHEME)), "NONE", DEFAULT),
        (scheme) => known(scheme === "IAM_AUTH"),
      ),
    };
  });
}

function readSetting(targetGroup: PlanResource, property: string, fallback: number): Reading<number> {
  // Of a block that the program left out, AWS decides every entry.
  const reading = leftToAws(targetGroup, POOL, readNumber(targetGroup, POOL, property));
  return whenUnset(reading, fallback, DEFAULT);
}

function readRequireTls(proxy: PlanResource): Reading<boolean> {
  const value = leftToAws(proxy, "requireTls", readProperty(proxy, "requireTls"));
  if (value.state === "unset") return known(false, DEFAULT);
  return andThen(value, (flag) => {
    if (flag === true || flag === "true") return known(true);
    return flag === false || flag === "false" ? known(false) : malformed("requireTls", flag, "true or false");
  });
}

/** The database that the proxy's only target names: RDS Proxy takes one database per target group. */
function readDatabase(proxy: PlanResource, directory: DatabaseDirectory, index: PlanIndex): Reading<string> {
  const targets = targetsOf(proxy, index);
  if (targets.length === 0) return unset("targets");
  const found = new Set(targets.map((target) => databaseOf(target, directory, index)));
  const [database, ...others] = found;
  if (database !== undefined && others.length === 0) return known(database);
  return unknown("targets", `the database behind ${proxy.name} is not in this stack`);
}

const TARGETS = [
  { property: "dbInstanceIdentifier", types: resourceTypes.rdsInstance, name: "identifier" },
  { property: "dbInstanceIdentifier", types: resourceTypes.rdsClusterInstance, name: "identifier" },
  { property: "dbClusterIdentifier", types: resourceTypes.rdsCluster, name: "clusterIdentifier" },
] as const;

function databaseOf(
  target: PlanResource,
  directory: DatabaseDirectory,
  index: PlanIndex,
): string | undefined {
  for (const { property, types, name } of TARGETS) {
    const end = referenced(target, property, types, name, index);
    const database = end && directory.databaseOf(end, index);
    if (database) return database.resource.urn;
  }
  const names = TARGETS.flatMap(({ property }) => knownValue(readText(target, property)) ?? []);
  return names.flatMap((name) => directory.called(name))[0]?.resource.urn;
}

/** The default target groups of a proxy; there is one at most. */
const targetGroupsOf = (proxy: PlanResource, index: PlanIndex): readonly PlanResource[] =>
  usersOf(proxy, resourceTypes.rdsProxyTargetGroup, index);

/** The targets of a proxy, whose names may have been taken from its target group. */
function targetsOf(proxy: PlanResource, index: PlanIndex): readonly PlanResource[] {
  const types = resourceTypes.rdsProxyTarget;
  const throughGroup = targetGroupsOf(proxy, index).flatMap(({ urn }) => [
    ...index.usersOf(urn, types, "dbProxyName"),
    ...index.usersOf(urn, types, "targetGroupName"),
  ]);
  return [...new Set([...usersOf(proxy, types, index), ...throughGroup])];
}

/** Resources whose `dbProxyName` was made from the proxy, else those that hold its name. */
function usersOf(proxy: PlanResource, types: ReadonlySet<string>, index: PlanIndex): readonly PlanResource[] {
  const made = index.usersOf(proxy.urn, types, "dbProxyName");
  const name = knownValue(readText(proxy, "name"));
  return made.length > 0 || name === undefined ? made : index.named(types, "dbProxyName", name);
}
