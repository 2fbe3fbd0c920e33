import { OUTCOMES, type Outcome } from "../load/outcomes";
import type { RequestRecord } from "../load/plan";
import { ACQUISITIONS, REQUEST_KINDS } from "../load/requestMix";
import type { PhaseRecord } from "../phase";
import { type Batch, batchMeans, cutIntoBatches, type Interval, shareOf, type Timed } from "./batchMeans";
import { Latencies, type Percentiles } from "./latencies";

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
  const { fromMs, toMs } = record;
  const requests = record.load.records.filter(({ intendedMs }) => fromMs <= intendedMs && intendedMs < toMs);
  const within = (series: readonly Timed[]): Timed[] =>
    series.filter(({ atMs }) => fromMs <= atMs && atMs < toMs);
  const waits = record.pools.map(({ waitMs }) => within(waitMs));
  const uses = record.pools.flatMap(({ useMs }) => within(useMs));
  const stretches = stretchesOf(record.tasks, toMs - fromMs, memoryMs);
  const cut = (series: readonly (readonly Timed[])[]): Batch[] =>
    cutIntoBatches(series, fromMs, toMs, stretches);
  const isFailed = (request: RequestRecord): number => (outcomeOf(request) === "ok" ? 0 : 1);
  const byTask = record.pools.map((_pool, task) =>
    requests
      .filter(({ target }) => target === task)
      .map((each) => ({ atMs: each.intendedMs, value: isFailed(each) })),
  );
  const latencies = new Latencies(requests.map(({ latencyMs }) => latencyMs));
  return {
    seconds: (toMs - fromMs) / 1000,
    attempted: requests.length,
    succeeded: requests.filter((request) => isFailed(request) === 0).length,
    outcomes: counted(requests),
    failedShare: shareOf(cut(byTask)),
    latencyMs: latencies.percentiles,
    latencyCurve: latencies.curve(),
    waitMs: new Latencies(waits.flatMap((series) => series.map(({ value }) => value))).percentiles,
    meanWaitMs: batchMeans(cut(waits)),
    waitBeyondTarget: shareOf(
      cut(
        waits.map((series) =>
          series.map(({ atMs, value }) => ({ atMs, value: value > waitTargetMs ? 1 : 0 })),
        ),
      ),
    ),
    acquisitions: waits.reduce((sum, series) => sum + series.length, 0),
    holdMs: meanOf(uses.map(({ value }) => value)),
    acquisitionsPerRequest: meanOf(
      requests.map(({ kind }) => ACQUISITIONS[REQUEST_KINDS[kind] ?? "session"]),
    ),
  };
}

const LEAST_BATCHES = 6;
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
  const least = Math.ceil(LEAST_BATCHES / tasks);
  return Math.max(least, Math.min(independent, Math.ceil(ENOUGH_BATCHES / tasks)));
}

export const outcomeOf = ({ outcome }: RequestRecord): Outcome => OUTCOMES[outcome] ?? "5xx";

export function counted(requests: readonly RequestRecord[]): { [outcome in Outcome]?: number } {
  const counts: { [outcome in Outcome]?: number } = {};
  for (const request of requests) counts[outcomeOf(request)] = (counts[outcomeOf(request)] ?? 0) + 1;
  return Object.fromEntries(
    OUTCOMES.flatMap((name) => (counts[name] === undefined ? [] : [[name, counts[name]]])),
  );
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
