"use strict";
const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const alarms = new pulumi.Config().require("alarms");

const parameters = new aws.rds.ParameterGroup("tickets-db", {
  family: "postgres16",
  parameters: [
    { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
});
const db = new aws.rds.Instance("tickets-db", {
  engine: "postgres",
  engineVersion: "16",
  instanceClass: "db.m6g.large",
  allocatedStorage: 100,
  username: "tickets",
  manageMasterUserPassword: true,
  parameterGroupName: parameters.name,
  skipFinalSnapshot: true,
});
const host = new aws.ssm.Parameter("db-url", {
  name: "/tickets/db-url",
  type: "String",
  value: pulumi.interpolate`jdbc:postgresql://${db.endpoint}/tickets`,
});

const environment = Object.entries({
  SPRING_APPLICATION_NAME: "tickets",
  SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: "20",
  SPRING_DATASOURCE_HIKARI_CONNECTION_TIMEOUT: "2000",
  DB_STATEMENT_TIMEOUT_MS: "3000",
  DB_LOCK_TIMEOUT_MS: "2000",
  DB_QUERY_TIMEOUT_MS: "4000",
  REQUEST_TIMEOUT_MS: "15000",
}).map(([name, value]) => ({ name, value }));
const task = new aws.ecs.TaskDefinition("tickets", {
  family: "tickets",
  cpu: "1024",
  memory: "2048",
  containerDefinitions: JSON.stringify([
    {
      name: "app",
      image: "tickets/app:7",
      environment,
      secrets: [{ name: "SPRING_DATASOURCE_URL", valueFrom: "/tickets/db-url" }],
    },
  ]),
});
new aws.ecs.Service(
  "tickets",
  {
    cluster: "arn:aws:ecs:eu-central-1:123456789012:cluster/shared",
    taskDefinition: task.arn,
    desiredCount: 4,
    tags: { "poolproof:peak-requests-per-second": "300", "poolproof:db-hold-ms": "25" },
  },
  { dependsOn: [host] },
);

const topic = new aws.sns.Topic("on-call");
const common = { evaluationPeriods: 3, period: 60, comparisonOperator: "GreaterThanThreshold" };

if (alarms === "published") {
  // The connections of five minutes added up.
  new aws.cloudwatch.MetricAlarm("connections-summed", {
    ...common,
    namespace: "AWS/RDS",
    metricName: "DatabaseConnections",
    statistic: "Sum",
    period: 300,
    threshold: 300,
    dimensions: { DBInstanceIdentifier: db.identifier },
    alarmActions: [topic.arn],
    treatMissingData: "breaching",
    alarmDescription: "https://wiki.tickets.example/db-connections",
  });
  // No dimension at all: every database of the account.
  new aws.cloudwatch.MetricAlarm("cpu-of-whom", {
    ...common,
    namespace: "AWS/RDS",
    metricName: "CPUUtilization",
    statistic: "Average",
    threshold: 80,
    alarmActions: [topic.arn],
    treatMissingData: "breaching",
    alarmDescription: "https://wiki.tickets.example/db-cpu",
  });
  // Always on: the pools hold 80 connections on any day.
  new aws.cloudwatch.MetricAlarm("connections-always", {
    ...common,
    namespace: "AWS/RDS",
    metricName: "DatabaseConnections",
    statistic: "Average",
    threshold: 50,
    dimensions: { DBInstanceIdentifier: db.identifier },
    alarmActions: [topic.arn],
    treatMissingData: "breaching",
    alarmDescription: "https://wiki.tickets.example/db-connections",
  });
  // Tells nobody.
  new aws.cloudwatch.MetricAlarm("memory-for-nobody", {
    ...common,
    namespace: "AWS/RDS",
    metricName: "FreeableMemory",
    statistic: "Average",
    comparisonOperator: "LessThanThreshold",
    threshold: 256 * 1024 * 1024,
    dimensions: { DBInstanceIdentifier: db.identifier },
  });
}

if (alarms === "corrected") {
  const pool = (name, metricName, more) =>
    new aws.cloudwatch.MetricAlarm(name, {
      ...common,
      namespace: "tickets",
      metricName,
      dimensions: { application: "tickets", pool: "HikariPool-1" },
      treatMissingData: "notBreaching",
      ...more,
    });
  new aws.cloudwatch.MetricAlarm("connections", {
    ...common,
    namespace: "AWS/RDS",
    metricName: "DatabaseConnections",
    statistic: "Maximum",
    threshold: 340,
    dimensions: { DBInstanceIdentifier: db.identifier },
    alarmActions: [topic.arn],
    treatMissingData: "breaching",
    alarmDescription: "More connections than the pools account for. https://wiki.tickets.example/db-connections",
  });
  // Signals that tell nobody by themselves: the composite does.
  const pending = pool("pending", "hikaricp.connections.pending.value", { statistic: "Maximum", threshold: 5 });
  const timeouts = pool("timeouts", "hikaricp.connections.timeout.count", { statistic: "Sum", threshold: 0 });
  new aws.cloudwatch.CompositeAlarm("pool-starved", {
    alarmName: "tickets-pool-starved",
    alarmRule: pulumi.interpolate`ALARM("${pending.name}") OR ALARM("${timeouts.name}")`,
    alarmActions: [topic.arn],
    alarmDescription: "Requests wait for a connection. https://wiki.tickets.example/pool-starved",
  });
}
