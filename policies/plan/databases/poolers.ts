import type { Container } from "../clients/containers";
import { known, knownValue, type Reading, unknown, unset } from "../reading";
import type { ClientReading, DeclaredDemand, PoolerReading } from "../types";

/** Poolers between clients and a database, by the image or the name of their container. */
const POOLER = /(?:^|[/_-])(?:pgbouncer|odyssey|pgcat|pgpool|supavisor)(?=[:@/_-]|$)/i;
const POOLER_VARIABLE = /^(?:PGBOUNCER_\w+|MAX_CLIENT_CONN|DEFAULT_POOL_SIZE|MAX_DB_CONNECTIONS)$/;

/** Clients that PgBouncer takes when nothing is set (pgbouncer.org/config.html, `max_client_conn`). */
const DEFAULT_MAX_CLIENTS = 100;
/** Connections of one user to one database when nothing is set (ibid., `default_pool_size`). */
const DEFAULT_SIZE = 20;

/** Whether a container is a pooler: what it holds are the connections of others. */
const isPooler = ({ image, name, variables }: Container): boolean =>
  POOLER.test(image ?? "") ||
  POOLER.test(name) ||
  variables.some((each) => /^PGBOUNCER_/.test(each) && POOLER_VARIABLE.test(each));

/** What a pooler takes from its clients, and how long it lends a connection; undefined for any other container. */
export function readPooler(container: Container | undefined): PoolerReading | undefined {
  if (container === undefined || !isPooler(container)) return undefined;
  const first = (names: readonly string[]): Reading<string> => {
    const name = names.find((each) => container.sets(each));
    return name === undefined ? unset(names[0] ?? "") : container.environment(name);
  };
  const clients = first(["PGBOUNCER_MAX_CLIENT_CONN", "MAX_CLIENT_CONN", "max_client_conn"]);
  return {
    isPgBouncer:
      /pgbouncer/i.test(`${container.image ?? ""} ${container.name}`) ||
      container.variables.some((each) => /^PGBOUNCER_/.test(each)),
    maxClients:
      clients.state === "unset"
        ? known(DEFAULT_MAX_CLIENTS, "PgBouncer's default")
        : clients.state !== "known"
          ? clients
          : /^\d{1,7}$/.test(clients.value.trim())
            ? known(Number(clients.value))
            : { ...unknown("MAX_CLIENT_CONN", "`max_client_conn` is not a whole number") },
    mode: first(["PGBOUNCER_POOL_MODE", "POOL_MODE", "pool_mode"]),
  };
}

/** What stands for the file itself among the settings that are read from it. */
export const INI = "pgbouncer.ini";

/** Options of the `[pgbouncer]` section that are read, by the names that the file gives them. */
const INI_OPTIONS = [
  "default_pool_size",
  "reserve_pool_size",
  "max_db_connections",
  "max_client_conn",
  "pool_mode",
  "query_wait_timeout",
  "server_idle_timeout",
  "server_lifetime",
] as const;

/**
 * PgBouncer's own file as settings: the options of `[pgbouncer]`, with `default_pool_size` as what all entries of
 * `[databases]` may open together for one user, whose own `pool_size` and `max_db_connections` count. What the file says of
 * single users, or takes from another file, is not known here, and undefined is then what is not certain.
 */
export function readIni(text: string): ReadonlyMap<string, string | undefined> {
  const own = new Map<string, string>();
  const databases: string[] = [];
  let section = "";
  let isOpen = false;
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === "" || /^[;#]/.test(line)) continue;
    if (/^%include\b/i.test(line)) isOpen = true;
    const [, name] = /^\[(.*)\]$/.exec(line) ?? [];
    if (name !== undefined) section = name.trim().toLowerCase();
    else if (section === "databases") databases.push(line);
    else if (section === "users" && /\bpool_size\b/i.test(line)) isOpen = true;
    else if (section === "pgbouncer" || section === "") {
      const [, key, value = ""] = /^([\w.]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (key !== undefined) own.set(key.toLowerCase(), value.trim());
    }
  }
  const found = new Map<string, string | undefined>();
  for (const option of INI_OPTIONS)
    if (isOpen || own.has(option)) found.set(option, isOpen ? undefined : own.get(option));
  const places = databases.map((line) => (line.match(/\b(?:host|port)\s*=\s*\S+/gi) ?? []).join(" "));
  found.set(INI, isOpen ? undefined : places.join("; "));
  if (isOpen || databases.length === 0) return found;
  const number = (of: string | undefined, otherwise: number): number =>
    of === undefined ? otherwise : /^\d+$/.test(of) ? Number(of) : Number.NaN;
  const general = (option: string, otherwise: number): number => number(own.get(option), otherwise);
  const sizes = databases.map((line) => {
    const given = (option: string, otherwise: number): number =>
      number(new RegExp(`\\b${option}\\s*=\\s*'?([^\\s']+)`, "i").exec(line)?.[1], otherwise);
    const size = given("pool_size", general("default_pool_size", DEFAULT_SIZE));
    const reserve = given("reserve_pool(?:_size)?", general("reserve_pool_size", 0));
    const most = given("max_db_connections", general("max_db_connections", 0));
    return most === 0 ? size + reserve : Math.min(size + reserve, most);
  });
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (Number.isNaN(all)) return found;
  // Each of the databases is counted with what it may have in reserve, and with its cap.
  const isOne =
    databases.length === 1 && !/\b(?:pool_size|reserve_pool|max_db_connections)/i.test(databases[0] ?? "");
  if (!isOne)
    for (const [option, value] of [
      ["default_pool_size", all],
      ["reserve_pool_size", 0],
      ["max_db_connections", 0],
    ] as const)
      found.set(option, String(value));
  return found;
}

/** Ports on which poolers listen: PgBouncer, Odyssey and Pgcat on 6432, Pgpool on 9999. */
const POOLER_PORT = /^(?:6432|9999)$/;
const PORT_VARIABLE = /(?:^|_)PORT$|^PGPORT$/;
const LOCAL = /(?:@|\/\/|^|host=)(?:127\.0\.0\.1|localhost|\[?::1\]?)(?=[:/\s]|$)/i;

/** Where a pooler itself listens, which leads nowhere. */
const OWN_PORT = /^(?:PGBOUNCER_)?(?:LISTEN_)?PORT$|LISTEN_/;

/** Whether a container's settings lead to a pooler: by its port, or by its name in an address. */
export function leadsToPooler(container: Container | undefined): boolean {
  if (container === undefined) return false;
  const isOwn = (name: string): boolean => OWN_PORT.test(name) && isPooler(container);
  return container.variables.some((name) => {
    const text = knownValue(container.environment(name));
    if (text === undefined || /REDIS|CACHE|HTTP|AMQP|KAFKA/i.test(name) || isOwn(name)) return false;
    if (PORT_VARIABLE.test(name) && POOLER_PORT.test(text.trim())) return true;
    if (/:(?:6432|9999)(?=[/?\s]|$)/.test(text) || /(?:^|\s|;)port=(?:6432|9999)\b/i.test(text)) return true;
    return (
      (name === INI || /HOST|URL|URI|DSN|SERVER|ADDR|CONN/i.test(name)) &&
      /(?:@|\/\/|^|host=)[\w.-]*(?:pgbouncer|pgcat|odyssey|pgpool)/i.test(text)
    );
  });
}

/** Whether a container names its own task as its database, which only a container beside it can be. */
export const leadsToItsTask = (container: Container | undefined): boolean =>
  container?.variables.some(
    (name) =>
      /HOST|URL|URI|DSN|SERVER|ADDR|CONN/i.test(name) &&
      !/REDIS|CACHE|HTTP|AMQP|KAFKA|STATSD|OTEL|AGENT/i.test(name) &&
      LOCAL.test(knownValue(container.environment(name)) ?? ""),
  ) ?? false;

/**
 * Ties clients to the pooler that they go through: the one in their own task, else the only one of the stack. Its
 * connections are what the database sees; of its own demand it declares none, so it has theirs. A pooler that leads to
 * another one is that one's client.
 */
export function tieToPoolers(clients: readonly ClientReading[]): readonly ClientReading[] {
  const poolers = clients.filter(({ pooler }) => pooler !== undefined);
  // What a pooler leads to is none that leads on: so no two of them stand behind each other.
  const last = poolers.filter(({ leadsTo }) => leadsTo !== "pooler");
  const tied = clients.map((client): ClientReading => {
    const { leadsTo, pooler, resource } = client;
    if (leadsTo === undefined || (pooler !== undefined && leadsTo !== "pooler")) return client;
    const own = pooler === undefined && poolers.find((each) => each.resource.urn === resource.urn);
    const [only, ...others] = pooler === undefined ? poolers : last;
    const through = own || (leadsTo === "pooler" && others.length === 0 ? only : undefined);
    return through === undefined
      ? leadsTo === "pooler"
        ? { ...client, behind: elsewhere(client, others.length > 0) }
        : client
      : { ...client, behind: known(through.name), database: through.database };
  });
  const behind = (name: string): readonly ClientReading[] =>
    tied
      .filter((each) => each.behind !== undefined && knownValue(each.behind) === name)
      .map((each) => withDemand(each, behind));
  return tied.map((client) => withDemand(client, behind));
}

/** A pooler with the demand of what goes through it, and with those of its clients that stop with it. */
function withDemand(
  client: ClientReading,
  behind: (name: string) => readonly ClientReading[],
): ClientReading {
  if (client.pooler === undefined) return client;
  const through = behind(client.name);
  const isDeclared = client.declared.peakRequestsPerSecond.state !== "unset";
  const isSidecar = through.every(({ resource }) => resource.urn === client.resource.urn);
  return {
    ...client,
    ...(isDeclared || through.length === 0 ? {} : { declared: together(through) }),
    pooler: { ...client.pooler, ...(isSidecar && through.length > 0 ? { stopsWith: through } : {}) },
  };
}

const elsewhere = ({ name }: ClientReading, isMany: boolean): Reading<string> => ({
  ...unknown(
    "containerDefinitions",
    isMany
      ? `the settings of ${name} lead to a pooler, and the stack has several`
      : `the settings of ${name} lead to a pooler that is not of this stack, so nothing shows how many connections the database sees`,
  ),
  fix: "Describe the pooler under `clients` in the policy configuration (`poolMax`: its `default_pool_size`, `instances`), and list this client under `notClients`",
});

/** The demand of several clients as one: their peaks add up, and so does the time that they hold connections. */
function together(clients: readonly ClientReading[]): DeclaredDemand {
  const [first] = clients as readonly [ClientReading];
  if (clients.length === 1) return { ...first.declared, tasksAtPeak: unset("tasksAtPeak") };
  let peak = 0;
  let busy = 0;
  for (const { declared } of clients) {
    const { peakRequestsPerSecond, holdMs, acquisitionsPerRequest } = declared;
    if (peakRequestsPerSecond.state !== "known") return { ...declared, tasksAtPeak: unset("tasksAtPeak") };
    if (holdMs.state !== "known") return { ...declared, tasksAtPeak: unset("tasksAtPeak") };
    const each = peakRequestsPerSecond.value * (knownValue(acquisitionsPerRequest) ?? 1);
    peak += each;
    busy += each * holdMs.value;
  }
  return {
    peakRequestsPerSecond: known(peak),
    holdMs: known(peak === 0 ? 1 : busy / peak),
    acquisitionsPerRequest: known(1),
    tasksAtPeak: unset("tasksAtPeak"),
    queriesPerRequest: unset("queriesPerRequest"),
    heldAtOnce: most(clients.map(({ declared }) => declared.heldAtOnce)),
    requestsInFlight: unset("requestsInFlight"),
    peakBurst: most(clients.map(({ declared }) => declared.peakBurst)),
    holdP99Ms: most(clients.map(({ declared }) => declared.holdP99Ms)),
    holdCv: most(clients.map(({ declared }) => declared.holdCv)),
  };
}

/** The largest of several numbers; what hides one of them hides it. */
function most(readings: readonly Reading<number>[]): Reading<number> {
  const hidden = readings.find(({ state }) => state !== "known" && state !== "unset");
  const most = Math.max(0, ...readings.map((reading) => knownValue(reading) ?? 0));
  return hidden ?? (most === 0 ? unset("heldAtOnce") : known(most));
}
