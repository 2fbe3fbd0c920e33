import { minimumPoolSize } from "../model/erlang";
import { andThen, combine, computed, known, knownValue, type Reading, requireNumber } from "../plan/reading";
import type { Settings } from "../plan/settings";
import type { ProxyReading } from "../plan/types";
import type { LimitReading } from "./databaseLimit";
import type { PoolBudget, WholeLoad } from "./poolBudget";

/** What the pools behind one proxy ask of it, and what it may ask of the database. */
export interface ProxyBudget {
  readonly proxy: ProxyReading;
  readonly pools: readonly PoolBudget[];
  /** `maxConnectionsPercent` of `max_connections`, rounded down: the most it opens. */
  readonly allowed: Reading<number>;
  /** What it needs at peak when every session multiplexes that does not certainly pin. */
  readonly needed: Reading<number>;
  /** What its clients may open towards it. */
  readonly clientConnections: Reading<number>;
  readonly demand: DatabaseDemand;
}

/** Connections a database may see: what is certain, and the most there can be. */
export interface DatabaseDemand {
  readonly atLeast: number;
  readonly atMost: Reading<number>;
}

export function proxyBudget(
  proxy: ProxyReading,
  pools: readonly PoolBudget[],
  limit: LimitReading,
  settings: Settings,
): ProxyBudget {
  const allowed = allowedOf(proxy, limit);
  const clientConnections = sum(pools.map(({ connections }) => connections));
  const needed = through(pools, (pool) => knownValue(pool.sessions) === "pinned", settings);
  const most = through(pools, (pool) => knownValue(pool.sessions) !== "multiplexed", settings);
  const certain = through(
    pools.filter((pool) => shareOf(pool, knownValue(pool.sessions) === "pinned").state === "known"),
    (pool) => knownValue(pool.sessions) === "pinned",
    settings,
  );
  const caps = [knownValue(allowed), knownValue(clientConnections)].filter((cap) => cap !== undefined);
  return {
    proxy,
    pools,
    allowed,
    needed,
    clientConnections,
    demand: {
      atLeast: pools.length === 0 ? 0 : Math.min(knownValue(certain) ?? 0, ...caps),
      atMost: capped(most, caps),
    },
  };
}

/** A whole percentage of a whole limit: AWS does not say how it rounds, so the lower number is counted on. */
function allowedOf(proxy: ProxyReading, limit: LimitReading): Reading<number> {
  const percent = requireNumber(
    proxy.maxConnectionsPercent,
    "connectionPoolConfig.maxConnectionsPercent",
    (value) => value >= 1 && value <= 100,
    "a percentage from 1 to 100",
  );
  return andThen(percent, (share) => {
    const of = knownValue(limit);
    if (of !== undefined) return known(Math.floor((share * of.maxConnections) / 100));
    const { property = "parameters.max_connections" } = limit as { readonly property?: string };
    return { state: "unknown", property, reason: "the limit of the proxy's database is not known" };
  });
}

/** Connections that pools need through one proxy: one for each that pins, one queue for all that multiplex. */
function through(
  pools: readonly PoolBudget[],
  pins: (pool: PoolBudget) => boolean,
  settings: Settings,
): Reading<number> {
  const pinned = sum(pools.filter(pins).map(({ connections }) => connections));
  const shared = pools.filter((pool) => !pins(pool));
  if (shared.length === 0) return pinned;
  return combine({ pinned, shared: multiplexed(shared, settings) }, (of) => of.pinned + of.shared);
}

const shareOf = (pool: PoolBudget, pins: boolean): Reading<unknown> =>
  pins ? pool.connections : pool.wholeLoad;

/**
 * Connections the database sees of pools that multiplex: the smallest pool that carries `peakFactor` × their whole
 * arrival rate, as if all their tasks were one.
 */
export function multiplexed(pools: readonly PoolBudget[], { capacity }: Settings): Reading<number> {
  const loads: WholeLoad[] = [];
  for (const { wholeLoad } of pools) {
    if (wholeLoad.state !== "known") return wholeLoad;
    loads.push(wholeLoad.value);
  }
  // At the busiest second of each, and with the widest spread of them all.
  const atBurst = loads.map((load) => load.acquisitionsPerSecond * load.peakBurst);
  const arrivals = atBurst.reduce((total, each) => total + each, 0);
  const busy = loads.reduce((total, load, i) => total + (atBurst[i] ?? 0) * load.meanHoldSeconds, 0);
  return computed("tags", () =>
    known(
      minimumPoolSize({
        arrivalsPerSecond: capacity.peakFactor * arrivals,
        meanHoldSeconds: arrivals === 0 ? 0 : busy / arrivals,
        holdScv: Math.max(1, ...loads.map((load) => load.holdScv)),
        waitTargetSeconds: capacity.waitTargetMs / 1000,
        exceedance: capacity.exceedance,
      }),
    ),
  );
}

/** A proxy opens no more than its share, and no more than its clients ask for. */
function capped(demand: Reading<number>, caps: readonly number[]): Reading<number> {
  if (demand.state === "known") return known(Math.min(demand.value, ...caps));
  return caps.length === 0 ? demand : known(Math.min(...caps));
}

/** The sum of all readings; the first that is not known stands for it. */
export function sum(readings: readonly Reading<number>[]): Reading<number> {
  let total = 0;
  for (const reading of readings) {
    if (reading.state !== "known") return reading;
    total += reading.value;
  }
  return known(total);
}

/** Tag of a service or function that says it; the driver and the statements decide, and no plan shows them. */
