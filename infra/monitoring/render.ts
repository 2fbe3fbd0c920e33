import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import { type AlarmSpec, describe, type Metric, type MonitoredResource, type Statistic } from "./alarmSpec";

/** What CloudWatch calls each monitored resource. Mostly known only after the deployment. */
export type ResourceNames = { readonly [resource in MonitoredResource]: pulumi.Input<string> };

export interface RenderInput {
  readonly alarmName: string;
  readonly resources: ResourceNames;
  /** Told when the alarm goes off, and when it is over. */
  readonly topicArn: pulumi.Input<string>;
  readonly tags: { readonly [key: string]: string };
}

/** The CloudWatch alarm of a specification. */
export function renderAlarm(spec: AlarmSpec, input: RenderInput): cloudwatch.MetricAlarmArgs {
  return {
    name: input.alarmName,
    alarmDescription: describe(spec),
    comparisonOperator: spec.comparison,
    threshold: spec.threshold.value,
    evaluationPeriods: spec.evaluationPeriods,
    datapointsToAlarm: spec.datapointsToAlarm,
    treatMissingData: spec.missingData.treatAs,
    actionsEnabled: true,
    alarmActions: [input.topicArn],
    okActions: [input.topicArn],
    tags: { ...input.tags, severity: spec.severity },
    ...renderSignal(spec, input.resources),
  };
}

function renderSignal(spec: AlarmSpec, resources: ResourceNames): Partial<cloudwatch.MetricAlarmArgs> {
  const { signal, periodSeconds } = spec;
  if (signal.kind === "metric") {
    const { metric } = signal;
    return {
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: dimensionsOf(metric, resources),
      period: periodSeconds,
      ...statisticOf(metric.statistic),
    };
  }
  const metrics = Object.entries(signal.metrics).map(([id, metric]) => ({
    id,
    metric: {
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: dimensionsOf(metric, resources),
      period: periodSeconds,
      stat: metric.statistic,
    },
    returnData: false,
  }));
  const result = { id: "result", expression: signal.expression, label: signal.label, returnData: true };
  return { metricQueries: [result, ...metrics] };
}

/** A percentile is an extended statistic; of too few samples CloudWatch is to make nothing. */
function statisticOf(statistic: Statistic): Partial<cloudwatch.MetricAlarmArgs> {
  return statistic.startsWith("p")
    ? { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "ignore" }
    : { statistic };
}

function dimensionsOf(
  metric: Metric,
  resources: ResourceNames,
): { [dimension: string]: pulumi.Input<string> } {
  return Object.fromEntries(
    Object.entries(metric.dimensions).map(([dimension, value]) => [
      dimension,
      typeof value === "string" ? value : resources[value.of],
    ]),
  );
}
