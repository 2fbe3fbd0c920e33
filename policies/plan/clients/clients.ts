import { type DatabaseDirectory, ENDPOINT_TAG, linkDatabase } from "../databases/links";
import { leadsToItsTask, leadsToPooler, readPooler } from "../databases/poolers";
import { spokenTo } from "../databases/protocol";
import type { PlanIndex } from "../planIndex";
import type { PoolSettings } from "../pools/libraries";
import { type PoolReading, readPools } from "../pools/pools";
import { andThen, known, knownValue, type Reading, readText, type Unknown, unknown } from "../reading";
import { type DemandOverride, type PoolOverride, wildcard } from "../settings";
import { readDemand } from "../tags";
import type { ClientReading, DatabaseLink } from "../types";
import { type Container, environmentOf } from "./containers";
import { dataSources, holdsDatabaseAddress, looksLikePool } from "./databaseSigns";

/** What every reader of clients needs beside the client's own resource. */
export interface ClientContext {
  readonly index: PlanIndex;
  readonly databases: DatabaseDirectory;
  /** Demand that the policy configuration declares for a client that goes by any of these names. */
  readonly demand: (names: readonly string[]) => DemandOverride | undefined;
  /** Environments that the functions of an account may run at once. */
  readonly accountConcurrency: number;
  /** What the policy configuration says of such a client's pools. */
  readonly pools: (names: readonly string[]) => readonly PoolOverride[];
}

/** Where one container's or function's pools lead, and what is said of them. */
interface PoolSource {
  /** The tag `poolproof:database`. */
  readonly tag: Reading<string>;
  /** URNs of the resources that went into the environment. */
  readonly made: readonly string[];
  readonly overrides: readonly PoolOverride[];
  /** Names the client goes by in the policy configuration. */
  readonly names: readonly string[];
  /** Property that holds the environment, for what it hides. */
  readonly property: string;
  /** Settings that hold without any variable, such as a function's timeout. */
  readonly given?: (settings: PoolSettings) => Partial<PoolSettings>;
}

type OfThePool =
  | "tlsTurnedOffBy"
  | "name"
  | "pool"
  | "container"
  | "environment"
  | "library"
  | "declared"
  | "settings"
  | "opens"
  | "counts"
  | "pins"
  | "keptIdle"
  | "pooler"
  | "leadsTo"
  | "behind"
  | "startUpParameters"
  | "database"
  | "unread"
  | "metricNames";

/** The pools of one container or function, each a client of its own with what they share. */
export function readClients(
  container: Reading<Container>,
  source: PoolSource,
  context: ClientContext,
  shared: Omit<ClientReading, OfThePool>,
): readonly ClientReading[] {
  const { resource } = shared;
  const library = readText(resource, "tags", "poolproof:pool-library");
  const tagged = readText(resource, "tags", ENDPOINT_TAG);
  const links = new Map<string, DatabaseLink>();
  const linkOf = (database: string | undefined, end?: string, pool?: string): DatabaseLink => {
    const tag = database === undefined ? source.tag : known(database);
    const endpoint = end === undefined ? tagged : known(end);
    const isOfOnePool = end !== undefined && pool !== undefined;
    const key = JSON.stringify([database, end, isOfOnePool]);
    const link =
      links.get(key) ??
      linkDatabase(
        { tag, endpoint, isOfOnePool, made: source.made, container: knownValue(container) },
        context.databases,
        context.index,
      );
    links.set(key, link);
    return link;
  };
  const databaseOf = (database: string | undefined) => spokenTo(linkOf(database), context.databases);
  const pools = readPools(container, { ...source, library, databaseOf });
  const unread = unreadSigns(knownValue(container), pools, source.overrides);
  return pools.map((pool, position) => {
    const pooler = readPooler(knownValue(container));
    const own = pool.pool ?? (pooler && knownValue(container)?.name);
    const name =
      own === undefined || own === "" || own === resource.name ? resource.name : `${resource.name} (${own})`;
    return {
      ...shared,
      name,
      pool: pool.pool,
      container: andThen(container, (of) => known(of.name)),
      environment: andThen(container, (of) => known(environmentOf(of))),
      library: pool.library,
      // A pool may have a peak of its own: "api (reporting)".
      declared: readDemand(resource, context.demand([name]) ?? context.demand(source.names)),
      settings: pool.settings,
      opens: pool.opens,
      counts: pool.counts,
      pins: pool.pins,
      keptIdle: pool.keptIdle,
      pooler,
      leadsTo: leadsToPooler(knownValue(container))
        ? "pooler"
        : leadsToItsTask(knownValue(container))
          ? "its task"
          : undefined,
      startUpParameters: startUpParameters(knownValue(container), pool, source.overrides),
      tlsTurnedOffBy: tlsTurnedOffBy(knownValue(container)),
      metricNames: metricNames(source.names, knownValue(container), shared.taskDefinition, pool.pool),
      database: linkOf(pool.database, pool.endpoint, pool.pool),
      unread: position === 0 ? unread : [],
    };
  });
}

/**
 * What a container's environment says of more pools, more processes or another database than were read: each would
 * multiply the connections that are counted, so each is undecided until the policy configuration says what it is.
 */
function unreadSigns(
  container: Container | undefined,
  pools: readonly PoolReading[],
  overrides: readonly PoolOverride[],
): readonly Unknown[] {
  if (container === undefined) return [];
  const isRead = (name: string): boolean => pools.some(({ reads }) => reads.has(name));
  const ignored = overrides.flatMap(({ ignoredVariables = [] }) => ignoredVariables.map(wildcard));
  const isOpen = (name: string): boolean => !isRead(name) && !ignored.some((pattern) => pattern.test(name));
  const forks = pools.some(({ runtime }) => runtime !== "threads");
  const isLoop = pools.every(({ runtime }) => runtime === "loop");
  const sizes = container.variables.filter(
    (name) =>
      isOpen(name) &&
      // An event loop's jobs at once share its pool.
      !(isLoop && /CONCURRENCY(?:_|$)/i.test(name)) &&
      looksLikePool(name, container, forks),
  );
  const [, ...others] = dataSources(container);
  const isDescribed = pools.length > others.length;
  const databases = isDescribed ? [] : others.filter(({ variable }) => isOpen(variable));
  return [
    ...[...new Set(sizes)].map((name) => ({
      ...unknown(
        name,
        `\`${name}\` looks like a pool size or a number of processes, but no setting is read from it`,
      ),
      fix: `Map it to a setting under \`variables\` of the client in \`pools\` of the policy configuration, or list it in \`ignoredVariables\` there`,
    })),
    ...databases.map(({ variable }) => ({
      ...unknown(
        variable,
        `\`${variable}\` names a second database in container ${container.name}, and the size of its pool is not known`,
      ),
      fix: "Declare its pool under `pools` in the policy configuration, with `pool`, `database` and `values.poolMax`, or list the variable in `ignoredVariables` there",
    })),
  ];
}

/** Settings that node-postgres puts into its start-up packet (packages/pg/lib/client.js). */
const SENT = ["statementTimeoutMs", "lockTimeoutMs", "idleInTransactionMs"] as const;
/** The same in a URL, or as libpq's `options`. */
const SENT_IN_URL =
  /[?&](?:statement_timeout|lock_timeout|idle_in_transaction_session_timeout)=[1-9]|[?&]options=[^&]*(?:-c|--)/i;

/**
 * What a PostgreSQL client says when it connects, beyond user, database and encoding. A program whose `DB_CONNECTION` says
 * `proxy` leaves it out, and so does one whose variables the policy configuration lists as set for nothing.
 */
function startUpParameters(
  container: Container | undefined,
  { settings, library }: PoolReading,
  overrides: readonly PoolOverride[],
): readonly string[] {
  if (container === undefined || knownValue(container.environment("DB_CONNECTION")) === "proxy") return [];
  const ignored = overrides.flatMap(({ ignoredVariables = [] }) => ignoredVariables.map(wildcard));
  const isSent = knownValue(library) === undefined || knownValue(library) === "node-postgres";
  const own = SENT.flatMap((name) => {
    const { variable, reading } = settings[name];
    return isSent && container.sets(variable) && (knownValue(reading) ?? 0) > 0 ? [variable] : [];
  });
  const inTexts = ["PGOPTIONS", ...URL_VARIABLES].filter((name) => {
    const text = knownValue(container.environment(name));
    if (text === undefined) return false;
    return name === "PGOPTIONS" ? /-c\s*\w+=/.test(text) : SENT_IN_URL.test(text);
  });
  return [...own, ...inTexts].filter((name) => !ignored.some((pattern) => pattern.test(name)));
}

/** Variables that name a service or a pool to whatever reports its metrics. */
const NAMING_VARIABLES = [
  "DB_POOL_NAME",
  "POOL_NAME",
  "OTEL_SERVICE_NAME",
  "SERVICE_NAME",
  "APP_NAME",
  "DD_SERVICE",
  "SPRING_APPLICATION_NAME",
  "SPRING_DATASOURCE_HIKARI_POOL_NAME",
] as const;

/** What a metric of a client's pool may have in its dimensions: the client's names, its container's, its own. */
function metricNames(
  names: readonly string[],
  container: Container | undefined,
  taskDefinition: string | undefined,
  pool: string | undefined,
): readonly string[] {
  const given = NAMING_VARIABLES.flatMap((variable) => {
    const value = container?.environment(variable);
    return value?.state === "known" ? [value.value] : [];
  });
  const all = [...names, container?.name, taskDefinition, pool, ...given];
  return [...new Set(all.filter((name) => name !== undefined && name !== ""))] as string[];
}

/** Variables that hold a mode, as libpq, and the frameworks after it, spell it. */
const MODE_VARIABLES = [
  "PGSSLMODE",
  "DB_SSLMODE",
  "DB_SSL_MODE",
  "DATABASE_SSLMODE",
  "POSTGRES_SSLMODE",
] as const;
/** Variables that hold a switch. */
const SWITCH_VARIABLES = ["DB_SSL", "DATABASE_SSL"] as const;
/** Variables that hold a URL, whose parameters may say it; the rest of the value is never looked at. */
const URL_VARIABLES = [
  "DATABASE_URL",
  "DB_URL",
  "POSTGRES_URL",
  "MYSQL_URL",
  "JDBC_DATABASE_URL",
  "SPRING_DATASOURCE_URL",
  "SQLALCHEMY_DATABASE_URI",
] as const;

/** Every variable that may turn TLS off. */
export const TLS_VARIABLES: readonly string[] = [...MODE_VARIABLES, ...SWITCH_VARIABLES, ...URL_VARIABLES];

/**
 * `sslmode=disable` (libpq, pgJDBC), `ssl-mode=DISABLED` (MySQL), `sslMode=DISABLED` and `useSSL=false` (Connector/J),
 * `SSL Mode=Disable` (Npgsql).
 */
const OFF_IN_URL =
  /(?:[?&;]|(?:^|\s)(?=sslmode=))\s*(?:ssl[- ]?mode\s*=\s*(?:disabled?|none)|usessl=false|ssl=(?:false|0))(?=$|[&;#\s])/i;
const OFF_MODES = new Set(["disable", "disabled"]);
const OFF_SWITCHES = new Set(["false", "0", "off", "no"]);

/**
 * The variable with which a container turns TLS to its database off; undefined where none does. Modes that try TLS
 * first and fall back are not named here: a server that requires TLS never lets them fall back.
 */
function tlsTurnedOffBy(container: Container | undefined): string | undefined {
  const find = (variables: readonly string[], isOff: (text: string) => boolean): string | undefined =>
    variables.find((variable) => {
      const value = container?.environment(variable);
      return value?.state === "known" && isOff(value.value.trim());
    });
  const inUrl = (variable: string | undefined): string | undefined => {
    if (variable === undefined) return undefined;
    const value = container?.environment(variable);
    const [key = ""] = (value?.state === "known" && OFF_IN_URL.exec(value.value)?.[0].split("=")) || [];
    return `${key.replace(/^[?&;\s]+/, "").trim()} in ${container?.labelOf?.(variable) ?? variable}`;
  };
  return (
    find(MODE_VARIABLES, (text) => OFF_MODES.has(text.toLowerCase())) ??
    find(SWITCH_VARIABLES, (text) => OFF_SWITCHES.has(text.toLowerCase())) ??
    inUrl(find(URL_VARIABLES, (text) => OFF_IN_URL.test(text))) ??
    inUrl(find(container?.variables ?? [], (text) => OFF_IN_URL.test(text) && holdsDatabaseAddress(text)))
  );
}
