import { z } from "zod";
import { MISSING_DATA_TREATMENTS } from "../../policies/model/cloudwatch/alarm";

/** What `aws cloudwatch describe-alarms` prints, as far as a replay needs it. */

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
export const named = {
  AlarmName: z.string().min(1),
  AlarmDescription: z.string().default(""),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
};

/** A metric alarm, its defaults filled in. */
export const metricAlarm = z.object({
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

export const compositeAlarm = z.object({
  ...named,
  AlarmRule: z.string(),
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: z.number().default(0),
  ActionsSuppressorExtensionPeriod: z.number().default(0),
});

/** Alarms are read one by one: CloudWatch has kinds that this does not know, and they stand among the others. */
export const description = z.object({
  MetricAlarms: z.array(z.unknown()).default([]),
  CompositeAlarms: z.array(z.unknown()).default([]),
});

export type DescribedMetricAlarm = z.infer<typeof metricAlarm>;
export type DescribedComposite = z.infer<typeof compositeAlarm>;
