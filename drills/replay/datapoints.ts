import { InvalidAlarmError } from "../../policies/model/cloudwatch/alarm";
import { orderOfReading } from "../../policies/model/cloudwatch/compositeRule";
import { idsIn, isPointwise, type MathNode, parseMath } from "../../policies/model/cloudwatch/mathParser";
import { at, evaluateMath, type MathReading, type Values } from "../../policies/model/cloudwatch/metricMath";
import type { MetricAlarm, MetricStatistic } from "./alarm";
import { lengthOf, metricKey, type Trace } from "./trace";

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
      statistics.set(series.statistic, converted(series.values));
      metrics.set(key, statistics);
    }
    this.metrics = metrics;
  }

  has(metric: MetricStatistic): boolean {
    return this.metrics.has(metricKey(metric));
  }

  /**
   * Nothing but gaps where the trace does not have the metric: that is what an alarm on it would see.
   * @throws InvalidAlarmError when the trace has the metric but not the statistic, or the period does not fit.
   */
  of(metric: MetricStatistic, periodSeconds: number): Values {
    const periods = periodSeconds / this.trace.periodSeconds;
    if (!Number.isInteger(periods)) {
      throw new InvalidAlarmError(
        `needs datapoints of ${periodSeconds} s, and the trace has one for every ${this.trace.periodSeconds} s: a multiple of that can be replayed`,
      );
    }
    const key = `${metricKey(metric)} ${metric.statistic} ${periods}`;
    let values = this.made.get(key);
    if (values === undefined) {
      values = this.make(metric, periods);
      this.made.set(key, values);
    }
    return values;
  }

  /** As `of`, and `undefined` where the trace does not have that statistic. */
  ofIfKnown(metric: MetricStatistic, periodSeconds: number): Values | undefined {
    const isKnown = this.metrics.get(metricKey(metric))?.has(metric.statistic) === true;
    return isKnown ? this.of(metric, periodSeconds) : undefined;
  }

  private make(metric: MetricStatistic, periods: number): Values {
    const statistics = this.metrics.get(metricKey(metric));
    if (statistics === undefined) return new Float64Array(this.length).fill(Number.NaN);
    const { statistic } = metric;
    const values = statistics.get(statistic)?.() ?? derived(statistics, statistic);
    if (values === undefined) {
      const known = [...statistics.keys()].join(", ");
      throw new InvalidAlarmError(
        `reads ${statistic} of ${metricKey(metric)}, and the trace has ${known} of it`,
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
        throw new InvalidAlarmError(
          `reads ${statistic} over ${periods} periods of the trace: percentiles cannot be put together from shorter ones`,
        );
    }
  }

  /** Weighted with the sample counts where the trace has them; else every period counts alike. */
  private averages(statistics: Statistics, averages: Values, periods: number, key: string): Values {
    const counts = statistics.get("SampleCount")?.();
    if (counts === undefined) this.equallyWeighted.add(key);
    const weights = counts ?? averages.map((average) => (Number.isNaN(average) ? Number.NaN : 1));
    const weighted = averages.map((average, index) => average * at(weights, index));
    const totals = slide(weighted, periods, (sum, next) => sum + next);
    const samples = slide(weights, periods, (sum, next) => sum + next);
    return totals.map((total, index) => total / at(samples, index));
  }
}

/** Most series of a trace are read by no alarm: a series is converted when the first one asks. */
function converted(values: readonly (number | null)[]): () => Values {
  let made: Values | undefined;
  return () => {
    made ??= Float64Array.from(values, (value) => value ?? Number.NaN);
    return made;
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

/** How an alarm's evaluations read its values. */
interface Retrieval {
  /** Periods of the trace from one datapoint of the alarm to the next. */
  readonly stride: number;
  /** Periods of the alarm that CloudWatch retrieves. */
  readonly range: number;
  /** How metric math reads what is missing. @default as AWS's guide says */
  readonly reading?: MathReading | undefined;
}

/**
 * What an alarm compares with its threshold, by period of the trace and age within the range, 0 being the newest.
 *
 * Nearly all metric math depends on one moment alone and is computed once over the whole trace. `FILL` with REPEAT or
 * LINEAR depends on what else is in the range, so it is computed anew for each evaluation.
 * @throws InvalidAlarmError for math or statistics that cannot be replayed.
 */
export function alarmValues(
  alarm: MetricAlarm,
  datapoints: Datapoints,
  { stride, range, reading }: Retrieval,
): (period: number) => (age: number) => number {
  const { signal, periodSeconds } = alarm;
  const read = (metric: MetricStatistic) => datapoints.of(metric, periodSeconds);
  const byAge = (values: Values) => (period: number) => (age: number) => at(values, period - age * stride);
  if (signal.kind === "metric") return byAge(read(signal.metric));
  const metrics = Object.entries(signal.metrics).map(([id, metric]) => [id, read(metric)] as const);
  const direct = metrics.find(([id]) => id === signal.returns);
  if (direct) return byAge(direct[1]);
  const metricIds = metrics.map(([id]) => id);
  const expressions = readExpressions(signal.expressions, new Set(metricIds));
  const compute = (seriesOf: (values: Values) => Values, length: number): Values => {
    const ids = new Map(metrics.map(([id, values]) => [id, seriesOf(values)]));
    const input = { ids, metricIds, length, periodSeconds, reading };
    for (const [id, node] of expressions) ids.set(id, evaluateMath(node, input));
    const result = ids.get(signal.returns);
    if (result !== undefined) return result;
    throw new InvalidAlarmError(`it returns ${signal.returns}, which is none of its metrics and expressions`);
  };
  if (expressions.every(([, node]) => isPointwise(node))) {
    return byAge(compute((values) => values, datapoints.length));
  }
  return (period) => {
    const inRange = (values: Values) =>
      new Float64Array(range).map((_, index) => at(values, period - (range - 1 - index) * stride));
    const values = compute(inRange, range);
    return (age) => at(values, range - 1 - age);
  };
}

/** Expressions, each after those that it reads. */
function readExpressions(
  expressions: { readonly [id: string]: string },
  metricIds: ReadonlySet<string>,
): readonly (readonly [id: string, node: MathNode])[] {
  const read = new Map(Object.entries(expressions).map(([id, text]) => [id, parseMath(text)]));
  const namedBy = (id: string) => {
    const node = read.get(id);
    return node === undefined ? [] : idsIn(node);
  };
  const unknown = [...read.keys()].flatMap(namedBy).filter((id) => !metricIds.has(id) && !read.has(id));
  const result = orderOfReading(read.keys(), namedBy);
  if (unknown.length === 0 && "order" in result) {
    return result.order.flatMap((id) => {
      const node = read.get(id);
      return node === undefined ? [] : [[id, node] as const];
    });
  }
  const wrong = unknown.length > 0 || "order" in result ? unknown : result.circle.slice(1);
  throw new InvalidAlarmError(
    `its metric math names ${[...new Set(wrong)].join(", ")}, which it does not define, or which form a circle`,
  );
}

/** The values of an alarm over the whole trace, for a drawing. */
export function wholeSeries(alarm: MetricAlarm, datapoints: Datapoints, stride: number): Values {
  const valuesAt = alarmValues(alarm, datapoints, { stride, range: alarm.evaluationPeriods });
  return new Float64Array(datapoints.length).map((_, period) => valuesAt(period)(0));
}

/**
 * Whether a percentile alarm is evaluated in a period at all. One that ignores low samples is not while its window holds
 * fewer than 10 ÷ (1 − percentile) samples, and keeps its state. Always, where the trace does not say how many there were.
 * Source: CloudWatch User Guide, "Percentile-based alarms and low data samples".
 */
export function hasEnoughSamples(alarm: MetricAlarm, datapoints: Datapoints): (period: number) => boolean {
  const { signal } = alarm;
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(alarm.statistic)?.[1];
  const always = () => true;
  if (alarm.ignoreLowSamples !== true || percentile === undefined || signal.kind !== "metric") return always;
  const counts = datapoints.ofIfKnown(
    { ...signal.metric, statistic: "SampleCount" },
    alarm.periodSeconds * alarm.evaluationPeriods,
  );
  if (counts === undefined) return always;
  const share = Number(percentile) / 100;
  const fewest = 10 / Math.max(Math.min(share, 1 - share), Number.EPSILON);
  // Nothing reported at all is missing data, which has a treatment of its own.
  return (period) => !(at(counts, period) < fewest);
}
