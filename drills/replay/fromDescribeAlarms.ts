import { z } from "zod";
import {
  type Alarm,
  COMPARISONS,
  type MetricAlarm,
  MISSING_DATA_TREATMENTS,
  type Role,
  type Signal,
} from "./alarm";
import { alarmName } from "./composites/parseRule";
import { ReplayInputError } from "./inputError";
import { inWords } from "./resources";
import { firstIssue } from "./trace";

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const named = {
  AlarmName: z.string().min(1),
  AlarmDescription: z.string().default(""),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
};

const metricAlarm = z.object({
  ...named,
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.number().int().positive().optional(),
  EvaluationPeriods: z.number().int().positive(),
  DatapointsToAlarm: z.number().int().positive().optional(),
  Threshold: z.number().optional(),
  ThresholdMetricId: z.string().optional(),
  ComparisonOperator: z.string(),
  TreatMissingData: z.enum(MISSING_DATA_TREATMENTS).default("missing"),
  EvaluateLowSampleCountPercentile: z.string().optional(),
  Metrics: z
    .array(
      z.object({
        Id: z.string(),
        Expression: z.string().optional(),
        ReturnData: z.boolean().default(true),
        Period: z.number().int().positive().optional(),
        MetricStat: z
          .object({
            Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
            Period: z.number().int().positive(),
            Stat: z.string(),
          })
          .optional(),
      }),
    )
    .default([]),
});

const compositeAlarm = z.object({
  ...named,
  AlarmRule: z.string(),
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: z.number().default(0),
  ActionsSuppressorExtensionPeriod: z.number().default(0),
});

const description = z.object({
  MetricAlarms: z.array(metricAlarm).default([]),
  CompositeAlarms: z.array(compositeAlarm).default([]),
});

type Described = z.infer<typeof metricAlarm>;

/** Alarms of these names name a cause, whatever stands before: `auth-prod-pool-starved` does. */
const CAUSE_NAMES =
  /(?:^|-)(pool-starved|database-saturated|connections-exhausted|connection-storm|downstream-slow|idle-in-transaction|proxy-starved)$/;

/**
 * Alarms as `aws cloudwatch describe-alarms` prints them. Whatever has an action wakes somebody; the cause is known of
 * those that are named like one of this project's. Resources are taken for those of the scenario by the names of their dimensions.
 * @param origin Named in messages: the file.
 * @throws ReplayInputError for another shape, and for an alarm that cannot be replayed: one on an anomaly band.
 */
export function fromDescribeAlarms(data: unknown, origin: string): readonly Alarm[] {
  const result = description.safeParse(data);
  if (!result.success) {
    throw new ReplayInputError(
      `${origin} is not what \`aws cloudwatch describe-alarms\` prints: ${firstIssue(result.error)}`,
    );
  }
  const { MetricAlarms, CompositeAlarms } = result.data;
  if (MetricAlarms.length + CompositeAlarms.length === 0) {
    throw new ReplayInputError(`${origin} holds no alarm under MetricAlarms or CompositeAlarms`);
  }
  return [
    ...MetricAlarms.map(metricAlarmOf),
    ...CompositeAlarms.map(
      (alarm): Alarm => ({
        kind: "composite",
        ...toldOf(alarm),
        rule: alarm.AlarmRule,
        suppression:
          alarm.ActionsSuppressor === undefined
            ? undefined
            : {
                by: alarmName(alarm.ActionsSuppressor),
                waitSeconds: alarm.ActionsSuppressorWaitPeriod,
                extensionSeconds: alarm.ActionsSuppressorExtensionPeriod,
              },
      }),
    ),
  ];
}

function metricAlarmOf(alarm: Described): MetricAlarm {
  const name = alarm.AlarmName;
  const comparison = COMPARISONS.find((one) => one === alarm.ComparisonOperator);
  if (comparison === undefined || alarm.Threshold === undefined || alarm.ThresholdMetricId !== undefined) {
    throw new ReplayInputError(
      `alarm ${name} compares with an anomaly band (${alarm.ComparisonOperator}): only fixed thresholds can be replayed`,
    );
  }
  const { signal, periodSeconds } = signalOf(alarm);
  const namespace = signal.kind === "metric" ? signal.metric.namespace : "";
  return {
    kind: "metric",
    ...toldOf(alarm),
    statistic: signal.kind === "metric" ? signal.metric.statistic : "Expression",
    periodSeconds,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm,
    comparison,
    threshold: alarm.Threshold,
    // CloudWatch keeps the state of alarms on DynamoDB's metrics when data is missing, whatever they say.
    treatMissingData: namespace === "AWS/DynamoDB" ? "ignore" : alarm.TreatMissingData,
    ignoreLowSamples: alarm.EvaluateLowSampleCountPercentile === "ignore",
    signal,
  };
}

function signalOf(alarm: Described): { readonly signal: Signal; readonly periodSeconds: number } {
  const { AlarmName, Namespace, MetricName, Metrics } = alarm;
  const statistic = alarm.ExtendedStatistic ?? alarm.Statistic;
  if (
    Namespace !== undefined &&
    MetricName !== undefined &&
    statistic !== undefined &&
    alarm.Period !== undefined
  ) {
    const metric = metricOf({ Namespace, MetricName, Dimensions: alarm.Dimensions }, statistic);
    return { signal: { kind: "metric", metric }, periodSeconds: alarm.Period };
  }
  const returns = Metrics.filter((query) => query.ReturnData);
  const periods = new Set(Metrics.flatMap((query) => query.MetricStat?.Period ?? query.Period ?? []));
  const [returned] = returns;
  const [periodSeconds] = periods;
  if (returned === undefined || returns.length > 1 || periodSeconds === undefined || periods.size > 1) {
    throw new ReplayInputError(
      `alarm ${AlarmName} has neither one metric with a statistic and a period nor metric math with one period and one result`,
    );
  }
  const metrics = Metrics.flatMap(({ Id, MetricStat }) =>
    MetricStat ? [[Id, metricOf(MetricStat.Metric, MetricStat.Stat)] as const] : [],
  );
  const expressions = Metrics.flatMap(({ Id, Expression }) =>
    Expression === undefined ? [] : [[Id, Expression] as const],
  );
  return {
    signal: {
      kind: "math",
      metrics: Object.fromEntries(metrics),
      expressions: Object.fromEntries(expressions),
      returns: returned.Id,
    },
    periodSeconds,
  };
}

function metricOf(
  metric: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  },
  statistic: string,
) {
  // RDS reports each metric over all databases of the account and Region too, without a dimension ("Across All
  // Databases" in CloudWatch's console), and a scenario has one. Other namespaces have no such sum.
  const overAll = metric.Namespace === "AWS/RDS" && metric.Dimensions.length === 0;
  return inWords({
    namespace: metric.Namespace,
    metric: metric.MetricName,
    statistic,
    dimensions: overAll
      ? { DBInstanceIdentifier: "database" }
      : Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
  });
}

function toldOf(alarm: z.infer<z.ZodObject<typeof named>>) {
  const tells = alarm.ActionsEnabled && alarm.AlarmActions.length > 0;
  const cause = CAUSE_NAMES.exec(alarm.AlarmName)?.[1];
  const role: Role = cause !== undefined ? "cause" : tells ? "symptom" : "signal";
  return {
    id: alarm.AlarmName,
    severity: tells ? ("page" as const) : ("signal" as const),
    role,
    cause,
    intent: alarm.AlarmDescription.split("\n")[0] ?? "",
  };
}
