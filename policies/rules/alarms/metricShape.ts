import { closest } from "../../kit/text";
import { isStatistic } from "../../model/cloudwatch/alarm";
import {
  type AwsMetric,
  METRIC_DIMENSIONS,
  type MetricSubject,
  namesInNamespace,
  namespaceMeant,
  namespacesOf,
} from "../../model/cloudwatch/metrics";
import type { DimensionReading } from "../../plan/alarms/alarmReading";
import type { PlanResource, PropertyValue } from "../../plan/plan";
import { isMap, knownValue, type Reading, readProperty, unknown } from "../../plan/reading";
import { resourceTypes } from "../../plan/resourceTypes";
import type { DatabaseReading } from "../../plan/types";
import { count, plain } from "../format";
import type { RuleContext } from "../rule";
import {
  metricInWords,
  OF_DATABASES,
  type PoolSignal,
  type RelevantAlarm,
  type RelevantMetric,
} from "./relevantAlarms";

/** Whether a metric of an alarm exists, is the one of a resource of this stack, and is read by a fitting statistic. */
export function checkMetric(metric: RelevantMetric, judged: RelevantAlarm, context: RuleContext): void {
  const { urn } = judged.alarm.resource;
  const readings: readonly Reading<unknown>[] = [
    metric.reading.namespace,
    metric.reading.name,
    metric.reading.dimensions,
  ];
  for (const reading of readings) {
    context.cannotDecide(urn, needed(reading));
  }
  checkName(metric, judged, context);
  checkPublished(metric, judged, context);
  checkInsights(metric, judged, context);
  checkSamples(metric, judged, context);
  checkDimensions(metric, judged, context);
  checkStatistic(metric, judged, context);
  checkPeriod(metric, judged, context);
}

const needed = <T>(reading: Reading<T>): Reading<T> =>
  reading.state === "unset"
    ? { state: "malformed", property: reading.property, shown: "not set", observed: null, expected: "a text" }
    : reading;

function checkName(metric: RelevantMetric, { alarm }: RelevantAlarm, context: RuleContext): void {
  const namespace = knownValue(metric.reading.namespace);
  const name = knownValue(metric.reading.name);
  if (namespace === undefined || name === undefined || metric.pool) return;
  const meant = namespaceMeant(namespace);
  const nothing = "no data ever arrives, and the alarm never fires";
  if (meant !== undefined && meant !== namespace) {
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${alarm.resource.name} watches the namespace "${namespace}", and AWS publishes ${name} in ${meant}: ${nothing}.`,
      fix: `Set \`namespace\` to "${meant}"`,
      observed: namespace,
    });
    return;
  }
  if (metric.aws) return;
  const elsewhere = namespacesOf(name)[0];
  const near = closest(name, namesInNamespace(namespace));
  if (elsewhere !== undefined || near !== undefined) {
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${alarm.resource.name} watches ${name.slice(0, 60)} in ${namespace}, where there is no such metric: ${nothing}.`,
      fix:
        elsewhere === undefined ? `Set \`metricName\` to "${near}"` : `Set \`namespace\` to "${elsewhere}"`,
      observed: name.slice(0, 60),
    });
  } else if (meant !== undefined) {
    context.cannotDecide(alarm.resource.urn, {
      property: "metricName",
      reason: `${name.slice(0, 60)} is not among the metrics of ${namespace} that poolproof knows`,
      fix: `Check with \`aws cloudwatch list-metrics --namespace ${namespace}\` that the metric exists, and accept the finding with an exception`,
    });
  }
}

/** Metrics of a database that are published only with Performance Insights (Amazon RDS User Guide, USER_PerfInsights.Cloudwatch). */
const NEEDS_INSIGHTS = /^DBLoad/;
/** Credits exist for burstable classes alone (Amazon RDS User Guide, "Instance-level metrics"). */
const NEEDS_CREDITS = /^CPU(?:Credit|SurplusCredit)/;

/** A metric that AWS publishes for other databases than this one: the alarm has no data, ever. */
function checkPublished(
  { reading, subject }: RelevantMetric,
  { alarm }: RelevantAlarm,
  context: RuleContext,
): void {
  const name = knownValue(reading.name) ?? "";
  if (subject.kind !== "database" || subject.on.database.kind === "declared") return;
  const { database } = subject.on;
  const { resource } = database.members.length === 1 ? (database.members[0] ?? database) : database;
  const cause = missing(name, resource, database);
  if (cause === undefined) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `Alarm ${alarm.resource.name} watches ${name} of ${subject.resource.name}, ${cause.why}: no data ever arrives, and the alarm never fires.`,
    fix: cause.fix,
    observed: name,
  });
}

function missing(
  name: string,
  resource: PlanResource,
  { instanceClass, members, kind }: DatabaseReading,
): { readonly why: string; readonly fix: string } | undefined {
  if (NEEDS_INSIGHTS.test(name) && kind !== "cluster") {
    const insights = readProperty(resource, "performanceInsightsEnabled");
    const mode = knownValue(readProperty(resource, "databaseInsightsMode"));
    const isOff = insights.state === "unset" || String(knownValue(insights)) === "false";
    if (!isOff || mode === "advanced") return undefined;
    const why = "which AWS publishes with Performance Insights only, and it is off";
    return {
      why,
      fix: `Set \`performanceInsightsEnabled\` of ${resource.name} to true, or remove the alarm`,
    };
  }
  if (!NEEDS_CREDITS.test(name)) return undefined;
  const classes = (members.length > 0 ? members : [{ instanceClass }]).map((each) =>
    knownValue(each.instanceClass),
  );
  if (classes.some((each) => each === undefined || /^db\.t\d/.test(each))) return undefined;
  return {
    why: `which exists for burstable classes (db.t3, db.t4g), and this is ${classes.join(", ")}`,
    fix: "Remove the alarm, or watch CPUUtilization",
  };
}

/**
 * Container Insights publishes its metrics for clusters that have it on; a cluster that says nothing follows the account's
 * setting, which is off unless it is turned on (Amazon ECS Developer Guide, "Account settings").
 */
function checkInsights({ reading }: RelevantMetric, { alarm }: RelevantAlarm, context: RuleContext): void {
  if (knownValue(reading.namespace) !== "ECS/ContainerInsights") return;
  const clusters = (knownValue(reading.dimensions) ?? []).flatMap(({ of }) =>
    of.state === "found" && resourceTypes.ecsCluster.has(of.resource.type) ? [of.resource] : [],
  );
  for (const cluster of clusters) {
    const settings = readProperty(cluster, "settings");
    const list = knownValue(settings);
    const own = (Array.isArray(list) ? (list as readonly PropertyValue[]) : []).find(
      (each) => isMap(each) && each.name === "containerInsights",
    );
    const value = isMap(own) ? own.value : undefined;
    if (value === "enabled" || value === "enhanced") continue;
    const name = (knownValue(reading.name) ?? "its metric").slice(0, 60);
    const fix = `Set \`containerInsights\` in \`settings\` of ${cluster.name} to "enabled"`;
    if (value === "disabled") {
      context.violation({
        resource: alarm.resource.urn,
        text: `Alarm ${alarm.resource.name} watches ${name}, which AWS publishes with Container Insights only, and it is off on cluster ${cluster.name}: no data ever arrives, and the alarm never fires.`,
        fix: `${fix}, or remove the alarm`,
        observed: name,
      });
      continue;
    }
    context.cannotDecide(alarm.resource.urn, {
      property: "settings",
      reason: `${name} is published with Container Insights only, and cluster ${cluster.name} leaves that to the account's setting`,
      fix,
    });
  }
}

/**
 * A percentile of few samples: with `ignore` CloudWatch keeps the alarm's state in periods that have fewer than
 * 10 / (1 − p) of them (CloudWatch User Guide, "Percentile-based alarms and low data samples"): 1,000 for p99. Where not even
 * the declared peak brings as many, the alarm is never evaluated.
 */
function checkSamples(
  { reading, subject }: RelevantMetric,
  { alarm }: RelevantAlarm,
  context: RuleContext,
): void {
  const percentile = /^p(\d{1,2}(?:\.\d+)?)$/.exec(knownValue(reading.statistic) ?? "")?.[1];
  const property = "evaluateLowSampleCountPercentiles";
  if (percentile === undefined || knownValue(readProperty(alarm.resource, property)) !== "ignore") return;
  const p = Number(percentile) / 100;
  const needed = Math.ceil(10 / (p >= 0.5 ? 1 - p : p) - 1e-6);
  const seconds = knownValue(reading.periodSeconds);
  // A load balancer has more requests than those that need the database: what is declared is no bound on them.
  if (seconds === undefined || subject.kind !== "pools") return;
  let most = 0;
  for (const { wholeLoad } of subject.pools) {
    if (wholeLoad.state !== "known") return;
    most += wholeLoad.value.acquisitionsPerSecond * wholeLoad.value.peakBurst * seconds;
  }
  if (most >= needed) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `Alarm ${alarm.resource.name} takes p${percentile} of ${knownValue(reading.name)} over ${plain(seconds)} s and ignores periods with fewer than ${plain(needed)} samples: the declared peak brings ${plain(Math.floor(most))}, so it is never evaluated.`,
    fix: `Lengthen \`period\`, take a lower percentile, or set \`${property}\` to evaluate`,
    observed: Math.floor(most),
    allowed: { min: needed, max: null },
    unit: "samples",
  });
}

/** AWS's own metrics come once a minute: a shorter period finds data in some of its windows and none in the others. */
function checkPeriod(metric: RelevantMetric, { alarm }: RelevantAlarm, context: RuleContext): void {
  const period = knownValue(metric.reading.periodSeconds);
  if (metric.aws === undefined || period === undefined || ![10, 20, 30].includes(period)) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `Alarm ${alarm.resource.name} looks at ${metricInWords(metric)} every ${period} s, and AWS publishes it once a minute: of ${60 / period} periods, ${60 / period - 1} have no data.`,
    fix: "Set `period` to 60",
    observed: period,
    allowed: { min: 60, max: null },
    unit: "s",
  });
}

/** Whether a metric's samples may be put together in that way: gauges are not added up, counts are. */
export function checkStatistic(metric: RelevantMetric, judged: RelevantAlarm, context: RuleContext): void {
  const { alarm } = judged;
  const { statistic, hasTwoStatistics } = metric.reading;
  const what = `Alarm ${alarm.resource.name} takes`;
  if (hasTwoStatistics) {
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${alarm.resource.name} sets both \`statistic\` and \`extendedStatistic\`, and CloudWatch accepts only one: the deployment fails.`,
      fix: "Leave one of them out",
    });
    return;
  }
  const text = knownValue(statistic) ?? "";
  if (!isStatistic(text)) {
    context.cannotDecide(alarm.resource.urn, noStatistic(statistic));
    return;
  }
  const kind = kindOf(metric);
  const named = metricInWords(metric);
  const period = knownValue(metric.reading.periodSeconds) ?? 60;
  if (kind === "gauge" && (text === "Sum" || text === "SampleCount")) {
    if (isRatio(judged) || isProxyMinute(metric, period)) return;
    const samples = Math.max(1, Math.round(period / 60));
    context.violation({
      resource: alarm.resource.urn,
      text:
        text === "Sum"
          ? `${what} the Sum of ${named} over ${plain(period)} s, and it is a gauge: ${samples > 1 ? `${count(samples, "sample")} add up to ${samples} times as much` : "a source that reports more than one sample a period is counted that many times"}, so the threshold is compared with a meaningless number.`
          : `${what} the SampleCount of ${named}: how often it was measured, and not what was measured.`,
      fix: "Set `statistic` to Maximum or Average",
      observed: text,
    });
  } else if (kind === "count" && isWrongForCount(metric, text)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what} the ${text} of ${named}, which counts events: each sample is one event or what one task counted, so only the Sum says how many there were.`,
      fix: "Set `statistic` to Sum",
      observed: text,
    });
  } else if (kind === "duration" && text === "Sum" && metric.id === undefined) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what} the Sum of ${named}, which has a sample for each event: it grows with the traffic and not with how long anything took.`,
      fix: "Set `statistic` to Average or `extendedStatistic` to p99",
      observed: text,
    });
  }
}

/** What keeps a metric's statistic from being judged: it is hidden, missing, or none that CloudWatch knows. */
function noStatistic(statistic: Reading<string>): Reading<string> {
  if (statistic.state === "unknown") return statistic;
  const shown = statistic.state === "known" ? JSON.stringify(statistic.value.slice(0, 40)) : "not set";
  return {
    state: "malformed",
    property: "statistic",
    shown: statistic.state === "malformed" ? statistic.shown : shown,
    observed: null,
    expected: "Average, Maximum, Minimum, Sum, SampleCount or a percentile such as p99",
  };
}

/** What its samples are, as AWS's pages and OpenTelemetry's conventions say. */
const kindOf = ({ aws, pool }: RelevantMetric): AwsMetric["kind"] | undefined =>
  aws ? aws.kind : pool && POOL_KINDS[pool.signal];

const POOL_KINDS: { readonly [signal in PoolSignal]: AwsMetric["kind"] | undefined } = {
  saturation: "gauge",
  used: "gauge",
  max: "gauge",
  pending: "gauge",
  timeouts: "count",
  wait: "duration",
  other: undefined,
};

/** A load balancer's samples are single events; a task's sample of its timeouts is a count, whose maximum says something. */
function isWrongForCount({ aws, id }: RelevantMetric, statistic: string): boolean {
  if (statistic === "Sum") return false;
  if (aws) return statistic !== "SampleCount";
  return id === undefined && statistic !== "Maximum" && statistic !== "SampleCount";
}

/** Sums divide into a mean: `Sum(used) / Sum(max)`, `Sum / SampleCount`. */
const isRatio = ({ metrics, expressions }: RelevantAlarm): boolean =>
  expressions.some(({ text }) => (knownValue(text) ?? "").includes("/")) &&
  metrics.filter(({ reading }) => ["Sum", "SampleCount"].includes(knownValue(reading.statistic) ?? ""))
    .length > 1;

/**
 * A proxy's nodes each report once a minute, and AWS advises to add them up over that minute (RDS User Guide, "Monitoring
 * RDS Proxy metrics"). While its dimensions are hidden, a metric may be a proxy's.
 */
function isProxyMinute({ aws, reading }: RelevantMetric, period: number): boolean {
  if (period !== 60) return false;
  const dimensions = knownValue(reading.dimensions);
  return (
    aws?.of === "proxy" || dimensions === undefined || dimensions.some(({ name }) => name === "ProxyName")
  );
}

/** Whether a metric is watched under the dimensions that it is published with, and those of a resource of this stack. */
export function checkDimensions(metric: RelevantMetric, judged: RelevantAlarm, context: RuleContext): void {
  const dimensions = knownValue(metric.reading.dimensions);
  if (dimensions === undefined) return;
  const { alarm } = judged;
  const { urn, name } = alarm.resource;
  for (const { value } of dimensions) if (value.state === "malformed") context.cannotDecide(urn, value);
  if (metric.pool) {
    if (dimensions.length > 0 || metric.pool.entry !== undefined) return;
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${name} watches ${metricInWords(metric)} without a dimension, and pools report under their name: ${NOTHING}.`,
      fix: "Add the dimensions that the metric is published with, such as `db.client.connection.pool.name`, or enter the metric under `poolMetrics` in the policy configuration if it has none",
      observed: 0,
      allowed: { min: 1, max: null },
      unit: "dimensions",
    });
    return;
  }
  if (!metric.aws) return;
  const what = `Alarm ${name} watches ${metricInWords(metric)}`;
  checkDimensionSet(metric.aws, what, dimensions, judged, context);
  for (const dimension of dimensions) checkValue(metric.aws, what, dimension, judged, context);
}

const NOTHING =
  "CloudWatch takes it for a metric of its own that nothing publishes, so the alarm never fires";

/** `DatabaseConnections` is a database's and a proxy's; of a load balancer's metrics some are a target group's. */
const subjectOf = ({ of }: AwsMetric, dimensions: readonly DimensionReading[]): MetricSubject =>
  of === "database" && dimensions.some(({ name }) => name === "ProxyName") ? "proxy" : of;

function checkDimensionSet(
  metric: AwsMetric,
  what: string,
  dimensions: readonly DimensionReading[],
  { alarm }: RelevantAlarm,
  context: RuleContext,
): void {
  const of = subjectOf(metric, dimensions);
  const names = dimensions.map(({ name }) => name);
  const { required, allowed } = METRIC_DIMENSIONS[of];
  const known = [...required.flat(), ...allowed];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = closest(unknown, known);
    context.violation({
      resource: alarm.resource.urn,
      text: `${what} by the dimension \`${unknown.slice(0, 60)}\`, which AWS does not publish it with: ${NOTHING}.`,
      fix:
        near === undefined
          ? `Use ${required.map((set) => set.map((name) => `\`${name}\``).join(" and ")).join(" or ")}`
          : `Write \`${near}\``,
      observed: unknown.slice(0, 60),
    });
    return;
  }
  if (required.some((set) => set.every((name) => names.includes(name)))) return;
  // Published by AWS for a target group alone as well.
  if (metric.name === "RequestCountPerTarget" && names.includes("TargetGroup")) return;
  const missing = required.map((set) => set.filter((name) => !names.includes(name)));
  const wanted = missing.map((set) => set.map((name) => `\`${name}\``).join(" and ")).join(" or ");
  const consequence =
    of === "database"
      ? "it sees all databases of the account and Region together, and none of them by itself"
      : NOTHING;
  context.violation({
    resource: alarm.resource.urn,
    text: `${what} with ${names.length === 0 ? "no dimension" : `only ${names.map((name) => `\`${name}\``).join(", ")}`}: ${consequence}.`,
    fix: `Add the dimension ${wanted}`,
    observed: names.length,
    unit: "dimensions",
  });
}

function checkValue(
  metric: AwsMetric,
  what: string,
  { name, value, of }: DimensionReading,
  { alarm }: RelevantAlarm,
  context: RuleContext,
): void {
  const text = knownValue(value);
  const { urn } = alarm.resource;
  // A proxy has a target group too, which goes by its name.
  if (text !== undefined && metric.namespace === "AWS/ApplicationELB") {
    checkArnSuffix(name, text, what, alarm, context);
    return;
  }
  if (of.state === "hidden") {
    if (OF_DATABASES.includes(name)) context.cannotDecide(urn, unknown(`dimensions.${name}`, of.reason));
    return;
  }
  if (of.state === "found") {
    const { properties, type } = of.resource;
    const isInstance = resourceTypes.rdsInstance.has(type);
    // RDS reports under the identifier, which is known here, and an instance's `id` is another name; a cluster instance's is not.
    if (text === undefined && isInstance && typeof properties.identifier === "string") {
      context.cannotDecide(urn, {
        property: `dimensions.${name}`,
        reason: `${of.resource.name} has its identifier already, and what the dimension \`${name}\` is made from is something else of it`,
        fix: `Take \`identifier\` of ${of.resource.name}: the \`id\` of an \`aws.rds.Instance\` is its resource id, under which RDS reports nothing`,
      });
    }
    if (text !== undefined && name.startsWith("DB") && text !== text.toLowerCase()) {
      context.violation({
        resource: alarm.resource.urn,
        text: `${what} of "${text.slice(0, 63)}", and RDS reports under the identifier in lower case: ${NOTHING}.`,
        fix: `Write "${text.slice(0, 63).toLowerCase()}"`,
        observed: text.slice(0, 63),
      });
    }
    return;
  }
  if (of.state !== "other" || !OF_DATABASES.includes(name)) return;
  const shown = of.value.slice(0, 63);
  if (!of.isCertain) {
    context.cannotDecide(
      urn,
      unknown(`dimensions.${name}`, `no resource is known to be called "${shown}" yet, and one may be`),
    );
    return;
  }
  const isResourceId = /^(?:db|cluster)-[A-Z0-9]{10,}$/.test(of.value);
  context.violation({
    resource: alarm.resource.urn,
    text: `${what} of "${shown}", ${isResourceId ? "a resource id, under which RDS reports nothing" : "which no database or proxy of this stack is called"}: ${isResourceId ? NOTHING : "an alarm on a name that is gone or mistyped never fires"}.`,
    fix: isResourceId
      ? "Take the `identifier` in place of the `id`"
      : `Take \`${name}\` from the resource it watches; where that is part of another stack, describe it under \`databases\` in the policy configuration`,
    observed: shown,
  });
}

/** The last part of an ARN, as CloudWatch has it: a name or a whole ARN matches nothing. */
function checkArnSuffix(
  dimension: string,
  text: string,
  what: string,
  alarm: RelevantAlarm["alarm"],
  context: RuleContext,
): void {
  const suffix = ARN_SUFFIXES.get(dimension);
  if (suffix === undefined || suffix.pattern.test(text)) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `${what} by a \`${dimension}\` that is not the last part of ${suffix.of} (${suffix.shown}): ${NOTHING}.`,
    fix: "Take `arnSuffix` of the resource",
    observed: text.slice(0, 63),
  });
}

const ARN_SUFFIXES: ReadonlyMap<
  string,
  { readonly pattern: RegExp; readonly of: string; readonly shown: string }
> = new Map([
  [
    "LoadBalancer",
    { pattern: /^app(?:\/[^/]+){2}$/, of: "an Application Load Balancer's ARN", shown: "app/…/…" },
  ],
  [
    "TargetGroup",
    { pattern: /^targetgroup(?:\/[^/]+){2}$/, of: "a target group's ARN", shown: "targetgroup/…/…" },
  ],
]);
