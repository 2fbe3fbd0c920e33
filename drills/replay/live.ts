import { z } from "zod";
import type { Role } from "../../infra/monitoring/alarmSpec";
import { InputError } from "../../policies/kit/errors";
import { COMPARISONS, MISSING_DATA_TREATMENTS } from "../../policies/model/cloudwatch/alarm";
import { alarmName } from "../../policies/model/cloudwatch/compositeRule";
import type { Alarm, AlarmSet, ExcludedAlarm, MetricAlarm, MetricStatistic, Signal } from "./alarm";
import { firstIssue } from "./input";
import { byRole } from "./trace";

/** Alarms that live in an account, as `aws cloudwatch describe-alarms` prints them: as far as a replay needs it. */

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const anyAlarm = z.object({
  AlarmName: z.string().min(1),
  AlarmDescription: z.string().default(""),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
});
const metricName = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions });
const period = z.number().int().positive();

const metricAlarm = anyAlarm.extend({
  ...metricName.partial({ Namespace: true, MetricName: true }).shape,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: period.optional(),
  EvaluationPeriods: period,
  DatapointsToAlarm: period.optional(),
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
        Period: period.optional(),
        MetricStat: z.object({ Metric: metricName, Period: period, Stat: z.string() }).optional(),
      }),
    )
    .default([]),
});

const compositeAlarm = anyAlarm.extend({
  AlarmRule: z.string(),
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: z.number().default(0),
  ActionsSuppressorExtensionPeriod: z.number().default(0),
});

/** Alarms are read one by one: CloudWatch has kinds that this does not know, and they stand among the others. */
const description = z.object({
  MetricAlarms: z.array(z.unknown()).default([]),
  CompositeAlarms: z.array(z.unknown()).default([]),
});

/**
 * Reads a description of alarms. Whatever has an action that notifies people pages; the cause is known of those that are
 * named like one of this project's. Resources are taken for those of the scenario by the names of their dimensions. Alarms
 * that cannot be replayed, such as those on an anomaly band, are excluded.
 * @param origin Named in messages: the file.
 * @throws InputError for another shape, and where no alarm is left.
 */
export function readDescribedAlarms(data: unknown, origin: string): AlarmSet {
  const result = description.safeParse(data);
  if (!result.success) {
    throw new InputError(
      `${origin} is not what \`aws cloudwatch describe-alarms\` prints: ${firstIssue(result.error)}`,
    );
  }
  const { MetricAlarms, CompositeAlarms } = result.data;
  if (MetricAlarms.length + CompositeAlarms.length === 0) {
    throw new InputError(`${origin} holds no alarm under MetricAlarms or CompositeAlarms`);
  }
  const set = sorted([
    ...MetricAlarms.map((one, index) => readOne(one, `MetricAlarms.${index}`, metricAlarm, readMetricAlarm)),
    ...CompositeAlarms.map((one, index) =>
      readOne(one, `CompositeAlarms.${index}`, compositeAlarm, readCompositeAlarm),
    ),
  ]);
  const [first, ...more] = set.excluded;
  if (set.alarms.length > 0 || first === undefined) return set;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new InputError(
    `${origin} holds no alarm that can be replayed${others}: ${first.alarm} ${first.why}; ${first.whatToDo}`,
  );
}

/** @param position In the file, for an alarm without a name. */
function readOne<T>(
  data: unknown,
  position: string,
  shape: z.ZodType<T>,
  read: (described: T) => Alarm | ExcludedAlarm,
): Alarm | ExcludedAlarm {
  const result = shape.safeParse(data);
  if (result.success) return read(result.data);
  const named = anyAlarm.pick({ AlarmName: true }).safeParse(data);
  return {
    alarm: named.success ? named.data.AlarmName : position,
    why: `is of another kind than a metric or composite alarm: ${firstIssue(result.error)}`,
    whatToDo: "watch it in CloudWatch itself, or export it anew with `aws cloudwatch describe-alarms`",
  };
}

/** Names are unique in CloudWatch; in a file put together from several Regions they may not be. */
function sorted(read: readonly (Alarm | ExcludedAlarm)[]): AlarmSet {
  const alarms = new Map<string, Alarm>();
  const excluded: ExcludedAlarm[] = [];
  for (const one of read) {
    if (!("id" in one)) excluded.push(one);
    else if (!alarms.has(one.id)) alarms.set(one.id, one);
    else {
      excluded.push({
        alarm: one.id,
        why: "is in the file twice, and the first of them was judged",
        whatToDo: "rename one of the two, or replay the alarms of one Region at a time",
      });
    }
  }
  return { alarms: [...alarms.values()], excluded };
}

function readCompositeAlarm(described: z.infer<typeof compositeAlarm>): Alarm {
  const suppressor = described.ActionsSuppressor;
  return {
    kind: "composite",
    ...textOf(described),
    rule: described.AlarmRule,
    suppression:
      suppressor === undefined
        ? undefined
        : {
            by: alarmName(suppressor),
            waitSeconds: described.ActionsSuppressorWaitPeriod,
            extensionSeconds: described.ActionsSuppressorExtensionPeriod,
          },
  };
}

type DescribedMetricAlarm = z.infer<typeof metricAlarm>;

function readMetricAlarm(described: DescribedMetricAlarm): MetricAlarm | ExcludedAlarm {
  const { AlarmName, ComparisonOperator, Threshold, ThresholdMetricId } = described;
  const comparison = COMPARISONS.find((one) => one === ComparisonOperator);
  if (comparison === undefined || Threshold === undefined || ThresholdMetricId !== undefined) {
    return {
      alarm: AlarmName,
      why: `compares with an anomaly band (${ComparisonOperator}), which CloudWatch learns from weeks of the metric's own past`,
      whatToDo: "to have it judged, replay a copy with a fixed Threshold; else watch it in CloudWatch itself",
    };
  }
  const read = signalOf(described);
  if (read === undefined) {
    return {
      alarm: AlarmName,
      why: "has neither one metric with a statistic and a period nor metric math with one period and one result",
      whatToDo: "give all its metrics the same Period and let one of them have ReturnData",
    };
  }
  const { signal, periodSeconds } = read;
  const metric = signal.kind === "metric" ? signal.metric : undefined;
  return {
    kind: "metric",
    ...textOf(described),
    statistic: metric?.statistic ?? "Expression",
    periodSeconds,
    evaluationPeriods: described.EvaluationPeriods,
    datapointsToAlarm: described.DatapointsToAlarm,
    comparison,
    threshold: Threshold,
    // CloudWatch keeps the state of alarms on DynamoDB's metrics when data is missing, whatever they say.
    treatMissingData: metric?.namespace === "AWS/DynamoDB" ? "ignore" : described.TreatMissingData,
    ignoreLowSamples: described.EvaluateLowSampleCountPercentile === "ignore",
    signal,
  };
}

function signalOf(
  described: DescribedMetricAlarm,
): { readonly signal: Signal; readonly periodSeconds: number } | undefined {
  const { Namespace, MetricName, Dimensions, Period, Metrics } = described;
  const statistic = described.ExtendedStatistic ?? described.Statistic;
  if (
    Namespace !== undefined &&
    MetricName !== undefined &&
    statistic !== undefined &&
    Period !== undefined
  ) {
    const metric = metricOf({ Namespace, MetricName, Dimensions }, statistic);
    return { signal: { kind: "metric", metric }, periodSeconds: Period };
  }
  const [returned, ...othersReturned] = Metrics.filter((query) => query.ReturnData);
  const periods = new Set(Metrics.flatMap((query) => query.MetricStat?.Period ?? query.Period ?? []));
  const [periodSeconds, ...otherPeriods] = periods;
  if (returned === undefined || periodSeconds === undefined) return undefined;
  if (othersReturned.length + otherPeriods.length > 0) return undefined;
  const metrics = Metrics.flatMap(({ Id, MetricStat }) =>
    MetricStat ? [[Id, metricOf(MetricStat.Metric, MetricStat.Stat)] as const] : [],
  );
  const expressions = Metrics.flatMap(({ Id, Expression }) =>
    Expression === undefined ? [] : [[Id, Expression] as const],
  );
  const signal: Signal = {
    kind: "math",
    metrics: Object.fromEntries(metrics),
    expressions: Object.fromEntries(expressions),
    returns: returned.Id,
  };
  return { signal, periodSeconds };
}

function metricOf(
  { Namespace, MetricName, Dimensions }: z.infer<typeof metricName>,
  statistic: string,
): MetricStatistic {
  // RDS reports each metric over all databases of the account and Region too, without a dimension ("Across All
  // Databases" in CloudWatch's console), and a scenario has one. Other namespaces have no such sum.
  const isOverAll = Namespace === "AWS/RDS" && Dimensions.length === 0;
  const named = isOverAll ? [{ Name: "DBInstanceIdentifier", Value: "database" }] : Dimensions;
  return byRole({
    namespace: Namespace,
    metric: MetricName,
    statistic,
    dimensions: Object.fromEntries(named.map(({ Name, Value }) => [Name, Value])),
  });
}

/** Actions that do something to machines and notify no one: Auto Scaling's, EC2's, Application Auto Scaling's. */
const SCALING_ACTION = /^arn:aws[\w-]*:(autoscaling|automate|swf):/;

/** Alarms of these names name a cause, whatever stands before: `auth-prod-pool-starved` does. */
const CAUSE_NAMES =
  /(?:^|-)(pool-starved|task-starved|database-saturated|lock-contention|storage-slow|connections-exhausted|connection-storm|downstream-slow|idle-in-transaction|proxy-starved)$/;

function textOf({ AlarmName, AlarmDescription, ActionsEnabled, AlarmActions }: z.infer<typeof anyAlarm>) {
  const notifies = ActionsEnabled && AlarmActions.some((action) => !SCALING_ACTION.test(action));
  const cause = CAUSE_NAMES.exec(AlarmName)?.[1];
  const role: Role = cause !== undefined ? "cause" : notifies ? "symptom" : "signal";
  return {
    id: AlarmName,
    severity: notifies ? ("page" as const) : ("signal" as const),
    role,
    cause,
    intent: AlarmDescription.split("\n")[0] ?? "",
  };
}
