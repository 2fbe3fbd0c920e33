import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { probabilityOfWaiting, waitExceedance } from "../../../policies/model/erlang";
import type { PoolLoad } from "../../../policies/model/poolFloor";
import { computed } from "../../capacity";
import type { AlarmInput, MetricAlarmSpec, Threshold } from "../alarmSpec";
import { pool } from "../metrics";
import { EVIDENCE_WINDOW, EXCLUSION_WINDOW, IMMEDIATE_EXCLUSION_WINDOW } from "../windows";
import { math, STAYS, signal, whilePresent, zeroAtRest } from "./metricAlarm";

/** What the database cannot see: a pool that is too small leaves it idle. */
export function poolSignals(input: AlarmInput): readonly MetricAlarmSpec[] {
  const inUse = math("Share of the pool in use (%)", "100 * used / limit", {
    used: pool.used,
    limit: pool.max,
  });
  return [
    signal({
      id: "pool-saturated",
      intent: "So much of the connection pool is in use that logins wait for a connection.",
      on: inUse,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: poolSaturated(input),
      missingData: STAYS,
    }),
    signal({
      id: "pool-busy",
      intent: "The pools of all tasks are, or recently were, in use to the point at which logins wait.",
      on: inUse,
      window: IMMEDIATE_EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: poolSaturated(input),
      missingData: STAYS,
    }),
    signal({
      id: "process-saturated",
      intent:
        "One process or more has its whole connection pool in use, and requests queue there, whatever the mean over all processes is.",
      on: math("Requests in the queue of a full pool (p99)", "IF(used >= limit, waiting, 0)", {
        used: pool.usedP99,
        limit: pool.max,
        waiting: pool.waitingP99,
      }),
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: processSaturated(input),
      missingData: STAYS,
    }),
    signal({
      id: "pool-wait",
      intent: "One in 100 requests that need a database connection waits almost as long as allowed.",
      on: pool.waitP99,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: poolWait(input),
      missingData: {
        treatAs: "notBreaching",
        reason: "without acquisitions there is no sample: no request waited",
      },
    }),
    signal({
      id: "pool-timeouts",
      intent: "Requests fail because no database connection became available within the acquire timeout.",
      on: pool.timeouts,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: poolTimeouts(input),
      missingData: STAYS,
    }),
    signal({
      id: "pool-refusals",
      intent: "Requests are refused immediately because the queue for a database connection is full.",
      on: pool.refusals,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: poolRefusals(input),
      missingData: STAYS,
    }),
    signal({
      id: "hold-time",
      intent: "Connections are held longer than declared: the slow part comes after the pool, not before it.",
      on: math(
        "Mean time a connection is held (ms)",
        // A minute without a release while connections are in use is a hold of at least that minute.
        whilePresent("used", "IF(FILL(releases, 0) > 0, 1000 * FILL(hold, 60), IF(used >= 1, 60000, 0))"),
        { used: pool.used, releases: pool.releases, hold: pool.hold },
      ),
      window: EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: holdTime(input),
      missingData: STAYS,
    }),
    signal({
      id: "connection-rate",
      intent:
        "More connections are opened than a restart of all tasks would open: they are lost and reopened.",
      on: zeroAtRest("Connections opened in a minute", pool.opened, pool.used),
      window: IMMEDIATE_EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: connectionRate(input),
      missingData: STAYS,
    }),
  ];
}

const { waitTargetMs, exceedance, peakFactor } = DEFAULT_CAPACITY_SETTINGS;

/** How much longer than declared a connection may be held before the hold is to blame, and not the pool. */
const HOLD_FACTOR = 1.5;

/** Logins with an IAM token that RDS takes in a second (RDS User Guide, UsingWithRDS.IAMDBAuth). */
const IAM_LOGINS_PER_SECOND = 200;

/**
 * Mean share of a pool in use beyond which waits get too long: the offered load at which 1 % of acquisitions wait
 * for more than the target, divided by the pool (Erlang C, solved for the load). A pool inside its safe window
 * stays below it at 1.25 × its declared peak.
 */
function poolSaturated({ poolMax, capacity: { load } }: AlarmInput): Threshold {
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

/**
 * Requests in a pool's queue behind which another one waits longer than the target: each hold of a full pool ends one
 * in hold ÷ poolMax. A safe pool exceeds it in fewer than 1 % of samples, which is what the p99 leaves out. Where the
 * queue is bounded below that, half of the bound.
 */
function processSaturated({ poolMax, queueMax, capacity: { load } }: AlarmInput): Threshold {
  const holdMs = (load?.meanHoldSeconds ?? 0) * 1000;
  const behindTarget = holdMs > 0 ? (poolMax * waitTargetMs) / holdMs : Number.POSITIVE_INFINITY;
  const halfQueue = queueMax > 0 ? queueMax / 2 : Number.POSITIVE_INFINITY;
  const depth = Math.min(behindTarget, halfQueue);
  return {
    value: Number.isFinite(depth) ? Math.max(1, Math.round(depth)) : 1,
    unit: "requests in the queue of one pool (p99)",
    formula: "max(1, min(poolMax × target ÷ hold, ½ × queueMax))",
    inputs: { poolMax, targetMs: waitTargetMs, holdMs: Math.round(holdMs), queueMax },
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
 * A p99 wait that says "nearly as long as one can wait here": half the acquire timeout, since of 100 acquisitions
 * more than one is then about to give up. Where the queue bound refuses requests before any could wait so long, three
 * quarters of the wait in a full queue. Never below the target that a safe pool keeps.
 */
function poolWait(input: AlarmInput): Threshold {
  const { poolMax, queueMax, acquireTimeoutMs, capacity } = input;
  const holdMs = (capacity.load?.meanHoldSeconds ?? 0) * 1000;
  const halfTimeoutMs = acquireTimeoutMs > 0 ? acquireTimeoutMs / 2 : Number.POSITIVE_INFINITY;
  const fullQueueMs =
    poolMax > 0 && queueMax > 0 && holdMs > 0 ? (queueMax * holdMs) / poolMax : Number.POSITIVE_INFINITY;
  const longMs = Math.min(halfTimeoutMs, 0.75 * fullQueueMs);
  const value = Math.max(waitTargetMs, Number.isFinite(longMs) ? longMs : 10 * waitTargetMs);
  return {
    value: Math.round(value) / 1000,
    unit: "s (p99)",
    formula: "max(target, min(acquire timeout ÷ 2, ¾ × queueMax × hold ÷ poolMax))",
    inputs: { targetMs: waitTargetMs, acquireTimeoutMs, queueMax, holdMs: Math.round(holdMs), poolMax },
  };
}

/** Acquisitions a minute, over all tasks, that may give up: as many as the model expects at peak, which is none in a safe pool. */
function poolTimeouts(input: AlarmInput): Threshold {
  const { poolMax, acquireTimeoutMs } = input;
  return expectedPerMinute(input, {
    unit: "acquisitions timed out in a minute",
    formula: "P(wait > acquire timeout at peak) × acquisitions per minute, rounded",
    inputs: { poolMax, acquireTimeoutMs },
    share: (load) => waitExceedance({ ...queueAtPeak(input, load), waitSeconds: acquireTimeoutMs / 1000 }),
  });
}

/**
 * Requests a minute, over all tasks, that may be refused at the queue bound: as many as the model expects at peak,
 * which is none in a safe pool. That poolMax are busy and queueMax wait has the probability C · (a ÷ poolMax)^queueMax.
 */
function poolRefusals(input: AlarmInput): Threshold {
  const { poolMax, queueMax } = input;
  return expectedPerMinute(input, {
    unit: "requests refused in a minute",
    formula: "P(queueMax wait at peak) × acquisitions per minute, rounded",
    inputs: { poolMax, queueMax },
    share: (load) => {
      const offeredLoad = peakFactor * load.offeredLoad;
      return probabilityOfWaiting(poolMax, offeredLoad) * (offeredLoad / poolMax) ** Math.max(0, queueMax);
    },
  });
}

interface Expectation extends Pick<Threshold, "unit" | "formula" | "inputs"> {
  /** Share of acquisitions at peak that end so. */
  readonly share: (load: PoolLoad) => number;
}

function expectedPerMinute(input: AlarmInput, { share: shareOf, inputs, ...named }: Expectation): Threshold {
  const { load } = input.capacity;
  const share = load && computed(() => shareOf(load));
  const pools = input.tasksAtPeak * input.processesPerTask;
  const perMinute = 60 * pools * (load?.acquisitionsPerSecond ?? 0);
  // A pool that cannot carry its load would expect to fail all the time: that is no reason to be quiet about it.
  const expected = share === undefined || !(share <= exceedance) ? 0 : share * perMinute;
  return {
    value: Math.round(expected),
    ...named,
    inputs: { ...inputs, acquisitionsPerMinute: Math.round(perMinute) },
  };
}

function queueAtPeak({ poolMax }: AlarmInput, load: PoolLoad) {
  return {
    servers: poolMax,
    arrivalsPerSecond: peakFactor * load.acquisitionsPerSecond,
    meanHoldSeconds: load.meanHoldSeconds,
  };
}

/** Mean hold beyond which the pool's size no longer follows from what was declared. */
export function holdTime({ dbHoldMs }: AlarmInput): Threshold {
  return {
    value: dbHoldMs > 0 ? Math.round(HOLD_FACTOR * dbHoldMs * 10) / 10 : 1,
    unit: "ms (mean)",
    formula: "holdFactor × declared hold",
    inputs: { holdFactor: HOLD_FACTOR, dbHoldMs },
  };
}

/**
 * Connections opened in a minute beyond what any plan accounts for. All pools at once, as many as a deployment at
 * peak holds, may open each of their connections once, as after a restart; and since a connection lives for the idle
 * timeout at least, or for its lifetime where that is shorter, each may be opened anew once in that time. Never more than
 * IAM lets in: above it logins are refused.
 */
export function connectionRate({ capacity, idleTimeoutMs, maxLifetimeMs }: AlarmInput): Threshold {
  const poolConnections = capacity.poolConnectionsAtPeak ?? 0;
  const shortestLifeMs = Math.min(
    ...[idleTimeoutMs, maxLifetimeMs].map((ms) => (ms > 0 ? ms : Number.POSITIVE_INFINITY)),
  );
  const renewals = Math.min(60, 60_000 / shortestLifeMs);
  const iamPerMinute = 60 * IAM_LOGINS_PER_SECOND;
  return {
    value: Math.max(1, Math.min(iamPerMinute, Math.ceil(poolConnections * (1 + renewals)))),
    unit: "connections opened in a minute",
    formula: "min(60 × IAM logins per second, poolConnections × (1 + 60 s ÷ min(idle timeout, lifetime)))",
    inputs: { iamLoginsPerSecond: IAM_LOGINS_PER_SECOND, poolConnections, idleTimeoutMs, maxLifetimeMs },
  };
}
