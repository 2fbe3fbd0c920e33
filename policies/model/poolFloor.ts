import { nonNegative, positive, wholeNumber } from "./check";
import { type BudgetSettings, type PoolHolder, poolCeiling } from "./connectionBudget";
import {
  type CapacitySettings,
  DEFAULT_ACQUISITIONS_PER_REQUEST,
  DEFAULT_CAPACITY_SETTINGS,
  DEFAULT_PROCESSES_PER_TASK,
} from "./defaults";
import { failingShare, MAX_OFFERED_LOAD, meanWaitSeconds, minimumPoolSize, waitExceedance } from "./erlang";

/** The demand declared for one client, and over how much of it is shared. */
export interface PoolDemand {
  /** All requests that need the database, over all tasks. */
  readonly peakRequestsPerSecond: number;
  /** Mean time one acquisition keeps its connection. */
  readonly holdMs: number;
  /** @default 1 */
  readonly acquisitionsPerRequest?: number | undefined;
  /** From `tasksServingPeak`; at least 1. */
  readonly tasksServingPeak: number;
  /** Each process has a pool of its own. @default 1 */
  readonly processesPerTask?: number | undefined;
  /** From `busiestShare`: what the busiest task gets, in times of the even share. @default 1 */
  readonly busiestShare?: number | undefined;
  /** Connections of the pool that one request holds at the same time. @default 1 */
  readonly heldAtOnce?: number | undefined;
  /** The most requests that one process serves at once; `undefined` where nothing bounds them. */
  readonly requestsInFlight?: number | undefined;
  /** Busiest second ÷ busiest minute, at least 1: the declared peak is a minute's mean. @default 1 */
  readonly peakBurst?: number | undefined;
  /** Squared coefficient of variation of hold times; below 1 counts as 1. @default 1, exponential */
  readonly holdScv?: number | undefined;
}

/** What one process's pool gets of the declared peak, without any factor on top. */
export interface PoolLoad {
  readonly requestsPerSecond: number;
  readonly acquisitionsPerSecond: number;
  readonly meanHoldSeconds: number;
  readonly acquisitionsPerRequest: number;
  /** Connections kept busy on average, in erlangs. */
  readonly offeredLoad: number;
}

/** @throws RangeError for negative, NaN or infinite input, and for less than one task or process. */
export function poolLoad(demand: PoolDemand): PoolLoad {
  const acquisitionsPerRequest = nonNegative(
    "acquisitionsPerRequest",
    demand.acquisitionsPerRequest ?? DEFAULT_ACQUISITIONS_PER_REQUEST,
  );
  const pools =
    wholeNumber("tasksServingPeak", demand.tasksServingPeak, 1) *
    wholeNumber("processesPerTask", demand.processesPerTask ?? DEFAULT_PROCESSES_PER_TASK, 1);
  const share = positive("busiestShare", demand.busiestShare ?? 1);
  const requestsPerSecond =
    (nonNegative("peakRequestsPerSecond", demand.peakRequestsPerSecond) * share) / pools;
  const meanHoldSeconds = nonNegative("holdMs", demand.holdMs) / 1000;
  const acquisitionsPerSecond = requestsPerSecond * acquisitionsPerRequest;
  const offeredLoad = nonNegative("the offered load", acquisitionsPerSecond * meanHoldSeconds);
  return { requestsPerSecond, acquisitionsPerSecond, meanHoldSeconds, acquisitionsPerRequest, offeredLoad };
}

/** What the floor carries, in times of the declared peak: `peakFactor` for what declarations miss, on top of the burst. */
export function sizedFor(
  { peakBurst }: Pick<PoolDemand, "peakBurst">,
  { peakFactor }: Pick<FloorSettings, "peakFactor">,
): number {
  return positive("peakFactor", peakFactor) * Math.max(1, positive("peakBurst", peakBurst ?? 1));
}

type FloorSettings = Pick<CapacitySettings, "peakFactor" | "waitTargetMs" | "exceedance">;

/**
 * The smallest `pool.max` that carries `peakFactor` × the declared peak and keeps the wait target: the floor. A burst of a
 * second is sized for as if it lasted, which is on the safe side: the queue has no time to reach its steady state.
 * @throws RangeError as `poolLoad`, and for a load beyond `MAX_OFFERED_LOAD`.
 */
export function poolFloor(demand: PoolDemand, settings: FloorSettings = DEFAULT_CAPACITY_SETTINGS): number {
  const load = poolLoad(demand);
  const carries = minimumPoolSize({
    arrivalsPerSecond: sizedFor(demand, settings) * load.acquisitionsPerSecond,
    meanHoldSeconds: load.meanHoldSeconds,
    holdScv: demand.holdScv,
    waitTargetSeconds: nonNegative("waitTargetMs", settings.waitTargetMs) / 1000,
    exceedance: settings.exceedance,
  });
  return Math.max(carries, deadlockFreeSize(demand, settings));
}

/** How rarely more requests than a pool is sized for may be at work at once, where nothing bounds them. */
export const DEADLOCK_EXCEEDANCE = 1e-9;

/**
 * The smallest pool on which requests that hold several of its connections at once do not wait for one another: with T
 * requests that hold m each, `T·(m − 1) + 1` (HikariCP wiki, "About Pool Sizing"), as then at least one has all of its
 * own. 1 where a request holds one at a time.
 *
 * Where nothing bounds T, no size excludes the deadlock, in which every request waits for its acquire timeout: measured
 * on node-postgres and PostgreSQL 17 at 100 requests/s of 50 ms each, 98 % fail with 9 connections, 90 % with 18, none
 * with 30. T is then what more than `DEADLOCK_EXCEEDANCE` of all moments stay within, at work being Poisson with the
 * offered load as its mean when nobody waits (M/G/∞: L. Kleinrock, Queueing Systems I, 1975).
 * @throws RangeError as `poolLoad`.
 */
export function deadlockFreeSize(
  demand: PoolDemand,
  { peakFactor }: Pick<FloorSettings, "peakFactor"> = DEFAULT_CAPACITY_SETTINGS,
): number {
  const held = wholeNumber("heldAtOnce", demand.heldAtOnce ?? 1, 1);
  if (held === 1) return 1;
  const bound = demand.requestsInFlight;
  const atOnce =
    bound === undefined
      ? poissonBound(sizedFor(demand, { peakFactor }) * poolLoad(demand).offeredLoad)
      : wholeNumber("requestsInFlight", bound, 1);
  return sizeWithoutDeadlock(held, atOnce);
}

/** The same for a number of requests in flight that is certain. */
export const sizeWithoutDeadlock = (held: number, requestsInFlight: number): number =>
  Math.max(held, requestsInFlight * (held - 1) + 1);

/** The least number that a Poisson count of this mean exceeds with `DEADLOCK_EXCEEDANCE` at most. */
function poissonBound(mean: number): number {
  if (mean > MAX_OFFERED_LOAD)
    throw new RangeError(`an offered load of ${mean} erlangs is beyond what is modelled`);
  // Chernoff: P(N ≥ n) ≤ exp(n − mean − n·ln(n ÷ mean)) for n above the mean, an upper bound of the tail.
  const tail = (n: number): number => (mean === 0 ? 0 : Math.exp(n - mean - n * Math.log(n / mean)));
  let most = Math.max(1, Math.ceil(mean));
  while (tail(most + 1) > DEADLOCK_EXCEEDANCE) most++;
  return most;
}

/**
 * How many times the declared peak a pool carries for seconds: c / a. At that load every connection is busy all the time,
 * and the queue that builds up in the meantime has to drain before the acquire timeout. `undefined` without load.
 * @throws RangeError as `poolLoad`.
 */
export function reserveOf(poolMax: number, demand: PoolDemand): number | undefined {
  const { offeredLoad } = poolLoad(demand);
  return offeredLoad === 0 ? undefined : wholeNumber("poolMax", poolMax) / offeredLoad;
}

/** What a pool of a given size does at the declared peak, for messages. */
export interface PoolAtPeak {
  readonly offeredLoad: number;
  /** Whether the load has no steady state: a ≥ c. */
  readonly overloaded: boolean;
  /** Share of acquisitions that wait longer than the target; 1 when overloaded. */
  readonly waitBeyondTarget: number;
  /** Share that wait longer than the acquire timeout; `undefined` when there is none. */
  readonly waitBeyondAcquireTimeout: number | undefined;
  /** `undefined` when overloaded: the wait grows for as long as the peak lasts. */
  readonly meanWaitMs: number | undefined;
  /** Lower bound of the share of requests that fail; 0 unless overloaded. */
  readonly failingShare: number;
}

/**
 * @param acquireTimeoutMs how long an acquisition may wait; `undefined` when it has no limit or is not known.
 * @throws RangeError as `poolLoad`, and for a `poolMax` that is not a whole number of 0 or more.
 */
export function poolAtPeak(
  poolMax: number,
  demand: PoolDemand,
  waitTargetMs: number = DEFAULT_CAPACITY_SETTINGS.waitTargetMs,
  acquireTimeoutMs?: number,
): PoolAtPeak {
  const load = poolLoad(demand);
  const queue = {
    servers: wholeNumber("poolMax", poolMax),
    arrivalsPerSecond: load.acquisitionsPerSecond,
    meanHoldSeconds: load.meanHoldSeconds,
    holdScv: demand.holdScv,
  };
  const beyond = (waitMs: number) => waitExceedance({ ...queue, waitSeconds: waitMs / 1000 });
  const meanWait = meanWaitSeconds(queue);
  return {
    offeredLoad: load.offeredLoad,
    overloaded: load.offeredLoad >= poolMax,
    waitBeyondTarget: beyond(waitTargetMs),
    waitBeyondAcquireTimeout: acquireTimeoutMs === undefined ? undefined : beyond(acquireTimeoutMs),
    meanWaitMs: meanWait === undefined ? undefined : meanWait * 1000,
    failingShare: failingShare({ servers: poolMax, ...load }),
  };
}

/** One client of one database: what its window depends on. */
interface WindowInput {
  readonly demand: PoolDemand;
  /** From `usableConnections`. */
  readonly usable: number;
  /** From `tasksHoldingPools`. */
  readonly tasksHoldingPools: number;
  /** What the database's other clients may open at peak. @default 0 */
  readonly otherDemand?: number | undefined;
}

/** The values of `pool.max` that are neither too low for the demand nor too high for the database. */
export interface SafeWindow {
  readonly floor: number;
  readonly ceiling: number;
  /** No value is safe: floor > ceiling. `windowLevers` says what would open it. */
  readonly empty: boolean;
}

/** @throws RangeError as `poolFloor` and `poolCeiling`. */
export function safeWindow(
  input: WindowInput,
  settings: FloorSettings & BudgetSettings = DEFAULT_CAPACITY_SETTINGS,
): SafeWindow {
  const floor = poolFloor(input.demand, settings);
  const client: Omit<PoolHolder, "poolMax"> = {
    tasksHoldingPools: input.tasksHoldingPools,
    processesPerTask: input.demand.processesPerTask,
  };
  const ceiling = poolCeiling({ usable: input.usable, client, otherDemand: input.otherDemand }, settings);
  return { floor, ceiling, empty: floor > ceiling };
}

/** The heaviest load whose churn is computed state by state, in erlangs. */
const MAX_CHURN_LOAD = 40;

/**
 * New connections a second of one pool that keeps no more than `keptIdle` connections open without work, as Go's
 * `database/sql` does (2 unless `SetMaxIdleConns` says otherwise): one is opened where none is idle, and one that comes
 * back to enough idle ones is closed. States are busy and idle connections of a Poisson load; nobody opens one where all
 * `poolMax` are busy, as the next that comes back is handed on. Of a load far above `keptIdle` the share is
 * 1 ÷ (`keptIdle` + 1), which it approaches from below: so a heavier load than is computed has at least the share of that one.
 * @throws RangeError for input that is negative, NaN or not a whole number of connections.
 */
export function churnPerSecond(of: {
  readonly acquisitionsPerSecond: number;
  readonly meanHoldSeconds: number;
  readonly keptIdle: number;
  /** Undefined where nothing bounds it. */
  readonly poolMax?: number | undefined;
}): number {
  const rate = nonNegative("acquisitionsPerSecond", of.acquisitionsPerSecond);
  const offered = rate * nonNegative("meanHoldSeconds", of.meanHoldSeconds);
  const kept = wholeNumber("keptIdle", of.keptIdle);
  const limit = wholeNumber("poolMax", of.poolMax ?? Number.MAX_SAFE_INTEGER);
  if (offered === 0 || kept >= limit) return 0;
  if (kept === 0) return rate;
  if (offered > MAX_CHURN_LOAD && offered >= limit) return 0;
  const load = Math.min(offered, MAX_CHURN_LOAD);
  const most = offered > MAX_CHURN_LOAD ? Number.MAX_SAFE_INTEGER : limit;
  const spread = Math.ceil(5 * Math.sqrt(load)) + 5;
  const highest = Math.min(most, Math.ceil(load) + spread);
  // More idle ones than the load varies by are hardly ever all taken: what is opened then is next to nothing.
  if (kept > spread) return 0;
  const width = kept + 1;
  const all = load + highest;
  // Share of the time with n busy and i idle, found by following the flow for ten mean holds.
  let [share, next] = [new Float64Array((highest + 1) * width), new Float64Array((highest + 1) * width)];
  share[Math.min(highest, Math.round(load)) * width] = 1;
  for (let step = 0; step < 10 * all; step++) {
    next.fill(0);
    for (let n = 0; n <= highest; n++) {
      for (let i = 0; i <= kept; i++) {
        const at = n * width + i;
        const here = (share[at] ?? 0) / all;
        if (here < 1e-15) continue;
        const taken = n < highest ? (n + 1) * width + Math.max(0, i - 1) : at;
        next[taken] = (next[taken] ?? 0) + here * load;
        next[at] = (next[at] ?? 0) + here * (highest - n);
        const back = (n - 1) * width + Math.min(kept, i + 1);
        if (n > 0) next[back] = (next[back] ?? 0) + here * n;
      }
    }
    [share, next] = [next, share];
  }
  let opening = 0;
  for (let n = 0; n < highest; n++) opening += share[n * width] ?? 0;
  return rate * opening;
}
