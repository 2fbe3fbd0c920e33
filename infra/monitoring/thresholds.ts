import { DEFAULT_CAPACITY_SETTINGS } from "../../policies/model/defaults";
import { waitExceedance } from "../../policies/model/erlangC";
import type { PoolLoad } from "../../policies/model/poolFloor";
import { type Capacity, computed } from "../capacity";
import type { Threshold } from "./alarmSpec";

const { budgetShare, waitTargetMs, exceedance, peakFactor } = DEFAULT_CAPACITY_SETTINGS;

/** AWS's recommended alarm for DatabaseConnections is at 90 to 95 % of what there is. */
const NEAR_LIMIT_SHARE = 0.9;

/**
 * Connections that are too many: 90 % of the usable ones. The plan stays within 80 % even during a deployment at
 * peak, so more than 90 % is nobody's plan; and it is still below the limit, where the next login is refused.
 *
 * Where the limit cannot be computed (such a stack is rejected), the smallest one that would carry the demand
 * stands in for it.
 */
export function connectionsNearLimit({ usable, demandAtPeak }: Capacity): Threshold {
  const assumed = usable ?? Math.ceil((demandAtPeak ?? 0) / budgetShare);
  return {
    value: Math.max(1, Math.floor(NEAR_LIMIT_SHARE * assumed)),
    unit: "connections",
    formula: "⌊nearLimitShare × usable⌋",
    inputs: { nearLimitShare: NEAR_LIMIT_SHARE, usable: assumed, demandAtPeak: demandAtPeak ?? "unknown" },
  };
}

/**
 * Mean share of a pool in use beyond which waits get too long: the offered load at which 1 % of acquisitions wait
 * for more than the target, divided by the pool (Erlang C, solved for the load). A pool inside its safe window
 * stays below it at 1.25 × its declared peak.
 */
export function poolSaturated(poolMax: number, load: PoolLoad | undefined): Threshold {
  const carried = load && heaviestLoad(poolMax, load.meanHoldSeconds);
  // A pool of no connections, or no demand to speak of, has no such point; a pool in use to 90 % is then enough.
  const share = carried === undefined ? 0.9 : carried / poolMax;
  return {
    value: Math.min(95, Math.max(1, Math.round(100 * share))),
    unit: "% of the pool in use",
    formula: "100 × a ÷ poolMax, where a of poolMax connections in use makes P(wait > target) = exceedance",
    inputs: {
      poolMax,
      holdMs: load === undefined ? "unknown" : Math.round(load.meanHoldSeconds * 1000),
      targetMs: waitTargetMs,
      exceedance,
    },
  };
}

/** The largest offered load for which no more than the tolerated share waits too long; to a thousandth. */
function heaviestLoad(poolMax: number, meanHoldSeconds: number): number | undefined {
  if (!Number.isSafeInteger(poolMax) || poolMax < 1 || meanHoldSeconds <= 0) return undefined;
  const waitsTooLong = (offeredLoad: number) =>
    waitExceedance({
      servers: poolMax,
      arrivalsPerSecond: offeredLoad / meanHoldSeconds,
      meanHoldSeconds,
      waitSeconds: waitTargetMs / 1000,
    }) > exceedance;
  return computed(() => {
    let [fits, exceeds] = [0, poolMax];
    while (exceeds - fits > poolMax / 1000) {
      const middle = (fits + exceeds) / 2;
      if (waitsTooLong(middle)) exceeds = middle;
      else fits = middle;
    }
    return fits;
  });
}

/**
 * Requests that wait for a connection, on average over a minute and the tasks: as many as there would be if every
 * acquisition waited for the whole target (Little's law, L = λ·W).
 */
export function poolWaiting(load: PoolLoad | undefined): Threshold {
  const arrivals = load === undefined ? 0 : peakFactor * load.acquisitionsPerSecond;
  return {
    value: Math.max(1, Math.round(arrivals * (waitTargetMs / 1000))),
    unit: "requests waiting in one process",
    formula: "max(1, acquisitions per second and process × target in seconds)",
    inputs: { acquisitionsPerSecond: Math.round(arrivals * 10) / 10, targetMs: waitTargetMs },
  };
}

/** Acquisitions a minute, over all tasks, that may give up: as many as the model expects at peak, which is none in a safe pool. */
export function poolTimeouts(
  poolMax: number,
  load: PoolLoad | undefined,
  acquireTimeoutMs: number,
  pools: number,
): Threshold {
  const share =
    load &&
    computed(() =>
      waitExceedance({
        servers: poolMax,
        arrivalsPerSecond: peakFactor * load.acquisitionsPerSecond,
        meanHoldSeconds: load.meanHoldSeconds,
        waitSeconds: acquireTimeoutMs / 1000,
      }),
    );
  const perMinute = 60 * pools * (load?.acquisitionsPerSecond ?? 0);
  // A pool that cannot carry its load would expect to fail all the time: that is no reason to be quiet about it.
  const expected = share === undefined || share > exceedance ? 0 : share * perMinute;
  return {
    value: Math.round(expected),
    unit: "acquisitions timed out in a minute",
    formula: "P(wait > acquire timeout at peak) × acquisitions per minute, rounded",
    inputs: { poolMax, acquireTimeoutMs, acquisitionsPerMinute: Math.round(perMinute) },
  };
}

/**
 * Latency beyond which users suffer: the objective, but never more than the acquire timeout, since requests that
 * fail for want of a connection are answered then.
 */
export function loginLatency(toleratedLatencyMs: number, acquireTimeoutMs: number): Threshold {
  const limits = [toleratedLatencyMs, acquireTimeoutMs].filter((limit) => limit > 0);
  const milliseconds = limits.length === 0 ? 1000 : Math.min(...limits);
  return {
    value: milliseconds / 1000,
    unit: "s (p99)",
    formula: "min(tolerated latency, acquire timeout)",
    inputs: { toleratedLatencyMs, acquireTimeoutMs },
  };
}
