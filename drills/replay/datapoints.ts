import type { MetricStatistic } from "./alarm";
import { ReplayInputError } from "./inputError";
import { lengthOf, metricKey, type Trace } from "./trace";

/** Values by period of the trace; NaN where there is none. */
export type Values = Float64Array;

/** A metric's statistics in the trace, by the name of the statistic. */
type Statistics = ReadonlyMap<string, () => Values>;

/**
 * The datapoints that CloudWatch would make of a trace, for any period that is a multiple of the trace's.
 *
 * Value i of what `of` returns is the datapoint of the period that ends with period i of the trace: alarms slide, so
 * each minute has a datapoint of its own whatever the alarm's period (CloudWatch User Guide, alarm-evaluation-window).
 */
export class Datapoints {
  private readonly metrics: ReadonlyMap<string, Statistics>;
  private readonly made = new Map<string, Values>();
  /** Averages that were made over several periods without knowing how many samples each had. */
  readonly equallyWeighted = new Set<string>();
  readonly length: number;

  constructor(private readonly trace: Trace) {
    this.length = lengthOf(trace);
    const metrics = new Map<string, Map<string, () => Values>>();
    for (const series of trace.series) {
      const key = metricKey(series);
      const statistics = metrics.get(key) ?? new Map<string, () => Values>();
      statistics.set(series.statistic, onceRead(series.values));
      metrics.set(key, statistics);
    }
    this.metrics = metrics;
  }

  has(metric: MetricStatistic): boolean {
    return this.metrics.has(metricKey(metric));
  }

  /**
   * Nothing but gaps where the trace does not have the metric: that is what an alarm on it would see.
   * @throws ReplayInputError when the trace has the metric but not the statistic, or the period does not fit.
   */
  of(metric: MetricStatistic, periodSeconds: number, alarmId: string): Values {
    const periods = periodSeconds / this.trace.periodSeconds;
    if (!Number.isInteger(periods)) {
      throw new ReplayInputError(
        `alarm ${alarmId} needs datapoints of ${periodSeconds} s, and the trace has one for every ${this.trace.periodSeconds} s: a multiple of that can be replayed`,
      );
    }
    const key = `${metricKey(metric)} ${metric.statistic} ${periods}`;
    let values = this.made.get(key);
    if (values === undefined) {
      values = this.make(metric, periods, alarmId);
      this.made.set(key, values);
    }
    return values;
  }

  /** As `of`, and `undefined` where the trace does not have that statistic. */
  ofIfKnown(metric: MetricStatistic, periodSeconds: number): Values | undefined {
    const known = this.metrics.get(metricKey(metric))?.has(metric.statistic) === true;
    return known ? this.of(metric, periodSeconds, "") : undefined;
  }

  private make(metric: MetricStatistic, periods: number, alarmId: string): Values {
    const statistics = this.metrics.get(metricKey(metric));
    if (statistics === undefined) return new Float64Array(this.length).fill(Number.NaN);
    const { statistic } = metric;
    const values = statistics.get(statistic)?.() ?? derived(statistics, statistic);
    if (values === undefined) {
      const known = [...statistics.keys()].join(", ");
      throw new ReplayInputError(
        `alarm ${alarmId} reads ${statistic} of ${metricKey(metric)}, and the trace has ${known} of it`,
      );
    }
    if (periods === 1) return values;
    switch (statistic) {
      case "Sum":
      case "SampleCount":
        return slide(values, periods, (sum, next) => sum + next);
      case "Maximum":
        return slide(values, periods, Math.max);
      case "Minimum":
        return slide(values, periods, Math.min);
      case "Average":
        return this.averages(statistics, values, periods, metricKey(metric));
      default:
        throw new ReplayInputError(
          `alarm ${alarmId} reads ${statistic} over ${periods} periods of the trace: percentiles cannot be put together from shorter ones`,
        );
    }
  }

  /** Weighted with the sample counts where the trace has them; else every period counts alike. */
  private averages(statistics: Statistics, averages: Values, periods: number, key: string): Values {
    const counts = statistics.get("SampleCount")?.();
    if (counts === undefined) this.equallyWeighted.add(key);
    const weights = counts ?? averages.map((average) => (Number.isNaN(average) ? Number.NaN : 1));
    const totals = slide(
      averages.map((average, index) => average * at(weights, index)),
      periods,
      (sum, next) => sum + next,
    );
    const samples = slide(weights, periods, (sum, next) => sum + next);
    return totals.map((total, index) => total / at(samples, index));
  }
}

/** Most series of a trace are read by no alarm: a series is converted when the first one asks. */
function onceRead(values: readonly (number | null)[]): () => Values {
  let read: Values | undefined;
  return () => {
    if (read === undefined) {
      read = new Float64Array(values.length);
      for (const [index, value] of values.entries()) read[index] = value ?? Number.NaN;
    }
    return read;
  };
}

/** A statistic that follows exactly from two others of the same period. */
function derived(statistics: Statistics, statistic: string): Values | undefined {
  const combine = (one: string, other: string, make: (a: number, b: number) => number) => {
    const [left, right] = [statistics.get(one)?.(), statistics.get(other)?.()];
    return left && right && left.map((value, index) => make(value, at(right, index)));
  };
  if (statistic === "Average") {
    return combine("Sum", "SampleCount", (sum, count) => (count === 0 ? Number.NaN : sum / count));
  }
  if (statistic === "Sum") return combine("Average", "SampleCount", (average, count) => average * count);
  return undefined;
}

/** For each period, the values of the last `periods` put together; what is missing is left out. */
function slide(values: Values, periods: number, combine: (one: number, other: number) => number): Values {
  return values.map((_, end) => {
    let result = Number.NaN;
    for (let index = Math.max(0, end - periods + 1); index <= end; index++) {
      const value = at(values, index);
      if (Number.isNaN(value)) continue;
      result = Number.isNaN(result) ? value : combine(result, value);
    }
    return result;
  });
}

export function at(values: Values, index: number): number {
  return values[index] ?? Number.NaN;
}

/** Datapoints by age, 0 being the newest. */
export type ByAge = (age: number) => number;

/** Reads a series of the whole trace by age, back from a period. */
export function byAge(values: Values, stride: number): (period: number) => ByAge {
  return (period) => (age) => at(values, period - age * stride);
}
