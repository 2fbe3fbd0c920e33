import type { PlanResource } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { knownValue, ownText, readText } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { DatabaseReading, ProxyReading, UnreadDatabase } from "../types";

/** What a client's way to its database may end at: the database, a part of its cluster, or a proxy in front. */
export const DATABASE_ENDPOINTS: ReadonlySet<string> = new Set([
  ...resourceTypes.rdsInstance,
  ...resourceTypes.rdsCluster,
  ...resourceTypes.rdsClusterInstance,
  ...resourceTypes.rdsClusterEndpoint,
  ...resourceTypes.rdsProxy,
  ...resourceTypes.rdsProxyEndpoint,
]);

/** What the password of a database was made from: who has it can log in, whatever else its settings show. */
export function passwordsOf(end: PlanResource, index: PlanIndex): readonly string[] {
  return ["password", "masterPassword"]
    .flatMap((property) => dependencyUrns(end, property))
    .filter((urn) => index.get(urn)?.type.startsWith("random:") === true);
}

/** The databases of a stack and its proxies, and those that answer to a name. */
export class DatabaseDirectory {
  private readonly byPassword = new Map<string, DatabaseReading>();
  private readonly byName = new Map<string, DatabaseReading[]>();
  private readonly byUrn: ReadonlyMap<string, DatabaseReading>;

  constructor(
    readonly all: readonly DatabaseReading[],
    readonly proxies: readonly ProxyReading[] = [],
    readonly unread: readonly UnreadDatabase[] = [],
    index?: PlanIndex,
  ) {
    for (const database of index === undefined ? [] : all) {
      for (const urn of passwordsOf(database.resource, index as PlanIndex))
        this.byPassword.set(urn, database);
    }
    this.byUrn = new Map(all.map((database) => [database.resource.urn, database]));
    for (const database of all) {
      for (const name of new Set([database.resource.urn, ...database.names])) {
        const namesakes = this.byName.get(name);
        if (namesakes) namesakes.push(database);
        else this.byName.set(name, [database]);
      }
    }
  }

  /** Whether a way that leads here has arrived: at a database, a part of one, a proxy, or what a password was made from. */
  readonly isEnd = ({ type, urn }: PlanResource): boolean =>
    DATABASE_ENDPOINTS.has(type) ||
    this.byPassword.has(urn) ||
    this.unread.some(({ resource }) => resource.urn === urn);

  /** The database that no reader knows and that a resource is, unless the policy configuration describes it by its name. */
  unreadOf({ urn }: PlanResource): UnreadDatabase | undefined {
    const found = this.unread.find(({ resource }) => resource.urn === urn);
    return found !== undefined && this.called(found.resource.name).length === 0 ? found : undefined;
  }

  called(name: string): readonly DatabaseReading[] {
    return this.byName.get(name) ?? [];
  }

  proxiesCalled(name: string): readonly ProxyReading[] {
    return this.proxies.filter(
      ({ resource }) =>
        [resource.urn, resource.name].includes(name) || knownValue(readText(resource, "name")) === name,
    );
  }

  /** Proxies that are, or may be, in front of a database. */
  proxiesBefore(database: string): readonly ProxyReading[] {
    return this.proxies.filter((proxy) => (knownValue(proxy.database) ?? database) === database);
  }

  /** The database that a resource is, or is part of: an instance or an endpoint of a cluster stands for it. */
  databaseOf(end: PlanResource, index: PlanIndex): DatabaseReading | undefined {
    const read = this.byUrn.get((clusterOf(end, index) ?? end).urn) ?? this.byPassword.get(end.urn);
    if (read !== undefined || !this.unread.some(({ resource }) => resource.urn === end.urn)) return read;
    return this.called(end.name)[0];
  }

  /** The proxy that a resource is, or is an endpoint of. */
  proxyOf(end: PlanResource, index: PlanIndex): ProxyReading | undefined {
    const urn = resourceTypes.rdsProxyEndpoint.has(end.type)
      ? referenced(end, "dbProxyName", resourceTypes.rdsProxy, "name", index)?.urn
      : end.urn;
    return this.proxies.find(({ resource }) => resource.urn === urn);
  }
}

function clusterOf(end: PlanResource, index: PlanIndex): PlanResource | undefined {
  return referenced(end, "clusterIdentifier", resourceTypes.rdsCluster, "clusterIdentifier", index);
}

/** The resource that a property refers to: what it was made from, else what has the name it holds. */
export function referenced(
  from: PlanResource,
  property: string,
  types: ReadonlySet<string>,
  name: string,
  index: PlanIndex,
): PlanResource | undefined {
  const [made, ...others] = index.dependenciesOf(from, property, types);
  if (made && others.length === 0) return made;
  const text = knownValue(ownText(from, property));
  return text === undefined ? undefined : index.named(types, name, text)[0];
}
