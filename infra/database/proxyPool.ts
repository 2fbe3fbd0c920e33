import { connectionBudget } from "../../policies/model/connectionBudget";
import { DEFAULT_CAPACITY_SETTINGS } from "../../policies/model/defaults";
import { minimumPoolSize } from "../../policies/model/erlang";

/** How an RDS Proxy shares the database's connections. */
export interface ProxyPool {
  /** Connections that the whole demand needs if it shares them; undefined for a demand that is none. */
  readonly needed: number | undefined;
  /** Share of `max_connections` that the proxy may open. */
  readonly maxConnectionsPercent: number;
  /** Share it keeps open while they are unused. */
  readonly maxIdleConnectionsPercent: number;
  /** How long a query waits for one of them. */
  readonly borrowTimeoutSeconds: number;
}

export interface ProxyPoolInput {
  readonly peakRequestsPerSecond: number;
  readonly acquisitionsPerRequest: number;
  readonly holdMs: number;
  /** Undefined where it cannot be computed; then the share is the budget's own. */
  readonly maxConnections: number | undefined;
  /** Connections that clients can have at all. */
  readonly usable: number | undefined;
  readonly acquireTimeoutMs: number;
  readonly queryTimeoutMs: number;
}

/** AWS: leave at least 30 % above the highest recent use (RDS User Guide, rds-proxy-connections). */
const HEADROOM = 1.3;
/** AWS: not below 30 % on small classes. The same page. */
const MIN_PERCENT = 30;

/**
 * Sizes the proxy's pool from the demand: through a proxy that multiplexes, the whole service is one queue, so it
 * needs the smallest pool for the whole arrival rate, and never more than the budget's share of the database less
 * the connections that migrations, jobs and people have beside it.
 *
 * A query waits for a connection no longer than the service would wait for one of its own pool, and in any case
 * less than the service waits for the query.
 */
export function proxyPool(input: ProxyPoolInput): ProxyPool {
  const { budgetShare, operationsReserve } = DEFAULT_CAPACITY_SETTINGS;
  const { maxConnections, usable } = input;
  const budgetPercent =
    maxConnections === undefined || usable === undefined || maxConnections <= 0
      ? Math.floor(100 * budgetShare)
      : Math.floor((100 * (connectionBudget(usable) - operationsReserve)) / maxConnections);
  const needed = neededConnections(input);
  const neededPercent =
    needed === undefined || maxConnections === undefined || maxConnections <= 0
      ? budgetPercent
      : Math.ceil((100 * HEADROOM * needed) / maxConnections);
  const maxConnectionsPercent = clamp(Math.max(neededPercent, MIN_PERCENT), 1, Math.max(1, budgetPercent));
  const longestWaitMs = Math.min(input.acquireTimeoutMs, input.queryTimeoutMs - 1000);
  return {
    needed,
    maxConnectionsPercent,
    maxIdleConnectionsPercent: Math.floor(maxConnectionsPercent / 2),
    borrowTimeoutSeconds: clamp(Math.floor(longestWaitMs / 1000), 1, 300),
  };
}

/**
 * When the proxy closes a client's connection that is idle: twice as late as the client does itself, and not
 * before AWS's own default of half an hour. Were the proxy first, the pool would hand out closed connections.
 */
export function idleClientTimeoutSeconds(clientIdleTimeoutMs: number): number {
  return clamp(Math.ceil((2 * clientIdleTimeoutMs) / 1000), 1800, 28_800);
}

function neededConnections(input: ProxyPoolInput): number | undefined {
  const { waitTargetMs, exceedance, peakFactor } = DEFAULT_CAPACITY_SETTINGS;
  try {
    return minimumPoolSize({
      arrivalsPerSecond: peakFactor * input.peakRequestsPerSecond * input.acquisitionsPerRequest,
      meanHoldSeconds: input.holdMs / 1000,
      waitTargetSeconds: waitTargetMs / 1000,
      exceedance,
    });
  } catch (error) {
    // A demand that is no demand, such as a negative rate: the policies say so, this only must not hide it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
