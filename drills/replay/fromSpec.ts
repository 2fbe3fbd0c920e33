import type { AlarmSpec, Metric, MetricAlarmSpec } from "../../infra/monitoring/alarmSpec";
import { describe } from "../../infra/monitoring/describe";
import { lowSamplePercentiles } from "../../infra/monitoring/lowSamples";
import { ruleText } from "../../policies/model/cloudwatch/compositeRule";
import type { Alarm, MetricStatistic, Signal } from "./alarm";

/** Id of the result of an alarm's one expression. */
const RESULT = "result";

/**
 * The alarm that a specification deploys, by the ids and words of the specification instead of names in AWS.
 * @param stack - Named in what the message says to paste.
 */
export function fromSpec(spec: AlarmSpec, stack: string): Alarm {
  const { id, intent, severity, role } = spec;
  const [, ...whatToDo] = describe(spec, { stack, prefix: `auth-${stack}` }).split("\n");
  const told = { id, intent, severity, role, cause: role === "cause" ? id : undefined, whatToDo };
  if (spec.kind === "composite") {
    return {
      kind: "composite",
      ...told,
      rule: ruleText(spec.rule, (name) => name),
      suppression: spec.suppression,
    };
  }
  return {
    kind: "metric",
    ...told,
    statistic: spec.signal.kind === "metric" ? spec.signal.metric.statistic : "Expression",
    periodSeconds: spec.periodSeconds,
    evaluationPeriods: spec.evaluationPeriods,
    datapointsToAlarm: spec.datapointsToAlarm,
    comparison: spec.comparison,
    threshold: spec.threshold.value,
    treatMissingData: spec.missingData.treatAs,
    signal: signalOf(spec),
    ignoreLowSamples: spec.signal.kind === "metric" && lowSamplePercentiles(spec.signal.metric) === "ignore",
  };
}

function signalOf({ signal }: MetricAlarmSpec): Signal {
  if (signal.kind === "metric") return { kind: "metric", metric: metricOf(signal.metric) };
  return {
    kind: "math",
    metrics: Object.fromEntries(Object.entries(signal.metrics).map(([id, metric]) => [id, metricOf(metric)])),
    expressions: { [RESULT]: signal.expression },
    returns: RESULT,
  };
}

function metricOf({ namespace, name, statistic, dimensions }: Metric): MetricStatistic {
  return {
    namespace,
    metric: name,
    statistic,
    dimensions: Object.fromEntries(
      Object.entries(dimensions).map(([dimension, value]) => [
        dimension,
        typeof value === "string" ? value : value.of,
      ]),
    ),
  };
}
