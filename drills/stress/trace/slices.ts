import type { Timed } from "../measure/batchMeans";
import type { Counted } from "../measure/poolSeries";

/** A stretch of a run that stands for one minute. */
export interface Slice {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Equal slices of a run's steady part, none shorter than `leastMs`, `most` at most. */
export function slicesOf(fromMs: number, toMs: number, leastMs: number, most: number): readonly Slice[] {
  const count = Math.max(1, Math.min(most, Math.floor((toMs - fromMs) / leastMs)));
  const length = (toMs - fromMs) / count;
  return Array.from({ length: count }, (_, index) => ({
    fromMs: fromMs + index * length,
    toMs: fromMs + (index + 1) * length,
  }));
}

export type Statistic = "Average" | "Maximum" | "Minimum" | "Sum" | "SampleCount" | "p90" | "p99";

/** The values of all tasks that lie in a slice. */
export const within = ({ fromMs, toMs }: Slice, series: readonly (readonly Timed[])[]): number[] =>
  series.flatMap((values) =>
    values.filter(({ atMs }) => fromMs <= atMs && atMs < toMs).map(({ value }) => value),
  );

/** The part of what was counted that falls into a slice, spread evenly over the time in which it was counted. */
export function countedIn(slice: Slice, series: readonly (readonly Counted[])[]): number {
  return series.flat().reduce((sum, { fromMs, toMs, value }) => {
    const overlap = Math.min(slice.toMs, toMs) - Math.max(slice.fromMs, fromMs);
    return overlap <= 0 || toMs === fromMs ? sum : sum + (value * overlap) / (toMs - fromMs);
  }, 0);
}

/**
 * A statistic of values as CloudWatch computes it; null where there are none.
 * @param factor - By which sums and sample counts are extrapolated.
 */
export function statisticOf(values: readonly number[], statistic: Statistic, factor: number): number | null {
  if (values.length === 0) return statistic === "SampleCount" ? 0 : null;
  switch (statistic) {
    case "Average":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case "Maximum":
      return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    case "Minimum":
      return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    case "Sum":
      return factor * values.reduce((sum, value) => sum + value, 0);
    case "SampleCount":
      return Math.round(factor * values.length);
    case "p90":
      return percentile(values, 0.9);
    case "p99":
      return percentile(values, 0.99);
  }
}

/** Between the two nearest ranks, as CloudWatch interpolates. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? 0;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
}
