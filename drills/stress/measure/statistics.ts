import { build } from "hdr-histogram-js";

/** NaN of nothing. */
export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;

/** A measured mean with the interval that holds the true one in 95 of 100 runs. */
export interface Interval {
  readonly mean: number;
  /** Undefined where there are too few batches to tell. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly batches: number;
}

/** What one batch adds up to. */
export interface Batch {
  readonly sum: number;
  readonly count: number;
}

/** Fewer batches say nothing of their own spread. */
const MIN_BATCHES = 5;

/**
 * Mean and 95 % interval by batch means: neighbouring waits in a queue depend on each other, so their plain variance
 * promises too much; batches that are long against the queue's memory are nearly independent. Batches differ in size, so
 * the mean is a ratio and its variance that of the residuals.
 *
 * Source: A. Law, Simulation Modeling and Analysis (5th ed., 2015), section 9.5.3; W. Cochran, Sampling Techniques
 * (3rd ed., 1977), section 2.11, for the ratio.
 */
export function batchMeans(batches: readonly Batch[]): Interval {
  const used = batches.filter(({ count }) => count > 0);
  const total = totalOf(used);
  const mean = total.count === 0 ? Number.NaN : total.sum / total.count;
  const m = used.length;
  if (m < MIN_BATCHES) return { mean, low: undefined, high: undefined, batches: m };
  const meanCount = total.count / m;
  const residuals = used.reduce((sum, batch) => sum + (batch.sum - mean * batch.count) ** 2, 0);
  const half = (studentT975(m - 1) * Math.sqrt(residuals / (m * (m - 1)))) / meanCount;
  return { mean, low: mean - half, high: mean + half, batches: m };
}

/**
 * As `batchMeans`, for a share of events. None among n says that at most 3.7 in n are to be expected (−ln 0.025, since it is
 * one end of a 95 % interval): batches without any event would claim to know that there are none.
 *
 * Source: Hanley and Lippman-Hand, If nothing goes wrong, is everything all right?, JAMA 249 (1983).
 */
export function shareOf(batches: readonly Batch[]): Interval {
  const interval = batchMeans(batches);
  if (interval.low === undefined || batches.some(({ sum }) => sum > 0)) return interval;
  return { ...interval, low: 0, high: Math.min(1, -Math.log(0.025) / totalOf(batches).count) };
}

const totalOf = (batches: readonly Batch[]): Batch =>
  batches.reduce((all, { sum, count }) => ({ sum: all.sum + sum, count: all.count + count }), {
    sum: 0,
    count: 0,
  });

/** Whether an interval says that a value may be the true one; undefined without bounds. */
export const isWithin = ({ low, high }: Interval, value: number): boolean | undefined =>
  low === undefined || high === undefined ? undefined : low <= value && value <= high;

/** 97.5 % quantile of Student's t, by the expansion of Cornish and Fisher: within 0.005 from 4 degrees of freedom on. */
export function studentT975(degrees: number): number {
  const z = 1.959963984540054;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  const fourth = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3 + fourth / degrees ** 4;
}

/** One observation of one series (a task), with its time. */
export interface Timed {
  readonly atMs: number;
  readonly value: number;
}

/**
 * Cuts each series into equal stretches of time. Tasks have queues of their own, so their batches are independent of each
 * other from the start.
 */
export function cutIntoBatches(
  series: readonly (readonly Timed[])[],
  fromMs: number,
  toMs: number,
  stretches: number,
): Batch[] {
  return series.flatMap((observations) => {
    const batches = Array.from({ length: stretches }, () => ({ sum: 0, count: 0 }));
    for (const { atMs, value } of observations) {
      const batch = batches[Math.floor(((atMs - fromMs) / (toMs - fromMs)) * stretches)];
      if (atMs < fromMs || batch === undefined) continue;
      batch.sum += value;
      batch.count++;
    }
    return batches;
  });
}

/** Percentiles of a set of times, in ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Times are kept to the tenth of a ms, and to three digits: an hour at most. */
const UNITS_PER_MS = 10;
/** Points of a distribution, for a picture: ever finer towards the end. */
const CURVE = [0, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 99, 99.5, 99.9, 100];

/** What an HDR histogram makes of times in ms: exact to a thousandth whatever their range. NaN where there are none. */
export function distributionOf(timesMs: readonly number[]) {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000 * UNITS_PER_MS,
    numberOfSignificantValueDigits: 3,
  });
  for (const ms of timesMs) histogram.recordValue(Math.max(0, Math.round(ms * UNITS_PER_MS)));
  const at = (percent: number): number =>
    timesMs.length === 0 ? Number.NaN : histogram.getValueAtPercentile(percent) / UNITS_PER_MS;
  const percentiles: Percentiles = { p50: at(50), p90: at(90), p99: at(99), max: at(100) };
  const curve = timesMs.length === 0 ? [] : CURVE.map((percent) => ({ percent, ms: at(percent) }));
  return { percentiles, curve };
}
