import type { LoadResult } from "../load/generatorProcess";
import { acquisitionsOf, countOutcomes, hasFailed, type Outcome, type RequestRecord } from "../load/requests";
import type { PoolSeries, Span } from "./poolSeries";
import type { DatabaseSample } from "./sampler";
import {
  type Batch,
  batchMeans,
  cutIntoBatches,
  distributionOf,
  type Interval,
  meanOf,
  type Percentiles,
  shareOf,
  type Timed,
} from "./statistics";

/** What one load on one fleet with one pool size left behind, not yet judged. Its span is that of the measured segment. */
export interface PhaseRecord extends Span {
  readonly poolMax: number;
  readonly tasks: number;
  readonly load: LoadResult;
  readonly scheduled: number;
  readonly pools: readonly PoolSeries[];
  readonly database: readonly DatabaseSample[];
  /** Share of the machine's CPUs that was busy from first to last arrival. */
  readonly busyShare: number;
  readonly holds: SampledHolds;
}

/** What the holds of a phase were meant to be, and what the database drew. */
export interface SampledHolds {
  /** What an acquisition was taken to cost without its sleep, while it was measured. */
  readonly overheadMs: number;
  /** Mean sleep that the database drew meanwhile; NaN where it could not be asked. */
  readonly meanSleepMs: number;
}

/** Whether a moment lies in a span, its end excluded. */
export const isIn = ({ fromMs, toMs }: Span, atMs: number): boolean => fromMs <= atMs && atMs < toMs;

/** What was measured between the end of the warm-up and the end of the steady load. */
export interface Measured {
  readonly seconds: number;
  readonly attempted: number;
  readonly succeeded: number;
  readonly outcomes: { readonly [outcome in Outcome]?: number };
  /** Share of requests that failed, from 0 to 1. */
  readonly failedShare: Interval;
  readonly latencyMs: Percentiles;
  readonly latencyCurve: readonly { readonly percent: number; readonly ms: number }[];
  /** Waits for a connection. */
  readonly waitMs: Percentiles;
  readonly meanWaitMs: Interval;
  /** Share of waits beyond the target. */
  readonly waitBeyondTarget: Interval;
  readonly acquisitions: number;
  /** Mean time from acquire to release, in ms. */
  readonly holdMs: number;
  /** What the requests that were sent would take, one after another: as declared, but for chance. */
  readonly acquisitionsPerRequest: number;
}

/**
 * @param waitTargetMs - A wait up to this long is good enough.
 * @param memoryMs - How long the queue remembers; undefined where it has no steady state.
 */
export function measured(record: PhaseRecord, waitTargetMs: number, memoryMs?: number): Measured {
  const { fromMs, toMs, pools, tasks } = record;
  const requests = record.load.records.filter(({ intendedMs }) => isIn(record, intendedMs));
  const waits = pools.map(({ waitMs }) => waitMs.filter(({ atMs }) => isIn(record, atMs)));
  const allWaits = waits.flat().map(({ value }) => value);
  const uses = pools.flatMap(({ useMs }) => useMs.filter(({ atMs }) => isIn(record, atMs)));
  const stretches = stretchesOf(tasks, toMs - fromMs, memoryMs);
  const cut = (series: readonly (readonly Timed[])[]): Batch[] =>
    cutIntoBatches(series, fromMs, toMs, stretches);
  const ofTask = (task: number): RequestRecord[] => requests.filter(({ target }) => target === task);
  const failures = pools.map((_pool, task) =>
    ofTask(task).map((each) => ({ atMs: each.intendedMs, value: hasFailed(each) ? 1 : 0 })),
  );
  const beyond = waits.map((series) =>
    series.map(({ atMs, value }) => ({ atMs, value: value > waitTargetMs ? 1 : 0 })),
  );
  const latencies = distributionOf(requests.map(({ latencyMs }) => latencyMs));
  return {
    seconds: (toMs - fromMs) / 1000,
    attempted: requests.length,
    succeeded: requests.filter((request) => !hasFailed(request)).length,
    outcomes: countOutcomes(requests),
    failedShare: shareOf(cut(failures)),
    latencyMs: latencies.percentiles,
    latencyCurve: latencies.curve,
    waitMs: distributionOf(allWaits).percentiles,
    meanWaitMs: batchMeans(cut(waits)),
    waitBeyondTarget: shareOf(cut(beyond)),
    acquisitions: allWaits.length,
    holdMs: meanOf(uses.map(({ value }) => value)),
    acquisitionsPerRequest: meanOf(requests.map(acquisitionsOf)),
  };
}

const MIN_BATCHES = 6;
const ENOUGH_BATCHES = 20;
/** A batch that is as many times longer than the queue's memory hardly depends on the one before. */
const MEMORIES_A_BATCH = 3;

/**
 * Batches of one task: as many as make twenty in all, but none shorter than three of the queue's memories, unless there
 * would be too few to tell their spread.
 */
export function stretchesOf(tasks: number, lengthMs: number, memoryMs: number | undefined): number {
  const independent =
    memoryMs === undefined ? ENOUGH_BATCHES : Math.floor(lengthMs / (MEMORIES_A_BATCH * memoryMs));
  const least = Math.ceil(MIN_BATCHES / tasks);
  return Math.max(least, Math.min(independent, Math.ceil(ENOUGH_BATCHES / tasks)));
}

/** One second of a run, for the pictures. Gauges are over all tasks; null where nothing was sampled. */
export interface Second {
  readonly second: number;
  readonly arrived: number;
  readonly failed: number;
  readonly poolUsed: number | null;
  readonly poolPending: number | null;
  readonly databaseConnections: number | null;
  readonly databaseActive: number | null;
  readonly databaseCpus: number | null;
}

/** A run second by second, from its first arrival to its last. */
export function timeline({ load, pools, database }: PhaseRecord): readonly Second[] {
  const { startedAtMs, records } = load;
  const secondOf = (atMs: number): number => Math.floor((atMs - startedAtMs) / 1000);
  /** The sum of each second that has any. */
  const summed = (values: readonly Timed[]): Map<number, number> => {
    const sums = new Map<number, number>();
    for (const { atMs, value } of values) sums.set(secondOf(atMs), (sums.get(secondOf(atMs)) ?? 0) + value);
    return sums;
  };
  const arrived = summed(records.map(({ intendedMs: atMs }) => ({ atMs, value: 1 })));
  const failed = summed(records.filter(hasFailed).map(({ intendedMs: atMs }) => ({ atMs, value: 1 })));
  const used = summed(pools.flatMap((pool) => pool.used));
  const pending = summed(pools.flatMap((pool) => pool.pending));
  const samples = new Map(database.map((sample) => [secondOf(sample.atMs), sample]));
  const lastMs = records.reduce((last, { intendedMs }) => Math.max(last, intendedMs), startedAtMs);
  return Array.from({ length: Math.ceil((lastMs - startedAtMs) / 1000) }, (_, second) => {
    const sample = samples.get(second);
    return {
      second,
      arrived: arrived.get(second) ?? 0,
      failed: failed.get(second) ?? 0,
      poolUsed: used.get(second) ?? null,
      poolPending: pending.get(second) ?? null,
      databaseConnections: sample?.connections ?? null,
      databaseActive: sample?.active ?? null,
      databaseCpus: sample?.cpus ?? null,
    };
  });
}
