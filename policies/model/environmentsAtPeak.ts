import { positive } from "./check";
import { type CapacitySettings, DEFAULT_CAPACITY_SETTINGS } from "./defaults";
import { lossProbability, serversForLoss } from "./erlangB";
import { type PoolAtPeak, type PoolDemand, poolLoad } from "./poolFloor";

/** The demand of a function as a whole: each of its environments serves one request at a time. */
export type FunctionDemand = Omit<PoolDemand, "tasksServingPeak" | "processesPerTask">;

/**
 * What a function's environments do at the declared peak. A request is busy for as long as its acquisitions hold their
 * connections, and for longer with all else it does, so the loss is a lower bound. Nobody waits: what finds no
 * environment is throttled.
 * @throws RangeError as `poolLoad`, and for a concurrency that is not a whole number of 0 or more.
 */
export function functionAtPeak(concurrency: number, demand: FunctionDemand): PoolAtPeak {
  const load = wholeLoad(demand);
  return {
    offeredLoad: load / Math.max(1, concurrency),
    overloaded: load >= concurrency,
    waitBeyondTarget: 0,
    waitBeyondAcquireTimeout: undefined,
    meanWaitMs: 0,
    failingShare: lossProbability(concurrency, load),
  };
}

/**
 * The least concurrency that throttles no more than `exceedance` of the requests at `peakFactor` times the peak.
 * @throws RangeError as `functionAtPeak`.
 */
export function concurrencyFloor(
  demand: FunctionDemand,
  settings: Pick<CapacitySettings, "peakFactor" | "exceedance"> = DEFAULT_CAPACITY_SETTINGS,
): number {
  return serversForLoss(positive("peakFactor", settings.peakFactor) * wholeLoad(demand), settings.exceedance);
}

/** Environments busy on average, in erlangs. */
const wholeLoad = (demand: FunctionDemand): number =>
  poolLoad({ ...demand, tasksServingPeak: 1, processesPerTask: 1 }).offeredLoad;
