import { idsIn, isPointwise, type MathNode, parseMath } from "../../policies/model/cloudwatch/mathParser";
import { evaluateMath, type MathReading } from "../../policies/model/cloudwatch/metricMath";
import type { MetricAlarm, MetricStatistic } from "./alarm";
import { at, type ByAge, byAge, type Datapoints, type Values } from "./datapoints";
import { forAlarm, ReplayInputError } from "./inputError";

/** Metrics that an alarm reads. */
export function metricsOf({ signal }: MetricAlarm): readonly MetricStatistic[] {
  return signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics);
}

/**
 * What an alarm compares with its threshold, by period of the trace and age within the range that it retrieves.
 *
 * Nearly all metric math depends on one moment alone and is done once over the whole trace. `FILL` with REPEAT or LINEAR
 * depends on what else is in the range, so it is done anew for each evaluation.
 * @param range Periods of the alarm that CloudWatch retrieves.
 * @throws ReplayInputError naming the alarm, for math or statistics that cannot be replayed.
 */
export function signalValues(
  alarm: MetricAlarm,
  datapoints: Datapoints,
  stride: number,
  range: number,
  reading?: MathReading,
): (period: number) => ByAge {
  const { signal } = alarm;
  const read = (metric: MetricStatistic) => datapoints.of(metric, alarm.periodSeconds, alarm.id);
  if (signal.kind === "metric") return byAge(read(signal.metric), stride);
  const metrics = Object.entries(signal.metrics).map(([id, metric]) => [id, read(metric)] as const);
  const direct = metrics.find(([id]) => id === signal.returns);
  if (direct) return byAge(direct[1], stride);
  const expressions = inOrder(alarm, signal.expressions, new Set(Object.keys(signal.metrics)));
  const result = (series: readonly (readonly [string, Values])[], length: number) =>
    evaluateAll(alarm, expressions, series, length, signal.returns, reading);
  if (expressions.every(({ node }) => isPointwise(node))) {
    return byAge(result(metrics, datapoints.length), stride);
  }
  return (period) => {
    const slice = (values: Values) =>
      new Float64Array(range).map((_, index) => at(values, period - (range - 1 - index) * stride));
    const values = result(
      metrics.map(([id, whole]) => [id, slice(whole)]),
      range,
    );
    return (age) => at(values, range - 1 - age);
  };
}

/** The series of an alarm over the whole trace, for a drawing. */
export function seriesOf(alarm: MetricAlarm, datapoints: Datapoints, stride: number): Values {
  const valuesAt = signalValues(alarm, datapoints, stride, alarm.evaluationPeriods);
  return new Float64Array(datapoints.length).map((_, period) => valuesAt(period)(0));
}

interface ReadExpression {
  readonly id: string;
  readonly node: MathNode;
}

function evaluateAll(
  alarm: MetricAlarm,
  expressions: readonly ReadExpression[],
  metrics: readonly (readonly [string, Values])[],
  length: number,
  returns: string,
  reading: MathReading | undefined,
): Values {
  const ids = new Map(metrics);
  const metricIds = metrics.map(([id]) => id);
  for (const { id, node } of expressions) {
    const input = { ids, metricIds, length, periodSeconds: alarm.periodSeconds, reading };
    ids.set(
      id,
      forAlarm(alarm.id, () => evaluateMath(node, input)),
    );
  }
  const result = ids.get(returns);
  if (result !== undefined) return result;
  throw new ReplayInputError(
    `alarm ${alarm.id}: it returns ${returns}, which is none of its metrics and expressions`,
  );
}

/** Expressions, each after those that it reads. */
function inOrder(
  alarm: MetricAlarm,
  expressions: { readonly [id: string]: string },
  metricIds: ReadonlySet<string>,
): readonly ReadExpression[] {
  const read = Object.entries(expressions).map(([id, text]) => ({
    id,
    node: forAlarm(alarm.id, () => parseMath(text)),
  }));
  const ordered: ReadExpression[] = [];
  const known = new Set(metricIds);
  while (ordered.length < read.length) {
    const next = read.find(({ id, node }) => !known.has(id) && idsIn(node).every((one) => known.has(one)));
    if (next === undefined) {
      const open = read.filter(({ id }) => !known.has(id));
      const strangers = open.flatMap(({ node }) => idsIn(node)).filter((id) => !known.has(id));
      throw new ReplayInputError(
        `alarm ${alarm.id}: its metric math names ${strangers.join(", ")}, which is no id of it, or goes in a circle`,
      );
    }
    known.add(next.id);
    ordered.push(next);
  }
  return ordered;
}
