import type { Container } from "../clients/containers";
import { known, knownValue, type Reading, unknown, unset } from "../reading";
import type { ClientReading, DeclaredDemand, PoolerReading } from "../types";

/** Poolers between clients and a database, by the image or the name of their container. */
const POOLER = /(?:^|[/_-])(?:pgbouncer|odyssey|pgcat|pgpool|supavisor)(?=[:@/_-]|$)/i;
const POOLER_VARIABLE = /^(?:PGBOUNCER_\w+|MAX_CLIENT_CONN|DEFAULT_POOL_SIZE|MAX_DB_CONNECTIONS)$/;

/** Clients that PgBouncer takes when nothing is set (pgbouncer.org/config.html, `max_client_conn`). */
const DEFAULT_MAX_CLIENTS = 100;

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
  const clients = first(["PGBOUNCER_MAX_CLIENT_CONN", "MAX_CLIENT_CONN"]);
  return {
    maxClients:
      clients.state === "unset"
        ? known(DEFAULT_MAX_CLIENTS, "PgBouncer's default")
        : clients.state !== "known"
          ? clients
          : /^\d{1,7}$/.test(clients.value.trim())
            ? known(Number(clients.value))
            : { ...unknown("MAX_CLIENT_CONN", "`max_client_conn` is not a whole number") },
    mode: first(["PGBOUNCER_POOL_MODE", "POOL_MODE"]),
  };
}

/** Ports on which poolers listen: PgBouncer, Odyssey and Pgcat on 6432, Pgpool on 9999. */
const POOLER_PORT = /^(?:6432|9999)$/;
const PORT_VARIABLE = /(?:^|_)PORT$|^PGPORT$/;
const LOCAL = /(?:@|\/\/|^|host=)(?:127\.0\.0\.1|localhost|\[?::1\]?)(?=[:/\s]|$)/i;

/** Whether a container's settings lead to a pooler: by its port, its name in an address, or the task's own loopback. */
export function leadsToPooler(container: Container | undefined): boolean {
  if (container === undefined) return false;
  return container.variables.some((name) => {
    const text = knownValue(container.environment(name));
    if (text === undefined || /REDIS|CACHE|HTTP|AMQP|KAFKA/i.test(name)) return false;
    if (PORT_VARIABLE.test(name) && POOLER_PORT.test(text.trim())) return true;
    if (/:(?:6432|9999)(?=[/?\s]|$)/.test(text) || /(?:^|\s|;)port=(?:6432|9999)\b/i.test(text)) return true;
    return (
      /HOST|URL|URI|DSN|SERVER|ADDR|CONN/i.test(name) &&
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
 * connections are what the database sees; of its own demand it declares none, so it has theirs.
 */
export function tieToPoolers(clients: readonly ClientReading[]): readonly ClientReading[] {
  const poolers = clients.filter(({ pooler }) => pooler !== undefined);
  const tied = clients.map((client): ClientReading => {
    if (client.leadsTo === undefined || client.pooler !== undefined) return client;
    const own = poolers.find(({ resource }) => resource.urn === client.resource.urn);
    const [only, ...others] = poolers;
    const through = own ?? (client.leadsTo === "pooler" && others.length === 0 ? only : undefined);
    return through === undefined
      ? client.leadsTo === "pooler"
        ? { ...client, behind: elsewhere(client, others.length > 0) }
        : client
      : { ...client, behind: known(through.name), database: through.database };
  });
  return tied.map((client) => {
    if (client.pooler === undefined) return client;
    const through = tied.filter(({ behind }) => behind !== undefined && knownValue(behind) === client.name);
    const isDeclared = client.declared.peakRequestsPerSecond.state !== "unset";
    return isDeclared || through.length === 0 ? client : { ...client, declared: together(through) };
  });
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
