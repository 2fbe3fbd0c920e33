import { type DatabaseBudget, type PoolBudget, poolsOf } from "../../budget/budget";
import { known, knownValue, originOf, type Reading } from "../../plan/reading";
import type { ClientReading } from "../../plan/types";
import { dialectOf, groupsInForce, serverNumber } from "../database/parameterGroups";
import { plain } from "../format";
import { setPoolTimeout } from "../pools/acquireTimeout";
import { type RuleContext, rule } from "../rule";

/** The pool closes what is idle before the server or the proxy does: otherwise it hands out closed connections. */
export const idleOrder = rule({
  id: "idle-order",
  title: "The pool closes idle connections first",
  severity: "medium",
  level: "mandatory",
  description:
    "A pool closes an idle connection (idle timeout or maximum lifetime) before the server's or the RDS Proxy's idle limit does, and before the 24 hours after which a proxy ends every connection.",
  remediationSteps:
    "Set the pool's idle timeout, or the longest life of a connection, below the idle limit named in the message.",
  check(context) {
    for (const [pool, database] of poolsOf(context.budget)) {
      // The policy configuration does not say when a client that it describes closes connections. No timer of a function
      // runs while its environment is frozen: neither side's order can hold, and only the server ends what is left.
      // A pooler closes no idle client (`client_idle_timeout` 0).
      if (!["declared", "lambda"].includes(pool.client.kind) && pool.client.behind === undefined)
        checkPool(pool, database, context);
      if (!["declared", "lambda"].includes(pool.client.kind)) checkLifetime(pool, context);
    }
  },
});

/** An RDS Proxy ends each client's connection after a day, whatever it does (Amazon RDS User Guide, "RDS Proxy connection considerations"). */
const PROXY_CONNECTION_MS = 24 * 3_600_000;

/** A connection that is never idle for long lives until the proxy ends it, perhaps in the middle of a query. */
function checkLifetime({ client, proxied }: PoolBudget, context: RuleContext): void {
  const { reading } = client.settings.maxLifetimeMs;
  if (knownValue(proxied) !== true || reading.state !== "known" || client.opens === "no pool") return;
  if (reading.value > 0 && reading.value < PROXY_CONNECTION_MS) return;
  context.violation({
    level: "advisory",
    resource: client.resource.urn,
    text: `The pool of ${client.name} ${reading.value === 0 ? "sets no maximum lifetime" : `keeps a connection for up to ${plain(reading.value)} ms`}, and an RDS Proxy ends every connection after 24 hours (${plain(PROXY_CONNECTION_MS)} ms), whether it is in use or not: the query that is on it fails.`,
    fix: setPoolTimeout(
      context.naming,
      client,
      "maxLifetimeMs",
      `a value above 0 and below ${plain(PROXY_CONNECTION_MS)} ms`,
    ),
    observed: reading.value,
    allowed: { min: 1, max: PROXY_CONNECTION_MS - 1 },
    unit: "ms",
  });
}

/** After how long without traffic the other end closes a connection. */
interface IdleLimit {
  readonly of: string;
  readonly resource: string;
  /** In milliseconds; 0 is never. */
  readonly ms: Reading<number>;
}

function checkPool(pool: PoolBudget, on: DatabaseBudget | undefined, context: RuleContext): void {
  // That its database is not known is said by `connection-budget`.
  if (!on) return;
  const { client, proxied } = pool;
  const isProxied = knownValue(proxied);
  const limits = [
    ...(isProxied === true ? [] : serverLimits(on)),
    ...(isProxied === false ? [] : proxyLimits(client, on)),
  ];
  const bound = boundOf(client);
  const broken: IdleLimit[] = [];
  for (const limit of limits) {
    if (limit.ms.state !== "known") {
      context.cannotDecide(limit.resource, limit.ms);
      continue;
    }
    if (limit.ms.value === 0 || bound.ms < limit.ms.value) continue;
    if (bound.hidden) context.cannotDecide(client.resource.urn, bound.hidden);
    else broken.push(limit);
  }
  const [first] = broken;
  if (!first) return;
  // Which of the two ends closes first depends on where the pool connects to.
  if (proxied.state !== "known" && broken.length < limits.length) {
    context.cannotDecide(client.resource.urn, proxied);
    return;
  }
  const limit = knownValue(first.ms) ?? 0;
  const { variable } = client.settings.idleTimeoutMs;
  const shown =
    bound.ms === Number.POSITIVE_INFINITY
      ? `never closes an idle connection (\`${variable}\` is ${originOf(client.settings.idleTimeoutMs.reading) === "set" ? "0" : "not set"})`
      : `closes an idle connection after ${plain(bound.ms)} ms`;
  context.violation({
    resource: client.resource.urn,
    text: `The pool of ${client.name} ${shown}, and ${first.of} does after ${plain(limit)} ms: the pool hands out a connection that has just been closed, and the request fails.`,
    fix: setPoolTimeout(
      context.naming,
      client,
      "idleTimeoutMs",
      `a value above 0 and below ${plain(limit)} ms`,
    ),
    observed: bound.ms === Number.POSITIVE_INFINITY ? 0 : bound.ms,
    allowed: { min: 1, max: limit - 1 },
    unit: "ms",
  });
}

/** When the pool itself closes an idle connection: at the earlier of its idle timeout and its longest life. */
function boundOf({ settings }: ClientReading): {
  readonly ms: number;
  readonly hidden: Reading<number> | undefined;
} {
  const readings = [settings.idleTimeoutMs.reading, settings.maxLifetimeMs.reading];
  const set = readings.flatMap((reading) => knownValue(reading) || []);
  const hidden = readings.find(({ state }) => state === "unknown" || state === "malformed");
  return {
    ms: Math.min(Number.POSITIVE_INFINITY, ...set),
    hidden,
  };
}

/** An RDS Proxy keeps its own connections to the server; what the client meets is the proxy's limit. */
function proxyLimits({ database: link }: ClientReading, on: DatabaseBudget): IdleLimit[] {
  const through = link.state === "linked" ? link.proxy : undefined;
  const candidates = on.proxies.filter(
    ({ proxy }) => through === undefined || proxy.resource.urn === through,
  );
  return candidates.map(({ proxy }) => ({
    of: `the RDS Proxy ${proxy.resource.name}`,
    resource: proxy.resource.urn,
    ms: inMs(proxy.idleClientSeconds),
  }));
}

/**
 * PostgreSQL's `idle_session_timeout` (14 and later, off by default; documentation, "Client Connection Defaults"),
 * MySQL's and MariaDB's `wait_timeout` (8 hours by default; reference manual, "Server System Variables").
 */
function serverLimits({ database }: DatabaseBudget): IdleLimit[] {
  const engine = knownValue(database.engine);
  if (engine === undefined) return [];
  const dialect = dialectOf(engine);
  return groupsInForce(database).map((group) => {
    const of = `the server ${database.resource.name}`;
    const resource = group.resource.urn;
    return dialect === "postgres"
      ? {
          of,
          resource,
          ms: serverNumber(group, "idle_session_timeout", { value: 0, of: "PostgreSQL's default" }),
        }
      : {
          of,
          resource,
          ms: inMs(serverNumber(group, "wait_timeout", { value: 28_800, of: "the server's default" })),
        };
  });
}

const inMs = (seconds: Reading<number>): Reading<number> =>
  seconds.state === "known" ? known(seconds.value * 1000, seconds.assumed) : seconds;
