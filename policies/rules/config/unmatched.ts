import { instancesOf } from "../../budget/databaseLimit";
import { closest } from "../../kit/text";
import { lookUpParameter, postgresNames } from "../../model/parameters";
import { TLS_VARIABLES } from "../../plan/clients/clients";
import type { Container } from "../../plan/clients/containers";
import { SERVER_VARIABLES } from "../../plan/clients/servers";
import { POOL_PROFILES } from "../../plan/pools/libraries";
import { knownValue } from "../../plan/reading";
import { type DemandOverride, GIVEN, type PoolOverride, type Settings, wildcard } from "../../plan/settings";
import { POOLPROOF_TAGS } from "../../plan/tags";
import type { ConfigTarget, StackReading } from "../../plan/types";
import { externalAlarms, isAbout, namesOfClient, namesOfDatabase } from "../alarms/relevantAlarms";
import type { Level, Violation } from "../rule";

/**
 * Names in the policy configuration and in tags that match nothing. Each of them was written to change a verdict,
 * and without a word would change none: the findings of `poolproof-settings`.
 */
export function unmatchedSettings(stack: StackReading, settings: Settings): readonly UnmatchedFinding[] {
  return [
    ...unmatchedPlaces(stack, settings),
    ...unmatchedNotClients(stack, settings),
    ...unmatchedDatabases(stack, settings),
    ...unmatchedAlarms(stack, settings),
    ...repeatedEntries(settings),
    ...unusedConfigKeys(settings),
    ...unmatchedTags(stack),
  ];
}

/** A finding about the policy configuration or the tags themselves; what is not certain only warns. */
export interface UnmatchedFinding extends Pick<Violation, "text" | "fix"> {
  readonly level: Level;
  /** The resource it is about; undefined for the stack as a whole. */
  readonly resource?: string;
}

/** A name in the policy configuration that matches nothing in the stack. */
interface Unmatched {
  /** Where it stands: `pools.0.client`. */
  readonly path: string;
  readonly name: string;
  /** What it should name: "service or function". */
  readonly kind: string;
  /** Names that would have matched. */
  readonly there: readonly string[];
  /** Whether the name may still turn out to be right. */
  readonly isCertain?: boolean;
  /** Whether `*` stands for any text there. */
  readonly hasPatterns?: boolean;
}

/**
 * An exact name that fits nothing is wrong, or is of another stack; a pattern may well fit nothing, and says so as a
 * warning. That is what makes one file fit for several stacks: their names end with `*`.
 */
export function unmatched(of: Unmatched): UnmatchedFinding {
  const { path, name, kind, there, isCertain = true, hasPatterns = true } = of;
  const isPattern = hasPatterns && name.includes("*");
  const near = closest(name, there);
  const some = [...new Set(there)].slice(0, 6);
  const rest = new Set(there).size > some.length ? ", …" : "";
  const correct =
    near === undefined
      ? `Correct it${some.length === 0 ? "" : ` (choose from ${some.join(", ")}${rest})`}`
      : `Correct it to "${near}"`;
  const shared =
    isPattern || !hasPatterns
      ? ""
      : "; in a file that serves several stacks end it with `*`, which may match nothing";
  return {
    level: isPattern || !isCertain ? "advisory" : "mandatory",
    text: `\`${path}\` in the policy configuration is "${name}", and no ${kind} of this stack has that name: the entry is ignored, and what it was written for is judged without it.`,
    fix: `${correct}, or remove the entry${shared}`,
  };
}

const KIND = "service or function";

/**
 * Entries of `pools` and `demand` that fit no service and no function, and what in an entry of `pools` fits nothing in
 * those that it does fit. A stack without services and functions has nothing that they could be of.
 */
function unmatchedPlaces(stack: StackReading, settings: Settings): readonly UnmatchedFinding[] {
  const { places } = stack;
  if (places.length === 0) return [];
  return [
    ...settings.pools.flatMap((entry, i) => ofPool(entry, `pools.${i}`, places)),
    ...settings.demand.flatMap((entry, i) => ofDemand(entry, `demand.${i}`, stack)),
  ];
}

/** Entries of `notClients` that fit nothing that would have been a client. */
function unmatchedNotClients(
  { exempted, unexamined }: StackReading,
  { notClients }: Settings,
): readonly UnmatchedFinding[] {
  const there = unexamined.flatMap(({ resource, usesDatabase }) =>
    usesDatabase ? [resource.split("::").pop() ?? resource] : [],
  );
  return notClients.flatMap(({ resource }, i) =>
    exempted.has(resource)
      ? []
      : [unmatched({ path: `notClients.${i}.resource`, name: resource, kind: "unexamined client", there })],
  );
}

function fitting(name: string, places: readonly ConfigTarget[]): readonly ConfigTarget[] {
  const pattern = wildcard(name);
  return places.filter(({ names }) => names.some((each) => pattern.test(each)));
}

const namesOf = (places: readonly ConfigTarget[]): readonly string[] => places.flatMap(({ names }) => names);

const noneHidden = (places: readonly ConfigTarget[]): boolean =>
  places.every(({ hasHiddenName }) => !hasHiddenName);

function ofPool(
  entry: PoolOverride,
  path: string,
  places: readonly ConfigTarget[],
): readonly UnmatchedFinding[] {
  const found = fitting(entry.client, places);
  if (found.length === 0) {
    const isCertain = noneHidden(places);
    return [
      unmatched({
        path: `${path}.client`,
        name: entry.client,
        kind: KIND,
        there: namesOf(places),
        isCertain,
      }),
    ];
  }
  const containers: Container[] = [];
  for (const place of found) {
    const own = knownValue(place.containers());
    // What cannot be seen may hold what the entry names.
    if (own === undefined) return [];
    containers.push(...own);
  }
  const { container } = entry;
  const meant = container === undefined ? containers : containers.filter(({ name }) => name === container);
  if (container !== undefined && meant.length === 0) {
    const there = containers.map(({ name }) => name);
    const of = `container of ${entry.client}`;
    const finding = unmatched({ path: `${path}.container`, name: container, kind: of, there });
    return [{ ...finding, level: levelFor(entry) }];
  }
  return ofVariables(entry, path, meant);
}

/** Names that no container sets: the setting then has its default, as if the entry did not say how it is named. */
function ofVariables(
  entry: PoolOverride,
  path: string,
  containers: readonly Container[],
): readonly UnmatchedFinding[] {
  if (containers.some(({ mayHoldMore }) => mayHoldMore)) return [];
  const there = [...new Set(containers.flatMap(({ variables }) => variables))];
  return Object.entries(entry.variables ?? {}).flatMap(([setting, names = []]): UnmatchedFinding[] => {
    if (names.length === 0 || names.some((name) => there.includes(name))) return [];
    const near = names.flatMap((name) => closest(name, there) ?? [])[0];
    return [
      {
        level: levelFor(entry),
        text: `\`${path}.variables.${setting}\` in the policy configuration names ${names.map((name) => `\`${name}\``).join(" and ")}, which no container of ${entry.client} sets: \`${setting}\` is judged as the library's default.`,
        fix:
          near === undefined
            ? "Correct the name, set the variable in the container, or remove it from the entry"
            : `Correct it to "${near}", or set the variable in the container`,
      },
    ];
  });
}

/** An entry for whatever fits a pattern may be about a part of it alone. */
const levelFor = ({ client }: PoolOverride): UnmatchedFinding["level"] =>
  client.includes("*") ? "advisory" : "mandatory";

/** A demand may be of one pool by its name: "api (reporting)". */
function ofDemand(
  { service }: DemandOverride,
  path: string,
  { places, clients }: StackReading,
): readonly UnmatchedFinding[] {
  const pools = clients.flatMap(({ kind, name }) => (kind === "declared" ? [] : [name]));
  const pattern = wildcard(service);
  if (fitting(service, places).length > 0 || pools.some((name) => pattern.test(name))) return [];
  const there = [...namesOf(places), ...pools];
  return [
    unmatched({
      path: `${path}.service`,
      name: service,
      kind: KIND,
      there,
      isCertain: noneHidden(places),
    }),
  ];
}

/** Names in `confirmedMaxConnections` and `databases` that are no database's of this stack, and nobody uses. */
function unmatchedDatabases(
  { databases, clients }: StackReading,
  { confirmedMaxConnections: confirmed, databases: described }: Settings,
): readonly UnmatchedFinding[] {
  if (databases.every(({ kind }) => kind === "declared") && clients.length === 0) return [];
  const namesOf = (of: StackReading["databases"]): readonly string[] =>
    of.flatMap((database) => [...database.names, ...instancesOf(database).flatMap(({ names }) => names)]);
  const all = namesOf(databases);
  const unconfirmed = typeof confirmed === "object" ? Object.keys(confirmed) : [];
  const own = namesOf(databases.filter(({ kind }) => kind !== "declared"));
  const used = new Set(
    clients.flatMap(({ database }) => (database.state === "linked" ? [database.database] : [])),
  );
  const idle = databases.filter(({ kind, resource }) => kind === "declared" && !used.has(resource.urn));
  return [
    ...unconfirmed
      .filter((name) => !all.includes(name))
      .map((name) =>
        unmatched({
          path: "confirmedMaxConnections",
          name,
          kind: "database",
          there: all,
          hasPatterns: false,
        }),
      ),
    ...idle.map(({ resource: { name } }): UnmatchedFinding => {
      const path = `databases.${described.findIndex((entry) => entry.name === name)}.name`;
      // A database elsewhere that no client of this stack uses harms nobody; one that was meant to be this stack's does.
      const isCertain = closest(name, own) !== undefined;
      return unmatched({ path, name, kind: "database or client", there: own, isCertain, hasPatterns: false });
    }),
  ];
}

/** Entries about what an earlier entry is about already: only the first of `pools` and `demand` counts, both of the rest. */
function repeatedEntries({ pools, demand, clients }: Settings): readonly UnmatchedFinding[] {
  return [
    ...later(
      "pools",
      pools.map(({ client, pool, container }) => [client, pool, container]),
      ONLY_FIRST,
    ),
    ...later(
      "demand",
      demand.map(({ service }) => [service]),
      ONLY_FIRST,
    ),
    ...later(
      "clients",
      clients.map(({ name }) => [name]),
      "its connections count twice",
    ),
  ];
}

const ONLY_FIRST = "only the first counts";

function later(
  list: string,
  keys: readonly (readonly (string | undefined)[])[],
  consequence: string,
): readonly UnmatchedFinding[] {
  const first = new Map<string, number>();
  return keys.flatMap((key, i): UnmatchedFinding[] => {
    const id = JSON.stringify(key.map((part) => part ?? null));
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, i);
      return [];
    }
    return [
      {
        level: "mandatory",
        text: `\`${list}.${i}\` in the policy configuration is of "${key[0] ?? ""}" like \`${list}.${before}\`: ${consequence}.`,
        fix: `Merge the two entries, or remove \`${list}.${i}\``,
      },
    ];
  });
}

/** Properties that messages name, besides environment variables, tags and server parameters. */
const PROPERTIES: readonly string[] = [
  "applyMethod",
  "clusterInstanceClass",
  "connectionBorrowTimeout",
  "dbClusterInstanceClass",
  "deploymentMaximumPercent",
  "deregistrationDelay",
  "enabledCloudwatchLogsExports",
  "family",
  "idleTimeout",
  "instanceClass",
  "instances",
  "maxCapacity",
  "maxConnectionsPercent",
  "maxIdleConnectionsPercent",
  "maxReplicas",
  "maxSize",
  "MaxSize",
  "requireTls",
  "reservedConcurrentExecutions",
  "stopTimeout",
  "tasksAtPeak",
  "timeout",
];

/** Entries of `configKeys` whose name no message uses: the message they were written for names something else. */
function unusedConfigKeys({ configKeys, pools }: Settings): readonly UnmatchedFinding[] {
  const names = Object.keys(configKeys);
  if (names.length === 0) return [];
  const own = pools.flatMap(({ variables = {} }) => Object.values(variables).flatMap((each) => each ?? []));
  const known = new Set([
    ...PROPERTIES,
    ...POOLPROOF_TAGS,
    ...VARIABLES,
    ...SERVER_VARIABLES,
    ...TLS_VARIABLES,
    ...own,
  ]);
  return (
    names
      // Of a parameter, what holds its URL may have any name: "sslmode in SHOP_DSN".
      .filter((name) => !known.has(name) && !isParameter(name) && !name.includes(" in "))
      .map((name) => {
        const near = closest(name, [...known, ...postgresNames(NEWEST)]);
        return {
          level: "mandatory",
          text: `\`configKeys\` in the policy configuration has "${name}", which no message uses: the entry is ignored, and the fix it was written for does not say which key to set.`,
          fix:
            near === undefined
              ? "Correct it to an environment variable, a tag, a property or a server parameter that findings name, or remove it"
              : `Correct it to "${near}"`,
        };
      })
  );
}

const NEWEST = 18;

const isParameter = (name: string): boolean =>
  lookUpParameter("mysql", undefined, name).state === "known" ||
  lookUpParameter("mariadb", undefined, name).state === "known" ||
  ["13", "14", "15", "16", "17", "18"].some(
    (version) => lookUpParameter("postgres", version, name).state === "known",
  );

/** Every name that a profile reads, and what stands for it in messages. */
const VARIABLES: readonly string[] = [...POOL_PROFILES.values()].flatMap(({ settings, keptIdle }) => [
  ...(keptIdle?.variables ?? []).map(({ name }) => name),
  ...Object.entries(settings).flatMap(([setting, source]) => [
    `${GIVEN}${setting}`,
    source.label ?? "",
    ...[...source.variables, ...(source.plus?.variables ?? [])].flatMap(({ name, parameter }) =>
      parameter === undefined ? [name] : [name, `${parameter} in ${name}`],
    ),
    ...(source.plus === undefined ? [] : sums(source.variables, source.plus.variables)),
  ]),
]);

/** "SQLALCHEMY_POOL_SIZE + SQLALCHEMY_MAX_OVERFLOW", as messages name a size of two parts. */
function sums(
  sizes: readonly { readonly name: string }[],
  more: readonly { readonly name: string }[],
): readonly string[] {
  return sizes.flatMap(({ name }) => more.map((other) => `${name} + ${other.name}`));
}

/** Tags that say something to nobody: a mistyped one leaves a default in force that its author did not choose. */
function unmatchedTags({ strayTags }: StackReading): readonly UnmatchedFinding[] {
  return strayTags.map(({ resource, tag }) => {
    const near = closest(tag, POOLPROOF_TAGS);
    return {
      level: "mandatory",
      resource: resource.urn,
      text: `The tag \`${tag}\` of ${resource.name} is not one that poolproof reads: it is ignored.`,
      fix:
        near === undefined
          ? `Rename it (poolproof reads ${POOLPROOF_TAGS.join(", ")}) or remove it`
          : `Rename it to \`${near}\``,
    };
  });
}

/** Entries of `poolMetrics` and `alarmsElsewhere` that fit no client and no database: silence that is typed out for nothing. */
export function unmatchedAlarms(
  { databases, clients, places }: StackReading,
  settings: Settings,
): readonly UnmatchedFinding[] {
  if (databases.length === 0 && clients.length === 0) return [];
  const ofClients = clients.map(namesOfClient);
  const all = [...ofClients, ...databases.map(namesOfDatabase)];
  const isCertain = places.every(({ hasHiddenName }) => !hasHiddenName);
  const metrics = settings.poolMetrics.flatMap(({ client }, i) =>
    client === undefined || ofClients.some((names) => isAbout(client, names))
      ? []
      : [
          unmatched({
            path: `poolMetrics.${i}.client`,
            name: client,
            kind: "client",
            there: withoutUrns(ofClients),
            isCertain,
          }),
        ],
  );
  const watched = settings.alarmsElsewhere.flatMap((entry, i) =>
    all.some((names) => externalAlarms(names, { ...settings, alarmsElsewhere: [entry] }))
      ? []
      : [
          unmatched({
            path: `alarmsElsewhere.${i}.resource`,
            name: entry.resource,
            kind: "database or client",
            there: withoutUrns(all),
            isCertain,
          }),
        ],
  );
  return [...metrics, ...watched];
}

const withoutUrns = (of: readonly (readonly string[])[]): readonly string[] =>
  of.flat().filter((name) => !name.startsWith("urn:"));
