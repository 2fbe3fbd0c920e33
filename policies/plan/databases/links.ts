import { type Container, environmentOf } from "../clients/containers";
import { allNamed, dataSources, hostsIn, type NamedHost, resourceBehind } from "../clients/databaseSigns";
import type { PlanResource } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { known, knownValue, malformed, type Reading, readProperty, readText, unknown } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { PoolOverride } from "../settings";
import type { DatabaseLink, DatabaseReading, ProxyReading, UnreadDatabase } from "../types";
import { DatabaseDirectory } from "./directory";

export { DatabaseDirectory };

const TAG = "poolproof:database";
/** Which end of a cluster a client connects to, where its settings do not show it: `writer` or `reader`. */
export const ENDPOINT_TAG = "poolproof:endpoint";

/** What a client says about its database: the tag, and the resources its settings are made from. */
interface LinkSource {
  /** The tag `poolproof:database`, or what the policy configuration says in its place. */
  readonly tag: Reading<string>;
  /** The tag `poolproof:endpoint`, or what the policy configuration says in its place. */
  readonly endpoint: Reading<string>;
  /** Whether the policy configuration says it of one of several pools. */
  readonly isOfOnePool?: boolean | undefined;
  /** URNs of the resources that went into the client's settings as a whole. */
  readonly made: readonly string[];
  /** The container that holds the pool, when it can be read. */
  readonly container: Container | undefined;
}

/** Whether the tag says that the client uses no database, whatever its settings look like. */
export const usesNoDatabase = (tag: Reading<string>): boolean =>
  tag.state === "known" && tag.value === "none";

/** The same of an entry in `pools` of the policy configuration: of a container's only pool, or of its own among several. */
export const saysNone = ({ pool, database }: PoolOverride): boolean =>
  pool === undefined && database === "none";

export const BY_TAG = "its tag `poolproof:database` declares that it uses none";
export const BY_POOLS = "`pools` in the policy configuration declares that it uses no database";

/**
 * Finds the database of a client. First the tag `poolproof:database`, which may also name a proxy; then what the
 * client's settings, or the SSM parameters and secrets they name, are made from; then an RDS endpoint that stands
 * in its environment in plain text; last the only database of the stack. Anything else is ambiguous, and said so.
 *
 * An instance of an Aurora cluster stands for the cluster. A read replica is a database of its own that only an
 * explicit link leads to, and so is a database that the policy configuration describes.
 */
export function linkDatabase(
  source: LinkSource,
  databases: DatabaseDirectory,
  index: PlanIndex,
): DatabaseLink {
  const trail = followTrail(source, databases, index);
  const linked = (database: string, via: Via, proxy?: ProxyReading): DatabaseLink => ({
    state: "linked",
    database,
    via,
    ...throughProxy(database, proxy, trail, databases),
    endpoint: endpointOf(database, source, databases, index),
  });
  const unlinked = (reason: string, named?: string): DatabaseLink =>
    named === undefined ? { state: "unlinked", reason } : { state: "unlinked", reason, named };

  const { tag } = source;
  if (tag.state === "unknown") return unlinked(`the tag \`${TAG}\` is not known yet`);
  if (tag.state === "malformed") return unlinked(`the tag \`${TAG}\` is ${tag.shown}, not a name`);
  if (usesNoDatabase(tag)) return unlinked(`the tag \`${TAG}\` declares that it uses none`);
  if (tag.state === "known") {
    const [match, ...namesakes] = databases.called(tag.value);
    if (match && namesakes.length === 0) return linked(match.resource.urn, "tag");
    const [proxy, ...otherProxies] = match ? [] : databases.proxiesCalled(tag.value);
    if (proxy?.database.state === "known" && otherProxies.length === 0)
      return linked(proxy.database.value, "tag", proxy);
    const problem = match ? `${namesakes.length + 1} databases` : "no database";
    return unlinked(`the tag \`${TAG}\` is "${tag.value}" and ${problem} in this stack has that name`);
  }

  const behind = trail.proxies.flatMap(({ database }) => knownValue(database) ?? []);
  const [first, ...others] = unique([...trail.direct, ...behind]);
  if (first !== undefined) {
    if (others.length > 0)
      return unlinked(`its settings refer to ${others.length + 1} databases; set the tag \`${TAG}\``);
    const other =
      trail.unread?.resource.name ??
      (trail.unlisted === undefined ? undefined : `the endpoint in \`${trail.unlisted}\``);
    if (other === undefined) return linked(first, trail.via);
    return unlinked(
      `its settings refer to ${databases.called(first)[0]?.resource.name ?? first} and to ${other}, and it is not known which pool uses which; set \`database\` for each pool under \`pools\` in the policy configuration`,
    );
  }
  if (trail.unread !== undefined) {
    const { resource, what } = trail.unread;
    return unlinked(
      `it uses ${resource.name}, which is ${what} and is not supported; declare it under \`databases\` in the policy configuration, with \`name\` "${resource.name}"`,
    );
  }
  if (trail.unlisted !== undefined) {
    return unlinked(
      `\`${trail.unlisted}\` contains an RDS endpoint that is not in this stack; declare its database in the policy configuration and set the tag \`${TAG}\``,
      trail.unlisted,
    );
  }
  if (trail.perhaps !== undefined) {
    return unlinked(
      `\`${trail.perhaps}\` contains an RDS endpoint, and it is not known before the deployment whether it is in this stack; set the tag \`${TAG}\``,
      trail.perhaps,
    );
  }
  const primaries = databases.all.filter(({ kind }) => kind === "instance" || kind === "cluster");
  const [only, ...more] = primaries;
  const unread = databases.unread.filter(({ resource }) => databases.unreadOf(resource) !== undefined);
  if (only && more.length + unread.length === 0) return linked(only.resource.urn, "only database");
  const all = primaries.length + unread.length;
  const count =
    all === 0 ? "no database is" : all === 1 ? "an unsupported database is" : `${all} databases are`;
  return unlinked(`${count} in this stack and it is not known which one it uses; set the tag \`${TAG}\``);
}

type Via = Extract<DatabaseLink, { readonly state: "linked" }>["via"];

/** Where a client's settings lead, the tag aside. */
interface Trail {
  readonly via: Via;
  /** URNs of databases that are reached without a proxy. */
  readonly direct: readonly string[];
  readonly proxies: readonly ProxyReading[];
  /** A database that no reader knows. */
  readonly unread?: UnreadDatabase | undefined;
  /** The variable that names an endpoint which no resource of the stack has. */
  readonly unlisted?: string | undefined;
  /** The variable that names an endpoint which one of the stack may have, under a name that is not known yet. */
  readonly perhaps?: string | undefined;
}

/**
 * The closest evidence there is: an endpoint in plain text says it of this container, and so do the container's own
 * secrets; what went into the definition as a whole may belong to another container.
 */
function followTrail(source: LinkSource, databases: DatabaseDirectory, index: PlanIndex): Trail {
  const hosts = hostsOf(source.container, index);
  const ends = (urns: readonly string[]): PlanResource[] =>
    index.reach(withVersions(urns, index), databases.isEnd);
  const trail = (via: Via, reached: readonly PlanResource[], declared: readonly string[] = []): Trail => ({
    via,
    direct: unique([
      ...reached.flatMap((end) => databases.databaseOf(end, index)?.resource.urn ?? []),
      ...declared,
    ]),
    proxies: reached.flatMap((end) => databases.proxyOf(end, index) ?? []),
    unread: reached.map((end) => databases.unreadOf(end)).find((found) => found !== undefined),
  });
  const found = ({ direct, proxies, unread }: Trail): boolean =>
    direct.length + proxies.length > 0 || unread !== undefined;
  const behind = (host: NamedHost): readonly PlanResource[] => {
    const resource = resourceBehind(host, index);
    return resource === undefined ? [] : databases.isEnd(resource) ? [resource] : ends([resource.urn]);
  };
  const declared = (host: NamedHost): string | undefined =>
    declaredAs(host.identifier, databases)?.resource.urn;

  const byName = trail(
    "name",
    hosts.flatMap(behind),
    hosts.flatMap((host) => declared(host) ?? []),
  );
  const open = hosts.filter((host) => behind(host).length === 0 && declared(host) === undefined);
  const unlisted = open.find((host) => allNamed(host, index))?.variable;
  if (found(byName)) return { ...byName, unlisted };
  const own = trail("dependency", ends(ownSources(source.container, index)));
  if (found(own)) return own;
  if (unlisted !== undefined) return { ...own, unlisted };
  const perhaps = open.find(({ kind }) => kind !== "host")?.variable;
  return { ...trail("dependency", ends(source.made)), perhaps };
}

/** Every host that a container names: in its own texts, and in the parameters and secrets it reads. */
function hostsOf(container: Container | undefined, index: PlanIndex): readonly NamedHost[] {
  return [
    ...dataSources(container).flatMap(({ hosts }) => hosts),
    ...ownTexts(container, index).flatMap(({ name, text }) => hostsIn(text, name) ?? []),
  ];
}

/** The database of the policy configuration that has the identifier of an endpoint for a name. */
function declaredAs(identifier: string, databases: DatabaseDirectory): DatabaseReading | undefined {
  return databases.called(identifier).find(({ kind }) => kind === "declared");
}

/** Direct without a proxy before this database; through the one that the settings lead to; undecided in between. */
function throughProxy(
  database: string,
  tagged: ProxyReading | undefined,
  trail: Trail,
  databases: DatabaseDirectory,
): { readonly proxied: Reading<boolean>; readonly proxy: string | undefined } {
  const candidates = databases.proxiesBefore(database);
  const [reached, ...others] = tagged
    ? [tagged]
    : candidates.filter((proxy) => trail.proxies.includes(proxy));
  const proxy = others.length === 0 ? reached?.resource.urn : undefined;
  const isDirect = trail.direct.includes(database) && tagged === undefined;
  if (reached !== undefined && !isDirect) return { proxied: known(true), proxy };
  if (candidates.length === 0 || (isDirect && reached === undefined))
    return { proxied: known(false), proxy: undefined };
  const hidden = unknown(
    "containerDefinitions",
    "the stack has an RDS Proxy, and it is not declared whether this pool uses it",
  );
  return { proxied: hidden, proxy };
}

/**
 * What the settings show counts, and the tag where they show nothing. One that says `reader` of a container which names
 * another endpoint of the same cluster is not believed: the writer's bound is the lower one.
 */
function endpointOf(
  database: string,
  { endpoint, container, isOfOnePool }: LinkSource,
  databases: DatabaseDirectory,
  index: PlanIndex,
): Reading<"writer" | "reader"> {
  const hosts = hostsOf(container, index).filter((host) => {
    const resource = resourceBehind(host, index);
    const found = resource === undefined ? undefined : databases.databaseOf(resource, index);
    return found?.resource.urn === database;
  });
  const other = hosts.find(({ kind }) => kind !== "reader");
  const isSeen = hosts.length > 0 && other === undefined;
  if (endpoint.state === "unset") {
    if (hosts.length === 0) return endpoint;
    return known(isSeen ? "reader" : "writer");
  }
  if (endpoint.state !== "known") return { ...endpoint, property: ENDPOINT_TAG };
  if (endpoint.value === "writer") return known("writer");
  const isOfAnother = isOfOnePool === true && hosts.some(({ kind }) => kind === "reader");
  if (endpoint.value === "reader" && (other === undefined || isOfAnother)) return known("reader");
  const expected =
    endpoint.value === "reader"
      ? `\`writer\`: \`${other?.variable}\` names an endpoint that is not the reader's`
      : "`writer` or `reader`";
  return malformed(ENDPOINT_TAG, endpoint.value, expected);
}

/** Whether the settings lead to a database: through values, parameters, secrets and proxies, or by what they name. */
export function leadsToDatabase(
  { made, container }: Pick<LinkSource, "made" | "container">,
  databases: DatabaseDirectory,
  index: PlanIndex,
): boolean {
  const from = withVersions([...made, ...ownSources(container, index)], index);
  return (
    index.reach(from, databases.isEnd).length > 0 ||
    dataSources(container).length > 0 ||
    hostsOf(container, index).length > 0
  );
}

/**
 * Whether the role of a function or task may log in to a database (`rds-db:connect`): only what opens connections needs
 * that. A policy that is not known yet counts by the database that it is made from.
 */
export function logsInByRole(
  holder: PlanResource | undefined,
  property: string,
  databases: DatabaseDirectory,
  index: PlanIndex,
): boolean {
  if (holder === undefined) return false;
  const { role: roles, rolePolicy, rolePolicyAttachment, policy } = resourceTypes;
  const allows = (resource: PlanResource, field: string): boolean => {
    const text = JSON.stringify(resource.properties[field] ?? null);
    if (/rds-db:(?:connect|\*)/i.test(text)) return true;
    const isHidden = readProperty(resource, field).state === "unknown";
    return isHidden && index.reach(dependencyUrns(resource, field), databases.isEnd).length > 0;
  };
  return index.dependenciesOf(holder, property, roles).some((role) => {
    const attached = index
      .usersOf(role.urn, rolePolicyAttachment, "role")
      .flatMap((attachment) => index.dependenciesOf(attachment, "policyArn", policy));
    const own = index.usersOf(role.urn, rolePolicy, "role");
    return (
      allows(role, "inlinePolicies") || [...own, ...attached].some((document) => allows(document, "policy"))
    );
  });
}

/** SSM parameters and secrets that the container itself takes its values from, or whose name or path it is given. */
const ownSources = (container: Container | undefined, index: PlanIndex): string[] =>
  container === undefined
    ? []
    : [...container.secretSources, ...Object.values(environmentOf(container))].flatMap((source) =>
        carriersNamed(source, index),
      );

/** A secret's value lies in its versions, which depend on it and not it on them. */
const withVersions = (urns: readonly string[], index: PlanIndex): string[] =>
  unique(
    urns.flatMap((urn) => [
      urn,
      ...index.usersOf(urn, resourceTypes.secretVersion, "secretId").map((version) => version.urn),
    ]),
  );

/** What the container's own parameters and secrets hold, where the plan shows it; never for messages. */
function ownTexts(
  container: Container | undefined,
  index: PlanIndex,
): readonly { readonly name: string; readonly text: string }[] {
  return withVersions(ownSources(container, index), index).flatMap((urn) => {
    const store = index.get(urn);
    if (store === undefined) return [];
    const texts = [readText(store, "value"), readText(store, "secretString")];
    return texts.flatMap((text) => (text.state === "known" ? [{ name: store.name, text: text.value }] : []));
  });
}

/** SSM parameters and secrets that an ARN, a name or a path points to. */
function carriersNamed(source: string, index: PlanIndex): string[] {
  const parameter = after(source, ":parameter") ?? source;
  const secret = after(source, ":secret:");
  return [
    // `…:parameter/auth/db/host` names "/auth/db/host"; `…:parameter/host` may also name "host".
    ...index.named(resourceTypes.ssmParameter, "name", parameter),
    ...index.named(resourceTypes.ssmParameter, "name", parameter.replace(/^\//, "")),
    ...index.named(resourceTypes.secret, "name", secret === undefined ? source : secretName(secret)),
    ...index.below(resourceTypes.ssmParameter, "name", parameter),
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

const unique = (items: readonly string[]): string[] => [...new Set(items)];
