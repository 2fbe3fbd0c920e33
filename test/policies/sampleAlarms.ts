import type { PlanResource } from "../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../policies/plan/plan";
import { resource, urn } from "./planResource";

const TOPIC = urn("aws:sns/topic:Topic", "alarms");
const DATABASE = urn("aws:rds/instance:Instance", "db");

export const topic = (): PlanResource =>
  resource("aws:sns/topic:Topic", "alarms", { name: "alarms-1234567", arn: UNKNOWN });

/** URN of an alarm of the sample. */
export const alarmUrn = (name: string): string => urn("aws:cloudwatch/metricAlarm:MetricAlarm", name);

/** A metric alarm that every rule passes, but for what is changed; `undefined` removes a property. */
export function metricAlarm(
  name: string,
  properties: { readonly [name: string]: PropertyValue | undefined },
  propertyDependencies: PlanResource["propertyDependencies"] = {},
): PlanResource {
  const all: { readonly [name: string]: PropertyValue | undefined } = {
    name: `shop-${name}`,
    alarmDescription: `It happened. Runbook: docs/runbooks/${name}.md`,
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    threshold: 5,
    treatMissingData: "notBreaching",
    actionsEnabled: true,
    alarmActions: [UNKNOWN],
    arn: UNKNOWN,
    ...properties,
  };
  const kept = Object.entries(all).filter(
    (entry): entry is [string, PropertyValue] => entry[1] !== undefined,
  );
  // What is left out was made from nothing: it would read as unknown otherwise.
  const made = Object.entries({ alarmActions: [TOPIC], ...propertyDependencies }).filter(
    ([property, urns]) => urns.length > 0 && all[property] !== undefined,
  );
  return resource(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    name,
    Object.fromEntries(kept),
    Object.fromEntries(made),
  );
}

/** An alarm on the sample database's connections, as a program writes it that takes the identifier from the database. */
export const connectionsAlarm = (
  changes: Parameters<typeof metricAlarm>[1] = {},
  propertyDependencies: PlanResource["propertyDependencies"] = {},
  name = "connections",
): PlanResource =>
  metricAlarm(
    name,
    {
      namespace: "AWS/RDS",
      metricName: "DatabaseConnections",
      statistic: "Maximum",
      period: 60,
      threshold: 350,
      dimensions: { DBInstanceIdentifier: "db1234567" },
      ...changes,
    },
    { dimensions: [DATABASE], ...propertyDependencies },
  );

/** An alarm on a metric of the sample's pool, in OpenTelemetry's names. */
export const poolAlarm = (
  metric: string,
  changes: Parameters<typeof metricAlarm>[1] = {},
  name = metric.split(".").pop() ?? metric,
): PlanResource =>
  metricAlarm(name, {
    namespace: "Shop/Pool",
    metricName: metric,
    statistic: metric.endsWith("timeouts") ? "Sum" : "Average",
    period: 60,
    dimensions: { "db.client.connection.pool.name": "api" },
    ...changes,
  });

export const compositeAlarm = (
  name: string,
  properties: PropertyMap,
  propertyDependencies: PlanResource["propertyDependencies"] = {},
): PlanResource =>
  resource(
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    name,
    {
      alarmName: `shop-${name}`,
      alarmDescription: "https://wiki.example.com/runbooks/composite",
      actionsEnabled: true,
      alarmActions: [UNKNOWN],
      arn: UNKNOWN,
      ...properties,
    },
    { alarmActions: [TOPIC], ...propertyDependencies },
  );

/** What poolproof asks for: the database against a limit that it reports itself, so that it suits any; both of the pool. */
export const SAMPLE_ALARMS: readonly PlanResource[] = [
  topic(),
  metricAlarm(
    "connections",
    {
      threshold: 90,
      metricQueries: [
        { id: "share", expression: "100 * used / limit", returnData: true },
        {
          id: "used",
          metric: {
            namespace: "AWS/RDS",
            metricName: "DatabaseConnections",
            stat: "Maximum",
            period: 60,
            dimensions: { DBInstanceIdentifier: "db1234567" },
          },
        },
        {
          id: "limit",
          metric: { namespace: "Shop/Postgres", metricName: "max_connections", stat: "Average", period: 60 },
        },
      ],
    },
    { metricQueries: [DATABASE] },
  ),
  poolAlarm("db.client.connection.pending_requests"),
  poolAlarm("db.client.connection.timeouts"),
];
