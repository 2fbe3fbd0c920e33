import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import { ruleText } from "../../policies/model/cloudwatch/compositeRule";
import {
  type CompositeAlarmSpec,
  describe,
  type Metric,
  type MetricAlarmSpec,
  type MonitoredResource,
  type Severity,
} from "./alarmSpec";

/** What CloudWatch calls each monitored resource. Mostly known only after the deployment. */
export type ResourceNames = { readonly [resource in MonitoredResource]?: pulumi.Input<string> };

/** What of a stack its alarms need to be rendered. */
export interface RenderInput {
  /** What the names of its alarms begin with. */
  readonly prefix: string;
  /** Its name, for the commands in messages. */
  readonly stack: string;
  readonly resources: ResourceNames;
  /** Notified when an alarm fires, and when it is over. */
  readonly topicArn: pulumi.Input<string>;
  readonly tags: { readonly [key: string]: string };
}

/** What CloudWatch calls the alarm of a specification; known before anything exists, so that rules can name it. */
export function alarmName(prefix: string, id: string): string {
  return `${prefix}-${id}`;
}

/** The CloudWatch alarm of a specification. */
export function renderMetricAlarm(spec: MetricAlarmSpec, input: RenderInput): cloudwatch.MetricAlarmArgs {
  return {
    name: alarmName(input.prefix, spec.id),
    alarmDescription: describe(spec, input),
    comparisonOperator: spec.comparison,
    threshold: spec.threshold.value,
    evaluationPeriods: spec.evaluationPeriods,
    datapointsToAlarm: spec.datapointsToAlarm,
    treatMissingData: spec.missingData.treatAs,
    ...actionsOf(spec.severity, input.topicArn),
    tags: { ...input.tags, severity: spec.severity },
    ...renderSignal(spec, input),
  };
}

/** The CloudWatch composite of a specification. The alarms that it names have to stand before it. */
export function renderCompositeAlarm(
  spec: CompositeAlarmSpec,
  input: RenderInput,
): cloudwatch.CompositeAlarmArgs {
  const nameOf = (id: string) => alarmName(input.prefix, id);
  const { suppression } = spec;
  return {
    alarmName: nameOf(spec.id),
    alarmDescription: describe(spec, input),
    alarmRule: ruleText(spec.rule, nameOf),
    ...actionsOf(spec.severity, input.topicArn),
    ...(suppression && {
      actionsSuppressor: {
        alarm: nameOf(suppression.by),
        waitPeriod: suppression.waitSeconds,
        extensionPeriod: suppression.extensionSeconds,
      },
    }),
    tags: { ...input.tags, severity: spec.severity },
  };
}

/** A signal is there to be read: it acts on nothing, and says so. */
function actionsOf(severity: Severity, topicArn: pulumi.Input<string>) {
  if (severity === "signal") return { actionsEnabled: false };
  return { actionsEnabled: true, alarmActions: [topicArn], okActions: [topicArn] };
}

function renderSignal(spec: MetricAlarmSpec, input: RenderInput): Partial<cloudwatch.MetricAlarmArgs> {
  const { signal, periodSeconds } = spec;
  if (signal.kind === "metric") {
    const { metric } = signal;
    return {
      namespace: namespaceOf(metric, input.prefix),
      metricName: metric.name,
      dimensions: dimensionsOf(metric, input.resources),
      period: periodSeconds,
      ...statisticOf(metric),
    };
  }
  const metrics = Object.entries(signal.metrics).map(([id, metric]) => ({
    id,
    metric: {
      namespace: namespaceOf(metric, input.prefix),
      metricName: metric.name,
      dimensions: dimensionsOf(metric, input.resources),
      period: periodSeconds,
      stat: metric.statistic,
    },
    returnData: false,
  }));
  const result = { id: "result", expression: signal.expression, label: signal.label, returnData: true };
  return { metricQueries: [result, ...metrics] };
}

/** A percentile is an extended statistic. */
function statisticOf(metric: Metric): Partial<cloudwatch.MetricAlarmArgs> {
  const { statistic } = metric;
  return statistic.startsWith("p")
    ? { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: lowSamplePercentiles(metric) }
    : { statistic };
}

/**
 * Whether a percentile of too few samples (fewer than 10 ÷ (1 − percentile) in the window) is evaluated all the same. Where
 * each request is a sample, a percentile of a handful of them says nothing. RDS sends one sample a minute: ignoring those
 * would silence the alarm for good.
 *
 * Source: CloudWatch User Guide, "Percentile-based alarms and low data samples".
 */
export function lowSamplePercentiles({ namespace }: Metric): "evaluate" | "ignore" {
  return namespace === "AWS/RDS" ? "evaluate" : "ignore";
}

/** The namespace in which a metric of this stack is found. */
export function namespaceOf({ namespace, namespacePerStack }: Metric, prefix: string): string {
  return namespacePerStack ? `${namespace}/${prefix}` : namespace;
}

function dimensionsOf(
  metric: Metric,
  resources: ResourceNames,
): { [dimension: string]: pulumi.Input<string> } {
  return Object.fromEntries(
    Object.entries(metric.dimensions).map(([dimension, value]) => [
      dimension,
      typeof value === "string" ? value : nameOfResource(value.of, resources),
    ]),
  );
}

function nameOfResource(resource: MonitoredResource, resources: ResourceNames): pulumi.Input<string> {
  const name = resources[resource];
  if (name !== undefined) return name;
  throw new RangeError(`an alarm watches a ${resource}, but this stack has none`);
}
