import type { PlanResource } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { type Reading, readText, unknown } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { DatabaseLink, DatabaseReading } from "../stackReading";
import type { Container } from "./containers";

const TAG = "poolproof:database";
/** Where a client's way to its database ends: the database, or the proxy in front of it. */
export const ENDS: ReadonlySet<string> = new Set([
  ...resourceTypes.rdsInstance,
  ...resourceTypes.rdsCluster,
  ...resourceTypes.rdsProxy,
]);

/** What a client says about its database: the tag, and the resources its containers' values are made from. */
export interface LinkSource {
  readonly tag: Reading<string>;
  readonly taskDefinition: PlanResource | undefined;
  /** The container that holds the pool, when it can be read. */
  readonly container: Container | undefined;
}

/** The databases of a stack, and those that answer to a name. */
export class DatabaseDirectory {
  private readonly byName = new Map<string, DatabaseReading[]>();

  constructor(readonly all: readonly DatabaseReading[]) {
    for (const database of all) {
      for (const name of new Set([database.resource.urn, ...database.names])) {
        this.byName.set(name, [...this.called(name), database]);
      }
    }
  }

  called(name: string): readonly DatabaseReading[] {
    return this.byName.get(name) ?? [];
  }
}

/**
 * Finds the database of a client: the tag `poolproof:database`, else what its container definitions (or the SSM
 * parameters and secrets they name) are made from, else the only database there is. Anything else is ambiguous,
 * and said so.
 */
export function linkDatabase(
  source: LinkSource,
  databases: DatabaseDirectory,
  index: PlanIndex,
): DatabaseLink {
  const reached = index.reach(startingPoints(source, index), ENDS);
  const proxied = proxiedReading(reached, index);
  const linked = (urn: string, via: "tag" | "dependency" | "only database"): DatabaseLink => ({
    state: "linked",
    database: urn,
    via,
    proxied,
    proxy: reached.find(({ type }) => resourceTypes.rdsProxy.has(type))?.urn,
  });

  if (source.tag.state === "unknown")
    return { state: "unlinked", reason: `the tag \`${TAG}\` is not known yet` };
  if (source.tag.state === "known") {
    const wanted = source.tag.value;
    const matches = databases.called(wanted);
    if (matches.length === 1 && matches[0]) return linked(matches[0].resource.urn, "tag");
    const problem = matches.length === 0 ? "no database" : `${matches.length} databases`;
    return {
      state: "unlinked",
      reason: `the tag \`${TAG}\` says "${wanted}" and ${problem} in this stack answers to it`,
    };
  }

  const throughDependencies = unique(reached.flatMap((end) => databasesBehind(end, index)));
  const [first, ...others] = throughDependencies;
  if (first !== undefined && others.length === 0) return linked(first, "dependency");
  if (first !== undefined) {
    return {
      state: "unlinked",
      reason: `its containers draw on ${throughDependencies.length} databases; set the tag \`${TAG}\``,
    };
  }
  const primaries = databases.all.filter(({ kind }) => kind !== "replica");
  const [only, ...more] = primaries;
  if (only && more.length === 0) return linked(only.resource.urn, "only database");
  const count = primaries.length === 0 ? "no database is" : `${primaries.length} databases are`;
  return {
    state: "unlinked",
    reason: `${count} in this stack and nothing says which one it uses; set the tag \`${TAG}\``,
  };
}

/** Whether the container definitions lead to a database, directly or through parameters, secrets and proxies. */
export function leadsToDatabase(source: LinkSource, index: PlanIndex): boolean {
  return index.reach(startingPoints(source, index), ENDS).length > 0;
}

function startingPoints({ taskDefinition, container }: LinkSource, index: PlanIndex): string[] {
  const urns = [...dependencyUrns(taskDefinition, "containerDefinitions")];
  for (const source of container?.secretSources ?? []) urns.push(...carriersNamed(source, index));
  return unique(urns.flatMap((urn) => [urn, ...valuesOfSecret(urn, index)]));
}

/** SSM parameters and secrets that an ARN or a name in `valueFrom` points to. */
function carriersNamed(source: string, index: PlanIndex): string[] {
  const parameter = after(source, ":parameter") ?? source;
  const secret = after(source, ":secret:");
  return [
    // `…:parameter/auth/db/host` names "/auth/db/host"; `…:parameter/host` may also name "host".
    ...index.named(resourceTypes.ssmParameter, "name", parameter),
    ...index.named(resourceTypes.ssmParameter, "name", parameter.replace(/^\//, "")),
    ...index.named(resourceTypes.secret, "name", secret === undefined ? source : secretName(secret)),
  ].map(({ urn }) => urn);
}

function after(text: string, marker: string): string | undefined {
  const at = text.indexOf(marker);
  return at < 0 ? undefined : text.slice(at + marker.length);
}

/** Secrets Manager appends a hyphen and six characters to the name in an ARN; a partial ARN leaves them out. */
function secretName(rest: string): string {
  return (rest.split(":")[0] ?? "").replace(/-[A-Za-z0-9]{6}$/, "");
}

/** A secret's value lies in its versions, which depend on it and not it on them. */
function valuesOfSecret(urn: string, index: PlanIndex): string[] {
  return index.usersOf(urn, resourceTypes.secretVersion, "secretId").map((version) => version.urn);
}

function databasesBehind(end: PlanResource, index: PlanIndex): string[] {
  if (!resourceTypes.rdsProxy.has(end.type)) return [end.urn];
  const databases = new Set([...resourceTypes.rdsInstance, ...resourceTypes.rdsCluster]);
  return targetsOf(end, index)
    .flatMap((target) => [
      ...index.dependenciesOf(target, "dbInstanceIdentifier", databases),
      ...index.dependenciesOf(target, "dbClusterIdentifier", databases),
    ])
    .map(({ urn }) => urn);
}

function targetsOf(proxy: PlanResource, index: PlanIndex): readonly PlanResource[] {
  const made = index.usersOf(proxy.urn, resourceTypes.rdsProxyTarget, "dbProxyName");
  const name = readText(proxy, "name");
  if (made.length > 0 || name.state !== "known") return made;
  return index.named(resourceTypes.rdsProxyTarget, "dbProxyName", name.value);
}

/** Direct without a proxy in the stack; through one when the value leads there; undecided in between. */
function proxiedReading(reached: readonly PlanResource[], index: PlanIndex): Reading<boolean> {
  if (index.ofType(resourceTypes.rdsProxy).length === 0) return { state: "known", value: false };
  const throughProxy = reached.some(({ type }) => resourceTypes.rdsProxy.has(type));
  const direct = reached.some(({ type }) => !resourceTypes.rdsProxy.has(type));
  if (throughProxy !== direct) return { state: "known", value: throughProxy };
  return unknown(
    "containerDefinitions",
    "the stack has an RDS Proxy, and whether this pool goes through it is not said",
  );
}

const unique = (items: readonly string[]): string[] => [...new Set(items)];
