import { type AwsMetric, METRIC_DIMENSIONS, type MetricSubject } from "../../model/cloudwatch/metrics";
import { closest } from "../../model/nearestName";
import type { DimensionReading } from "../../plan/alarmReading";
import { knownValue, unknown } from "../../plan/reading";
import { resourceTypes } from "../../plan/resourceTypes";
import type { RuleContext } from "../rule";
import { type JudgedAlarm, type JudgedMetric, metricInWords, OF_DATABASES } from "./judgedAlarms";

/** Whether a metric is watched under the dimensions that it is published with, and those of a resource of this stack. */
export function checkDimensions(metric: JudgedMetric, judged: JudgedAlarm, context: RuleContext): void {
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

const NOTHING = "CloudWatch takes it for a metric of its own that nobody publishes, so it is quiet for good";

/** `DatabaseConnections` is a database's and a proxy's; of a load balancer's metrics some are a target group's. */
const subjectOf = ({ of }: AwsMetric, dimensions: readonly DimensionReading[]): MetricSubject =>
  of === "database" && dimensions.some(({ name }) => name === "ProxyName") ? "proxy" : of;

function checkDimensionSet(
  metric: AwsMetric,
  what: string,
  dimensions: readonly DimensionReading[],
  { alarm }: JudgedAlarm,
  context: RuleContext,
): void {
  const of = subjectOf(metric, dimensions);
  const names = dimensions.map(({ name }) => name);
  const { required, allowed } = METRIC_DIMENSIONS[of];
  const known = [...required.flat(), ...allowed];
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    const near = closest(stranger, known);
    context.violation({
      resource: alarm.resource.urn,
      text: `${what} by the dimension \`${stranger.slice(0, 60)}\`, which AWS does not publish it with: ${NOTHING}.`,
      fix:
        near === undefined
          ? `Use ${required.map((set) => set.map((name) => `\`${name}\``).join(" and ")).join(" or ")}`
          : `Write \`${near}\``,
      observed: stranger.slice(0, 60),
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
  { alarm }: JudgedAlarm,
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
  if (of.state !== "stranger" || !OF_DATABASES.includes(name)) return;
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
    text: `${what} of "${shown}", ${isResourceId ? "a resource id, under which RDS reports nothing" : "which no database or proxy of this stack is called"}: ${isResourceId ? NOTHING : "a name that is gone or mistyped is quiet for good"}.`,
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
  alarm: JudgedAlarm["alarm"],
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
