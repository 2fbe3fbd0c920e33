import { z } from "zod";
import { COMPARISONS } from "../../policies/model/cloudwatch/alarm";
import { alarmName } from "../../policies/model/cloudwatch/compositeRule";
import type { Alarm, MetricAlarm, Role, Signal } from "./alarm";
import type { AlarmSet, Unjudged } from "./alarmSet";
import {
  compositeAlarm,
  type DescribedComposite,
  type DescribedMetricAlarm,
  description,
  metricAlarm,
  type named,
} from "./describedAlarms";
import { ReplayInputError } from "./inputError";
import { inWords } from "./resources";
import { firstIssue } from "./trace";

/** Actions that do something to machines and tell nobody: Auto Scaling's, EC2's, Application Auto Scaling's. */
const TELLS_NOBODY = /^arn:aws[\w-]*:(autoscaling|automate|swf):/;

/** Alarms of these names name a cause, whatever stands before: `auth-prod-pool-starved` does. */
const CAUSE_NAMES =
  /(?:^|-)(pool-starved|database-saturated|connections-exhausted|connection-storm|downstream-slow|idle-in-transaction|proxy-starved)$/;

/**
 * Alarms as `aws cloudwatch describe-alarms` prints them. Whatever has an action that tells somebody wakes somebody; the
 * cause is known of those that are named like one of this project's. Resources are taken for those of the scenario by the
 * names of their dimensions. Alarms that cannot be replayed, such as those on an anomaly band, are set aside.
 * @param origin Named in messages: the file.
 * @throws ReplayInputError for another shape, and where no alarm is left.
 */
export function fromDescribeAlarms(data: unknown, origin: string): AlarmSet {
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
  const read = [
    ...MetricAlarms.map((one, index) => readOne(one, `MetricAlarms.${index}`, metricAlarm, metricAlarmOf)),
    ...CompositeAlarms.map((one, index) =>
      readOne(one, `CompositeAlarms.${index}`, compositeAlarm, compositeAlarmOf),
    ),
  ];
  const set = sorted(read);
  const [first, ...more] = set.unjudged;
  if (set.alarms.length > 0 || first === undefined) return set;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new ReplayInputError(
    `${origin} holds no alarm that can be replayed${others}: ${first.alarm} ${first.why}; ${first.whatToDo}`,
  );
}

/** @param place Where in the file, for an alarm without a name. */
function readOne<T>(
  data: unknown,
  place: string,
  shape: z.ZodType<T>,
  alarmOf: (described: T) => Alarm | Unjudged,
): Alarm | Unjudged {
  const result = shape.safeParse(data);
  if (result.success) return alarmOf(result.data);
  const name = z.object({ AlarmName: z.string().min(1) }).safeParse(data);
  return {
    alarm: name.success ? name.data.AlarmName : place,
    why: `is of another kind than a metric or composite alarm: ${firstIssue(result.error)}`,
    whatToDo: "watch it in CloudWatch itself, or export it anew with `aws cloudwatch describe-alarms`",
  };
}

/** Names are unique in CloudWatch; in a file put together from several Regions they may not be. */
function sorted(read: readonly (Alarm | Unjudged)[]): AlarmSet {
  const alarms = new Map<string, Alarm>();
  const unjudged: Unjudged[] = [];
  for (const one of read) {
    if ("why" in one) unjudged.push(one);
    else if (!alarms.has(one.id)) alarms.set(one.id, one);
    else {
      unjudged.push({
        alarm: one.id,
        why: "is in the file twice, and the first of them was judged",
        whatToDo: "rename one of the two, or replay the alarms of one Region at a time",
      });
    }
  }
  return { alarms: [...alarms.values()], unjudged };
}

function compositeAlarmOf(alarm: DescribedComposite): Alarm {
  return {
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
  };
}

function metricAlarmOf(alarm: DescribedMetricAlarm): MetricAlarm | Unjudged {
  const comparison = COMPARISONS.find((one) => one === alarm.ComparisonOperator);
  if (comparison === undefined || alarm.Threshold === undefined || alarm.ThresholdMetricId !== undefined) {
    return {
      alarm: alarm.AlarmName,
      why: `compares with an anomaly band (${alarm.ComparisonOperator}), which CloudWatch learns from weeks of the metric's own past`,
      whatToDo: "to have it judged, replay a copy with a fixed Threshold; else watch it in CloudWatch itself",
    };
  }
  const signal = signalOf(alarm);
  if (signal === undefined) {
    return {
      alarm: alarm.AlarmName,
      why: "has neither one metric with a statistic and a period nor metric math with one period and one result",
      whatToDo: "give all its metrics the same Period and let one of them have ReturnData",
    };
  }
  const namespace = signal.of.kind === "metric" ? signal.of.metric.namespace : "";
  return {
    kind: "metric",
    ...toldOf(alarm),
    statistic: signal.of.kind === "metric" ? signal.of.metric.statistic : "Expression",
    periodSeconds: signal.periodSeconds,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm,
    comparison,
    threshold: alarm.Threshold,
    // CloudWatch keeps the state of alarms on DynamoDB's metrics when data is missing, whatever they say.
    treatMissingData: namespace === "AWS/DynamoDB" ? "ignore" : alarm.TreatMissingData,
    ignoreLowSamples: alarm.EvaluateLowSampleCountPercentile === "ignore",
    signal: signal.of,
  };
}

function signalOf(
  alarm: DescribedMetricAlarm,
): { readonly of: Signal; readonly periodSeconds: number } | undefined {
  const { Namespace, MetricName, Metrics } = alarm;
  const statistic = alarm.ExtendedStatistic ?? alarm.Statistic;
  if (
    Namespace !== undefined &&
    MetricName !== undefined &&
    statistic !== undefined &&
    alarm.Period !== undefined
  ) {
    const metric = metricOf({ Namespace, MetricName, Dimensions: alarm.Dimensions }, statistic);
    return { of: { kind: "metric", metric }, periodSeconds: alarm.Period };
  }
  const returns = Metrics.filter((query) => query.ReturnData);
  const periods = new Set(Metrics.flatMap((query) => query.MetricStat?.Period ?? query.Period ?? []));
  const [returned] = returns;
  const [periodSeconds] = periods;
  if (returned === undefined || returns.length > 1 || periodSeconds === undefined || periods.size > 1) {
    return undefined;
  }
  const metrics = Metrics.flatMap(({ Id, MetricStat }) =>
    MetricStat ? [[Id, metricOf(MetricStat.Metric, MetricStat.Stat)] as const] : [],
  );
  const expressions = Metrics.flatMap(({ Id, Expression }) =>
    Expression === undefined ? [] : [[Id, Expression] as const],
  );
  return {
    of: {
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
  const tells = alarm.ActionsEnabled && alarm.AlarmActions.some((action) => !TELLS_NOBODY.test(action));
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
