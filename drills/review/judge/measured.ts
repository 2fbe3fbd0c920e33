import { type LiveState, type Point, type Series, seenValue } from "../live/liveState";

/** A number that was seen, and the start of the period it was seen in. */
interface Peak {
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the last days say of the demand and of the pools. Undefined where nothing was reported or reading is not allowed. */
export interface Measured {
  /** Of the busiest minute. */
  readonly requestsPerSecond: Peak | undefined;
  /** Tasks that ran in that minute; undefined where their number was not reported. */
  readonly tasksAtPeak: number | undefined;
  /** Mean time one acquisition held its connection, in the busy minutes. */
  readonly holdMs: number | undefined;
  /** In the same minutes; of both together, so without requests there is none. */
  readonly acquisitionsPerRequest: number | undefined;
  /** The most that the database counted at once. */
  readonly connections: Peak | undefined;
  /** Share of a process's pool in use over the busiest five minutes, from 0 to 1. */
  readonly poolUse: Peak | undefined;
  /** Slowest five minutes: what 99 of 100 acquisitions waited at most; and how many spans were slower than the target. */
  readonly waitMs: (Peak & { readonly beyondTarget: number; readonly spans: number }) | undefined;
  /** Acquisitions that gave up; `value` is of the worst five minutes. */
  readonly timeouts: (Peak & { readonly total: number }) | undefined;
}

/**
 * A minute is busy when it has at least half as many acquisitions as the busiest. The mean hold time of the night says
 * nothing about the peak, and that of one minute is chance.
 */
const BUSY_SHARE = 0.5;

export function measure({ metrics }: Pick<LiveState, "metrics">, waitTargetMs: number): Measured {
  const requests = seenValue(metrics.requests);
  const holds = seenValue(metrics.holds);
  const holdSeconds = seenValue(metrics.holdSeconds);
  const busy = busyMinutes(holds);
  const acquisitions = sumOver(holds, busy);
  const requested = sumOver(requests, busy);
  const held = sumOver(holdSeconds, busy);
  const busiest = peakOf(requests);
  return {
    requestsPerSecond: scaled(busiest, requests && 1 / requests.periodSeconds),
    tasksAtPeak: tasksAt(seenValue(metrics.tasks), busiest?.at),
    holdMs: acquisitions > 0 && held > 0 ? (1000 * held) / acquisitions : undefined,
    acquisitionsPerRequest: acquisitions > 0 && requested > 0 ? acquisitions / requested : undefined,
    connections: peakOf(seenValue(metrics.connections)),
    poolUse: peakOf(shareOf(seenValue(metrics.used), seenValue(metrics.limit))),
    waitMs: waits(seenValue(metrics.waitP99), waitTargetMs),
    timeouts: timeouts(seenValue(metrics.timeouts)),
  };
}

/** The first of the highest points. */
function peakOf(series: Series | undefined): Peak | undefined {
  let peak: Point | undefined;
  for (const point of series?.points ?? []) {
    if (peak === undefined || point.value > peak.value) peak = point;
  }
  return peak && { value: peak.value, at: peak.time };
}

/** Whole tasks: one that started within the minute has not served all of it. */
function tasksAt(tasks: Series | undefined, time: number | undefined): number | undefined {
  const found = tasks?.points.find((point) => point.time === time)?.value;
  return found === undefined ? undefined : Math.floor(found);
}

function scaled(peak: Peak | undefined, factor: number | undefined): Peak | undefined {
  return peak && factor !== undefined ? { ...peak, value: peak.value * factor } : undefined;
}

function busyMinutes(holds: Series | undefined): ReadonlySet<number> {
  const most = peakOf(holds)?.value ?? 0;
  const busy = (holds?.points ?? []).filter(({ value }) => value > 0 && value >= BUSY_SHARE * most);
  return new Set(busy.map(({ time }) => time));
}

function sumOver(series: Series | undefined, times: ReadonlySet<number>): number {
  return (series?.points ?? []).reduce((sum, { time, value }) => sum + (times.has(time) ? value : 0), 0);
}

/** Point by point; a limit that was not reported with a use leaves it out. */
function shareOf(used: Series | undefined, limit: Series | undefined): Series | undefined {
  if (used === undefined || limit === undefined) return undefined;
  const limits = new Map(limit.points.map(({ time, value }) => [time, value]));
  const points = used.points.flatMap(({ time, value }): Point[] => {
    const most = limits.get(time) ?? 0;
    return most > 0 ? [{ time, value: value / most }] : [];
  });
  return { periodSeconds: used.periodSeconds, points };
}

function waits(series: Series | undefined, targetMs: number): Measured["waitMs"] {
  const peak = scaled(peakOf(series), 1000);
  if (series === undefined || peak === undefined) return undefined;
  const beyondTarget = series.points.filter(({ value }) => 1000 * value > targetMs).length;
  return { ...peak, beyondTarget, spans: series.points.length };
}

function timeouts(series: Series | undefined): Measured["timeouts"] {
  const peak = peakOf(series);
  if (series === undefined || peak === undefined) return undefined;
  return { ...peak, total: series.points.reduce((sum, { value }) => sum + value, 0) };
}
