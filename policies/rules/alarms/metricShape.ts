import { isStatistic } from "../../model/alarmLimits";
import {
  type AwsMetric,
  METRIC_DIMENSIONS,
  type MetricSubject,
  namesInNamespace,
  namespaceMeant,
  namespacesOf,
} from "../../model/awsMetrics";
import { closest } from "../../model/nearestName";
import type { DimensionReading } from "../../plan/alarmReading";
import { knownValue, type Reading, unknown } from "../../plan/reading";
import type { FindingsBuilder } from "../rule";
import { count, plain } from "../words";
import { alarmFinding } from "./alarmFinding";
import { type JudgedAlarm, type JudgedMetric, metricInWords } from "./judgedAlarms";

/** Whether a metric of an alarm exists, is the one of a resource of this stack, and is read by a fitting statistic. */
export function judgeMetric(metric: JudgedMetric, judged: JudgedAlarm, findings: FindingsBuilder): void {
  const { urn } = judged.alarm.resource;
  const readings: readonly Reading<unknown>[] = [
    metric.reading.namespace,
    metric.reading.name,
    metric.reading.dimensions,
  ];
  for (const reading of readings) {
    findings.cannotDecide(urn, needed(reading));
  }
  judgeName(metric, judged, findings);
  judgeDimensions(metric, judged, findings);
  judgeStatistic(metric, judged, findings);
  judgePeriod(metric, judged, findings);
}

const needed = <T>(reading: Reading<T>): Reading<T> =>
  reading.state === "unset"
    ? { state: "malformed", property: reading.property, shown: "not set", observed: null, expected: "a text" }
    : reading;

function judgeName(metric: JudgedMetric, { alarm }: JudgedAlarm, findings: FindingsBuilder): void {
  const namespace = knownValue(metric.reading.namespace);
  const name = knownValue(metric.reading.name);
  if (namespace === undefined || name === undefined || metric.pool) return;
  const meant = namespaceMeant(namespace);
  const nothing = "no data ever arrives, and the alarm is quiet for good";
  if (meant !== undefined && meant !== namespace) {
    findings.violation(
      alarmFinding(
        alarm,
        `Alarm ${alarm.resource.name} watches the namespace "${namespace}", and AWS publishes ${name} in ${meant}: ${nothing}.`,
        `Set \`namespace\` to "${meant}"`,
        { observed: namespace },
      ),
    );
    return;
  }
  if (metric.aws) return;
  const elsewhere = namespacesOf(name)[0];
  const near = meant === undefined ? undefined : closest(name, namesInNamespace(meant));
  if (elsewhere !== undefined || near !== undefined) {
    findings.violation(
      alarmFinding(
        alarm,
        `Alarm ${alarm.resource.name} watches ${name.slice(0, 60)} in ${namespace}, where there is no such metric: ${nothing}.`,
        elsewhere === undefined ? `Set \`metricName\` to "${near}"` : `Set \`namespace\` to "${elsewhere}"`,
        { observed: name.slice(0, 60) },
      ),
    );
  } else if (meant !== undefined) {
    findings.cannotDecide(alarm.resource.urn, {
      property: "metricName",
      reason: `${name.slice(0, 60)} is not among the metrics of ${namespace} that poolproof knows`,
      fix: `Check with \`aws cloudwatch list-metrics --namespace ${namespace}\` that the metric exists, and accept the finding with an exception`,
    });
  }
}

function judgeDimensions(metric: JudgedMetric, judged: JudgedAlarm, findings: FindingsBuilder): void {
  const dimensions = knownValue(metric.reading.dimensions);
  if (dimensions === undefined) return;
  const { alarm } = judged;
  const { urn, name } = alarm.resource;
  for (const { value } of dimensions) if (value.state === "malformed") findings.cannotDecide(urn, value);
  if (metric.pool) {
    if (dimensions.length > 0 || metric.pool.entry !== undefined) return;
    findings.violation(
      alarmFinding(
        alarm,
        `Alarm ${name} watches ${metricInWords(metric)} without a dimension, and pools report under their name: ${NOTHING}.`,
        "Add the dimensions that the metric is published with, such as `db.client.connection.pool.name`, or enter the metric under `poolMetrics` in the policy configuration if it has none",
        { observed: 0, allowed: { min: 1, max: null }, unit: "dimensions" },
      ),
    );
    return;
  }
  if (!metric.aws) return;
  const of = subjectOf(metric.aws, dimensions);
  judgeDimensionSet(metric, of, dimensions, judged, findings);
  for (const dimension of dimensions) judgeValue(metric, dimension, judged, findings);
}

const NOTHING = "CloudWatch takes it for a metric of its own that nobody publishes, so it is quiet for good";

/** `DatabaseConnections` is a database's and a proxy's; of a load balancer's metrics some are a target group's. */
const subjectOf = ({ of }: AwsMetric, dimensions: readonly DimensionReading[]): MetricSubject =>
  of === "database" && dimensions.some(({ name }) => name === "ProxyName") ? "proxy" : of;

function judgeDimensionSet(
  metric: JudgedMetric,
  of: MetricSubject,
  dimensions: readonly DimensionReading[],
  { alarm }: JudgedAlarm,
  findings: FindingsBuilder,
): void {
  const names = dimensions.map(({ name }) => name);
  const { required, allowed } = METRIC_DIMENSIONS[of];
  const known = [...required.flat(), ...allowed];
  const stranger = names.find((name) => !known.includes(name));
  const what = `Alarm ${alarm.resource.name} watches ${metricInWords(metric)}`;
  if (stranger !== undefined) {
    const near = closest(stranger, known);
    findings.violation(
      alarmFinding(
        alarm,
        `${what} by the dimension \`${stranger.slice(0, 60)}\`, which AWS does not publish it with: ${NOTHING}.`,
        near === undefined
          ? `Use ${required.map((set) => set.map((name) => `\`${name}\``).join(" and ")).join(" or ")}`
          : `Write \`${near}\``,
        { observed: stranger.slice(0, 60) },
      ),
    );
    return;
  }
  if (required.some((set) => set.every((name) => names.includes(name)))) return;
  // Published by AWS for a target group alone as well.
  if (metric.aws?.name === "RequestCountPerTarget" && names.includes("TargetGroup")) return;
  const missing = required.map((set) => set.filter((name) => !names.includes(name)));
  const wanted = missing.map((set) => set.map((name) => `\`${name}\``).join(" and ")).join(" or ");
  const consequence =
    of === "database"
      ? "it sees all databases of the account and Region together, and none of them by itself"
      : NOTHING;
  findings.violation(
    alarmFinding(
      alarm,
      `${what} with ${names.length === 0 ? "no dimension" : `only ${names.map((name) => `\`${name}\``).join(", ")}`}: ${consequence}.`,
      `Add the dimension ${wanted}`,
      { observed: names.length, unit: "dimensions" },
    ),
  );
}

function judgeValue(
  metric: JudgedMetric,
  { name, value, of }: DimensionReading,
  { alarm }: JudgedAlarm,
  findings: FindingsBuilder,
): void {
  const text = knownValue(value);
  const { urn } = alarm.resource;
  const what = `Alarm ${alarm.resource.name} watches ${metricInWords(metric)}`;
  if (of.state === "hidden") {
    if (name === "DBInstanceIdentifier" || name === "DBClusterIdentifier" || name === "ProxyName") {
      findings.cannotDecide(urn, unknown(`dimensions.${name}`, of.reason));
    }
    return;
  }
  if (of.state === "found") {
    const identifier = of.resource.properties.identifier;
    // RDS reports under the identifier, which is known here, and the instance's `id` is another name.
    if (text === undefined && name === "DBInstanceIdentifier" && typeof identifier === "string") {
      findings.cannotDecide(urn, {
        property: `dimensions.${name}`,
        reason: `${of.resource.name} has its identifier already, and what the dimension \`${name}\` is made from is something else of it`,
        fix: `Take \`identifier\` of ${of.resource.name}, or of a cluster's instance: the \`id\` of an \`aws.rds.Instance\` is its resource id, under which RDS reports nothing`,
      });
    }
    if (text !== undefined && /^DB/.test(name) && text !== text.toLowerCase()) {
      findings.violation(
        alarmFinding(
          alarm,
          `${what} of "${text.slice(0, 63)}", and RDS reports under the identifier in lower case: ${NOTHING}.`,
          `Write "${text.slice(0, 63).toLowerCase()}"`,
          { observed: text.slice(0, 63) },
        ),
      );
    }
    return;
  }
  if (of.state !== "stranger" || text === undefined) return;
  if (name === "LoadBalancer" || name === "TargetGroup") {
    judgeArnSuffix(name, text, what, alarm, findings);
    return;
  }
  if (!/^DB|^ProxyName$/.test(name)) return;
  if (!of.isCertain) {
    findings.cannotDecide(
      urn,
      unknown(
        `dimensions.${name}`,
        `no resource is known to be called "${text.slice(0, 63)}" yet, and one may be`,
      ),
    );
    return;
  }
  const isResourceId = /^(?:db|cluster)-[A-Z0-9]{10,}$/.test(text);
  findings.violation(
    alarmFinding(
      alarm,
      `${what} of "${text.slice(0, 63)}", ${isResourceId ? "a resource id, under which RDS reports nothing" : "which no database or proxy of this stack is called"}: ${isResourceId ? NOTHING : "a name that is gone or mistyped is quiet for good"}.`,
      isResourceId
        ? "Take the `identifier` in place of the `id`"
        : `Take \`${name}\` from the resource it watches; where that is part of another stack, describe it under \`databases\` in the policy configuration`,
      { observed: text.slice(0, 63) },
    ),
  );
}

/** `app/NAME/…` and `targetgroup/NAME/…`: a name or a whole ARN matches nothing. */
function judgeArnSuffix(
  dimension: "LoadBalancer" | "TargetGroup",
  text: string,
  what: string,
  alarm: JudgedAlarm["alarm"],
  findings: FindingsBuilder,
): void {
  const [pattern, shown] =
    dimension === "LoadBalancer"
      ? [/^(?:app|net|gwy)\/[^/]+\/[^/]+$/, "app/…/…"]
      : [/^targetgroup\/[^/]+\/[^/]+$/, "targetgroup/…/…"];
  if (pattern.test(text)) return;
  findings.violation(
    alarmFinding(
      alarm,
      `${what} by a \`${dimension}\` that is not the last part of its ARN (${shown}): ${NOTHING}.`,
      "Take `arnSuffix` of the resource",
      { observed: text.slice(0, 63) },
    ),
  );
}

function judgeStatistic(metric: JudgedMetric, judged: JudgedAlarm, findings: FindingsBuilder): void {
  const { alarm } = judged;
  const { statistic, hasTwoStatistics } = metric.reading;
  const what = `Alarm ${alarm.resource.name} takes`;
  if (hasTwoStatistics) {
    findings.violation(
      alarmFinding(
        alarm,
        `Alarm ${alarm.resource.name} sets both \`statistic\` and \`extendedStatistic\`, and CloudWatch takes one: the deployment stops there.`,
        "Leave one of them out",
      ),
    );
    return;
  }
  const text = knownValue(statistic);
  if (text === undefined || !isStatistic(text)) {
    findings.cannotDecide(
      alarm.resource.urn,
      statistic.state === "unknown"
        ? statistic
        : {
            state: "malformed",
            property: "statistic",
            shown: text === undefined ? "not set" : JSON.stringify(text.slice(0, 40)),
            observed: null,
            expected: "Average, Maximum, Minimum, Sum, SampleCount or a percentile such as p99",
          },
    );
    return;
  }
  const kind = kindOf(metric);
  const named = metricInWords(metric);
  const period = knownValue(metric.reading.periodSeconds) ?? 60;
  if (kind === "gauge" && (text === "Sum" || text === "SampleCount")) {
    if (isRatio(metric, judged) || isProxyMinute(metric, period)) return;
    const samples = Math.max(1, Math.round(period / 60));
    findings.violation(
      alarmFinding(
        alarm,
        text === "Sum"
          ? `${what} the Sum of ${named} over ${plain(period)} s, and that is how much there is at a moment: ${samples > 1 ? `${count(samples, "sample")} add up to ${samples} times as much` : "whatever reports more than one sample a period is counted as often"}, so the threshold is compared with a number that never was.`
          : `${what} the SampleCount of ${named}: how often it was measured, and not what was measured.`,
        "Set `statistic` to Maximum or Average",
        { observed: text },
      ),
    );
  } else if (kind === "count" && isWrongForCount(metric, text)) {
    findings.violation(
      alarmFinding(
        alarm,
        `${what} the ${text} of ${named}, which counts events: each sample is one event or what one task counted, so only the Sum says how many there were.`,
        "Set `statistic` to Sum",
        { observed: text },
      ),
    );
  } else if (kind === "duration" && text === "Sum" && metric.id === undefined) {
    findings.violation(
      alarmFinding(
        alarm,
        `${what} the Sum of ${named}, which has a sample for each event: it grows with the traffic and not with how long anything took.`,
        "Set `statistic` to Average or `extendedStatistic` to p99",
        { observed: text },
      ),
    );
  }
}

/** What its samples are, as AWS's pages and OpenTelemetry's conventions say. */
function kindOf({ aws, pool }: JudgedMetric): AwsMetric["kind"] | undefined {
  if (aws) return aws.kind;
  switch (pool?.signal) {
    case "saturation":
    case "used":
    case "max":
    case "pending":
      return "gauge";
    case "timeouts":
      return "count";
    case "wait":
      return "duration";
    default:
      return undefined;
  }
}

/** A load balancer's samples are single events; a task's sample of its timeouts is a count, whose maximum says something. */
function isWrongForCount({ aws, id }: JudgedMetric, statistic: string): boolean {
  if (statistic === "Sum") return false;
  if (aws) return statistic !== "SampleCount";
  return id === undefined && statistic !== "Maximum" && statistic !== "SampleCount";
}

/** Sums divide into a mean: `Sum(used) / Sum(max)`, `Sum / SampleCount`. */
const isRatio = ({ id }: JudgedMetric, { metrics, expressions }: JudgedAlarm): boolean =>
  id !== undefined &&
  expressions.some(({ text }) => (knownValue(text) ?? "").includes("/")) &&
  metrics.filter(({ reading }) => ["Sum", "SampleCount"].includes(knownValue(reading.statistic) ?? ""))
    .length > 1;

/** A proxy's nodes each report once a minute, and AWS advises to add them up over that minute (RDS User Guide, "Monitoring RDS Proxy metrics"). */
const isProxyMinute = ({ aws, reading }: JudgedMetric, period: number): boolean =>
  period === 60 &&
  (aws?.of === "proxy" || knownValue(reading.dimensions)?.some(({ name }) => name === "ProxyName") === true);

/** AWS's own metrics come once a minute: a shorter period finds data in some of its windows and none in the others. */
function judgePeriod(metric: JudgedMetric, { alarm }: JudgedAlarm, findings: FindingsBuilder): void {
  const period = knownValue(metric.reading.periodSeconds);
  if (metric.aws === undefined || period === undefined || period >= 60 || ![10, 20, 30].includes(period))
    return;
  findings.violation(
    alarmFinding(
      alarm,
      `Alarm ${alarm.resource.name} looks at ${metricInWords(metric)} every ${period} s, and AWS publishes it once a minute: of ${60 / period} periods, ${60 / period - 1} have no data.`,
      "Set `period` to 60",
      { observed: period, allowed: { min: 60, max: null }, unit: "s" },
    ),
  );
}
