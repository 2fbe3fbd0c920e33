import { isRecord } from "../../../policies/kit/errors";
import { POOL_METRICS, SERVICE_METRICS, STATE_DIMENSION } from "../../../service/metrics/names";
import type { Timed } from "./statistics";

/** One document of CloudWatch's embedded metric format, as a task's log carries it. */
export interface MetricDocument {
  readonly namespace: string;
  readonly dimensions: { readonly [name: string]: string };
  /** When it was flushed, in ms of Unix time. */
  readonly atMs: number;
  readonly metrics: { readonly [name: string]: readonly number[] };
}

/** Reads a log line: undefined when it is no metric document, or not one that CloudWatch would take. */
export function metricDocument(line: unknown): MetricDocument | undefined {
  if (!isRecord(line) || !isRecord(line._aws)) return undefined;
  const { Timestamp: atMs, CloudWatchMetrics: directives } = line._aws;
  const directive: unknown = Array.isArray(directives) ? directives[0] : undefined;
  if (typeof atMs !== "number" || !isRecord(directive) || typeof directive.Namespace !== "string")
    return undefined;
  const names = listOf(directive.Metrics).flatMap((each) =>
    isRecord(each) && typeof each.Name === "string" ? [each.Name] : [],
  );
  const dimensions = listOf(listOf(directive.Dimensions)[0]).filter((name) => typeof name === "string");
  return {
    namespace: directive.Namespace,
    atMs,
    dimensions: Object.fromEntries(dimensions.map((name) => [name, String(line[name])])),
    metrics: Object.fromEntries(names.map((name) => [name, numbersIn(line[name])])),
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const numbersIn = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "number");

/** A stretch of time, in ms of Unix time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was counted over a stretch of time. */
export interface Counted extends Span {
  readonly value: number;
}

/** What one task reported, with a time for each value. */
export interface PoolSeries {
  /** Waits for a connection in ms, those that gave up included. */
  readonly waitMs: readonly Timed[];
  /** Times from acquire to release in ms. */
  readonly useMs: readonly Timed[];
  readonly createMs: readonly Timed[];
  /** Sampled each second. */
  readonly used: readonly Timed[];
  readonly idle: readonly Timed[];
  readonly pending: readonly Timed[];
  readonly timeouts: readonly Counted[];
  readonly refusals: readonly Counted[];
  readonly loginAttempts: readonly Counted[];
  readonly loginFailures: readonly Counted[];
  readonly loginMs: readonly Timed[];
}

/**
 * Reads a task's metrics. A flush carries the values of ten seconds in the order in which they came, without their times:
 * those of an event are spread evenly over the part of the ten seconds in which the task had work, which is right to a
 * few tenths of a second; those sampled each second are counted back from the flush.
 * @param span - While the task works.
 */
export function poolSeries(documents: readonly MetricDocument[], span: Span): PoolSeries {
  const flushes = [...new Set(documents.map(({ atMs }) => atMs))].sort((a, b) => a - b);
  const read = (metric: string, state?: string): { atMs: number; values: number[] }[] =>
    flushes.map((atMs) => ({
      atMs,
      values: documents
        .filter((each) => each.atMs === atMs && each.dimensions[STATE_DIMENSION] === state)
        .flatMap(({ metrics }) => metrics[metric] ?? []),
    }));
  /** The part of the time before a flush in which the task had work. */
  const workBefore = (index: number): Span => {
    const fromMs = Math.max(span.fromMs, flushes[index - 1] ?? span.fromMs);
    return { fromMs, toMs: Math.max(fromMs, Math.min(span.toMs, flushes[index] ?? span.toMs)) };
  };
  const events = (metric: string, factor = 1): Timed[] =>
    read(metric).flatMap(({ values }, index) => {
      const { fromMs, toMs } = workBefore(index);
      return values.map((value, at) => ({
        atMs: fromMs + ((at + 0.5) / values.length) * (toMs - fromMs),
        value: value * factor,
      }));
    });
  const samples = (metric: string, state?: string): Timed[] =>
    read(metric, state).flatMap(({ atMs, values }) =>
      values.map((value, at) => ({ atMs: atMs - (values.length - 1 - at) * 1000, value })),
    );
  const counts = (metric: string): Counted[] =>
    read(metric).flatMap(({ values }, index) => values.map((value) => ({ ...workBefore(index), value })));
  return {
    waitMs: events(POOL_METRICS.waitTime.name, 1000),
    useMs: events(POOL_METRICS.useTime.name, 1000),
    createMs: events(POOL_METRICS.createTime.name, 1000),
    used: samples(POOL_METRICS.count.name, "used"),
    idle: samples(POOL_METRICS.count.name, "idle"),
    pending: samples(POOL_METRICS.pending.name),
    timeouts: counts(POOL_METRICS.timeouts.name),
    refusals: counts(POOL_METRICS.refusals.name),
    loginAttempts: counts(SERVICE_METRICS.attempts.name),
    loginFailures: counts(SERVICE_METRICS.failures.name),
    loginMs: events(SERVICE_METRICS.duration.name),
  };
}
