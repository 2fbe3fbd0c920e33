import { build } from "hdr-histogram-js";

/** Percentiles of a set of times, in ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Times are kept to the tenth of a ms, and to three digits: an hour at most. */
const UNITS_PER_MS = 10;

/** What an HDR histogram makes of times: exact to a thousandth whatever their range. NaN where there are none. */
export class Latencies {
  private readonly histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000 * UNITS_PER_MS,
    numberOfSignificantValueDigits: 3,
  });

  constructor(timesMs: Iterable<number> = []) {
    for (const ms of timesMs) this.record(ms);
  }

  record(ms: number): void {
    this.histogram.recordValue(Math.max(0, Math.round(ms * UNITS_PER_MS)));
  }

  get count(): number {
    return this.histogram.totalCount;
  }

  at(percent: number): number {
    return this.count === 0 ? Number.NaN : this.histogram.getValueAtPercentile(percent) / UNITS_PER_MS;
  }

  get percentiles(): Percentiles {
    return { p50: this.at(50), p90: this.at(90), p99: this.at(99), max: this.at(100) };
  }

  /** Points of the distribution, for a picture: ever finer towards the end. */
  curve(): readonly { readonly percent: number; readonly ms: number }[] {
    const percents = [0, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 99, 99.5, 99.9, 100];
    return this.count === 0 ? [] : percents.map((percent) => ({ percent, ms: this.at(percent) }));
  }
}
