import type { PlanResource } from "../../../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import {
  alarmUrn,
  compositeAlarm,
  connectionsAlarm,
  metricAlarm,
  poolAlarm,
  topic,
} from "../../../sampleAlarms";
import { DATABASE, resource, SERVICE, urn } from "../../../samplePlan";
import { measuredIn, type Situation } from "../../situation";
import { DIMENSION_SHAPE } from "./dimensionShape";
import { QUERY_SHAPE } from "./queryShape";
import { STATISTIC_SHAPE } from "./statisticShape";

const ALARM = alarmUrn("connections");
const CAUSE = urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "cause");
const given = measuredIn(null, ALARM);
const set = (title: string, ...alarms: readonly PlanResource[]): Situation =>
  given(title, { alarms: [topic(), ...alarms] });
const on = (title: string, ...changes: Parameters<typeof connectionsAlarm>): Situation =>
  set(title, connectionsAlarm(...changes));
const arns = (n: number) => Array.from({ length: n }, (_, at) => `arn:aws:sns:eu-west-1:1:topic-${at}`);
const READS = 'ALARM("shop-connections")';
const composite = (title: string, properties: PropertyMap): Situation =>
  set(title, connectionsAlarm(), compositeAlarm("cause", properties));
const HELD: PropertyMap = { actionsSuppressor: { alarm: "shop-connections", waitPeriod: 60 } };
const reading = (n: number) =>
  [READS, ...Array.from({ length: n - 1 }, (_, at) => `ALARM(a${at})`)].join(" OR ");
const many = Array.from({ length: 101 }, (_, at) => connectionsAlarm({}, {}, `c${at}`));
const madeFrom = (n: number) =>
  compositeAlarm(
    "cause",
    { alarmRule: UNKNOWN },
    { alarmRule: many.slice(0, n).map(({ urn: each }) => each) },
  );

const DB_LOAD: PropertyMap = { metricName: "DBLoad", threshold: 16 };
const CREDITS: PropertyMap = {
  metricName: "CPUCreditBalance",
  statistic: "Minimum",
  comparisonOperator: "LessThanThreshold",
  threshold: 20,
};
const WEEK = 604_800;
const window = (period: PropertyValue, evaluationPeriods: PropertyValue): PropertyMap => ({
  period,
  evaluationPeriods,
  datapointsToAlarm: 1,
});
const periods = (...each: readonly number[]) => ({
  metricQueries: [
    { id: "e", expression: "m0 + m1", returnData: true },
    ...each.map((period, at) => ({
      id: `m${at}`,
      metric: {
        namespace: "AWS/RDS",
        metricName: "DatabaseConnections",
        stat: "Maximum",
        period,
        dimensions: { DBInstanceIdentifier: "db1234567" },
      },
    })),
  ],
});
const BAND = [
  "GreaterThanUpperThreshold",
  "LessThanLowerThreshold",
  "LessThanLowerOrGreaterThanUpperThreshold",
];
const unreadable = (title: string, ...made: readonly string[]): Situation =>
  set(
    title,
    metricAlarm(
      "connections",
      { metricQueries: UNKNOWN, threshold: undefined, period: 45 },
      { metricQueries: made },
    ),
  );

const NAMES = [
  ...["AWS/Rds", "aws/rds", "RDS", "rds"].map((namespace) =>
    on(`The namespace is written ${namespace}`, { namespace }).violates(namespace),
  ),
  ...["AWS/ECS", "AWS/EC2", "Shop"].map((namespace) =>
    on(`The namespace ${namespace} does not have the metric`, { namespace }).violates("DatabaseConnections"),
  ),
  ...["rds", "Shop", "ECS/ContainerInsights"].map((namespace) =>
    set(`A pool's metric is in ${namespace}`, poolAlarm("hikaricp.connections.pending", { namespace })),
  ),
  ...["DatabaseConnection", "databaseconnections", "CPUUtilisation"].map((metricName) =>
    on(`The metric is written ${metricName}`, { metricName }).violates(metricName),
  ),
  on("The metric's name is too long to be shown", {
    metricName: `${"DatabaseConnectionsCurrentlySessionPinned".padEnd(61, "x")}`,
  }).violates("DatabaseConnectionsCurrentlySessionPinnedxxxxxxxxxxxxxxxxxxx"),
  on("The metric is like no other", { metricName: "QuantumEntanglement" }).undecided("metricName"),
  on("The metric is like no other and too long to be shown", { metricName: "Q".repeat(61) }).undecided(
    "metricName",
  ),
  on("The metric and its namespace are the program's", {
    namespace: "Shop/Postgres",
    metricName: "max_connections",
  }),
  on("The namespace is not set", { namespace: undefined }).malformed("namespace"),
  on("The namespace is a number", { namespace: 5 }).malformed("namespace"),
  on("The namespace is hidden", { namespace: UNKNOWN }).undecided("namespace"),
  on("The metric is not set", { metricName: undefined }).malformed("metricName"),
  on("The metric is a number", { metricName: 5 }).malformed("metricName"),
  on("The metric is hidden", { metricName: UNKNOWN }).undecided("metricName"),
];

const SIZES = [
  on("The name is as long as may be", { name: "d".repeat(255) }),
  on("The name is too long", { name: "d".repeat(256) }).violates(256, [null, 255], "characters"),
  on("The name is hidden", { name: UNKNOWN }),
  on("The description is as long as may be", { alarmDescription: "d".repeat(1024) }),
  on("The description is too long", { alarmDescription: "d".repeat(1025) }).violates(
    1025,
    [null, 1024],
    "characters",
  ),
  on("The description is hidden", { alarmDescription: UNKNOWN }),
  composite("A composite's description is too long", {
    alarmRule: READS,
    alarmDescription: "d".repeat(1025),
  }).finds(CAUSE, 1025, [null, 1024], "characters"),
  ...["alarmActions", "okActions", "insufficientDataActions"].flatMap((property) => [
    on(`There are five ${property}`, { [property]: arns(5) }),
    on(`There are six ${property}`, { [property]: arns(6) }).violates(6, [null, 5], "actions"),
    on(`The ${property} are hidden`, { [property]: UNKNOWN }),
  ]),
  composite("A composite's rule is as long as may be", { alarmRule: READS.padEnd(10_240, " ") }),
  composite("A composite's rule is too long", { alarmRule: READS.padEnd(10_241, " ") }).finds(
    CAUSE,
    10241,
    [null, 10240],
    "characters",
  ),
  composite("A composite reads 100 alarms", { alarmRule: reading(100) }),
  composite("A composite reads 100 alarms, some twice", {
    alarmRule: `${reading(100)} OR OK(a0) OR ${READS}`,
  }),
  composite("A composite reads 101 alarms", { alarmRule: reading(101) }).finds(
    CAUSE,
    101,
    [null, 100],
    "alarms",
  ),
  set("A composite's rule is hidden and made from 100 alarms", ...many, madeFrom(100)),
  set("A composite's rule is hidden and made from 101 alarms", ...many, madeFrom(101)).finds(
    CAUSE,
    101,
    [null, 100],
    "alarms",
  ),
  composite("A composite's rule is not set", HELD).rejectsValue(CAUSE, "alarmRule"),
  composite("A composite's rule is a number", { ...HELD, alarmRule: 5 }).rejectsValue(CAUSE, "alarmRule"),
  composite("A composite's rule is hidden", { ...HELD, alarmRule: UNKNOWN }),
  composite("A composite with a rule too long reads other alarms", {
    alarmRule: "ALARM(other)".padEnd(10_241, " "),
  }),
];

const CONDITIONS = [
  ...[
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
  ].map((comparisonOperator) => on(`The comparison is ${comparisonOperator}`, { comparisonOperator })),
  on("The comparison is none that CloudWatch has", { comparisonOperator: ">" }).violates(">"),
  on("The comparison is not set", { comparisonOperator: undefined }).malformed("comparisonOperator"),
  on("The comparison is hidden", { comparisonOperator: UNKNOWN }).undecided("comparisonOperator"),
  on("The comparison is a number", { comparisonOperator: 5 }).malformed("comparisonOperator"),
  on("The threshold is not set", { threshold: undefined }).malformed("threshold"),
  on("The threshold is a word", { threshold: "many" }).malformed("threshold"),
  on("The threshold is hidden", { threshold: UNKNOWN }).undecided("threshold"),
  ...BAND.flatMap((comparisonOperator) => [
    on(`${comparisonOperator} has a band`, {
      comparisonOperator,
      threshold: undefined,
      thresholdMetricId: "band",
    }),
    on(`${comparisonOperator} has no band`, { comparisonOperator, threshold: undefined }).malformed(
      "thresholdMetricId",
    ),
    on(`${comparisonOperator} has a number and no band`, { comparisonOperator, threshold: 350 }).malformed(
      "thresholdMetricId",
    ),
  ]),
  on("A band is named and the comparison hidden", {
    comparisonOperator: UNKNOWN,
    threshold: undefined,
    thresholdMetricId: "band",
  }).undecided("comparisonOperator"),
];

const WINDOWS = [
  ...[1, 45, 59, 61, 90, -60, 60.5].map((period) =>
    on(`The period is ${period} s`, { period }).violates(period, null, "s"),
  ),
  ...[10, 20, 30].flatMap((period) => [
    on(`The period is ${period} s of a metric published once a minute`, { period }).violates(
      period,
      [60, null],
      "s",
    ),
    set(
      `The period is ${period} s of a program's own metric`,
      poolAlarm("db.client.connection.pending_requests", { period }),
    ),
  ]),
  ...[60, 120, 300, 3600].map((period) => on(`The period is ${period} s`, { period })),
  on("The period is not set", { period: undefined }).malformed("period"),
  on("The period is a word", { period: "soon" }).malformed("period"),
  on("The period is hidden", { period: UNKNOWN }).undecided("period"),
  on("The period is hidden of a long window", { period: UNKNOWN, evaluationPeriods: 100_000 }).undecided(
    "period",
  ),
  set("Two metrics have the same wrong period", metricAlarm("math", periods(45, 45))).finds(
    alarmUrn("math"),
    45,
    null,
    "s",
  ),
  set("Two metrics have two wrong periods", metricAlarm("math", periods(45, 90)))
    .finds(alarmUrn("math"), 45, null, "s")
    .finds(alarmUrn("math"), 90, null, "s"),
  set(
    "The longest period of two metrics makes the window too long",
    metricAlarm("math", { ...periods(60, 3600), evaluationPeriods: 169 }),
  ).finds(alarmUrn("math"), 608400, [null, 604800], "s"),
  ...[-1, 0.5, 1.5].map((evaluationPeriods) =>
    on(`The window is ${evaluationPeriods} periods`, { evaluationPeriods, datapointsToAlarm: 9 }).violates(
      evaluationPeriods,
      [1, null],
    ),
  ),
  on("The window is not set", { evaluationPeriods: undefined }).malformed("evaluationPeriods"),
  on("The window is 0 periods", { evaluationPeriods: 0 }).malformed("evaluationPeriods"),
  on("The window is hidden", { evaluationPeriods: UNKNOWN }).undecided("evaluationPeriods"),
  on("The window is one period", { evaluationPeriods: 1, datapointsToAlarm: 1 }),
  ...(
    [
      [-1, 5],
      [1.5, 5],
      [6, 5],
      [2, 1],
    ] as const
  ).map(([datapointsToAlarm, evaluationPeriods]) =>
    on(`${datapointsToAlarm} of ${evaluationPeriods} data points fire`, {
      datapointsToAlarm,
      evaluationPeriods,
    }).violates(datapointsToAlarm, [1, evaluationPeriods], "data points"),
  ),
  ...[1, 4, 5, undefined, 0].map((datapointsToAlarm) =>
    on(`${datapointsToAlarm ?? "Unset"} of 5 data points may fire`, {
      datapointsToAlarm,
      evaluationPeriods: 5,
    }),
  ),
  on("The data points that fire are hidden", { datapointsToAlarm: UNKNOWN }).undecided("datapointsToAlarm"),
  on("The data points that fire are a word", { datapointsToAlarm: "some" }).malformed("datapointsToAlarm"),
  ...(
    [
      [60, 1441, 86_400],
      [300, 289, 86_400],
      [3600, 169, WEEK],
      [86_400, 8, WEEK],
      [WEEK, 2, WEEK],
      [WEEK + 60, 1, WEEK],
    ] as const
  ).map(([period, evaluationPeriods, most]) =>
    on(
      `${evaluationPeriods} periods of ${period} s are too long`,
      window(period, evaluationPeriods),
    ).violates(period * evaluationPeriods, [null, most], "s"),
  ),
  ...(
    [
      [60, 1440],
      [3600, 168],
      [WEEK, 1],
    ] as const
  ).map(([period, evaluationPeriods]) =>
    on(
      `${evaluationPeriods} periods of ${period} s may be looked back over`,
      window(period, evaluationPeriods),
    ),
  ),
];

export const ALARM_SHAPE = [
  on("DBLoad needs Performance Insights, and it is off", DB_LOAD).violates("DBLoad"),
  given("DBLoad has Performance Insights", {
    alarms: [topic(), connectionsAlarm(DB_LOAD)],
    database: { performanceInsightsEnabled: true },
  }),
  on("CPU credits are of a class that has none", CREDITS).violates("CPUCreditBalance"),
  given("CPU credits are of a burstable class", {
    alarms: [topic(), connectionsAlarm(CREDITS)],
    database: { instanceClass: "db.t4g.large" },
  }),
  given("The alarms are those that poolproof asks for"),
  ...NAMES,
  ...SIZES,
  ...CONDITIONS,
  ...WINDOWS,
  ...DIMENSION_SHAPE,
  ...STATISTIC_SHAPE,
  ...QUERY_SHAPE,
  unreadable("The queries are hidden and made from the database", DATABASE).undecided("metricQueries"),
  unreadable("The queries are hidden and made from nothing"),
  set(
    "The alarm is on a queue",
    metricAlarm("queue", { namespace: "AWS/SQS", metricName: "NoSuch", statistic: "Sum", period: 45 }),
  ),
  set(
    "The alarm is on a load balancer of another stack",
    metricAlarm("elb", {
      namespace: "AWS/ApplicationELB",
      metricName: "HTTPCode_Target_5XX_Count",
      statistic: "Average",
      period: 60,
      dimensions: { LoadBalancer: "app/of-another-stack/0123456789abcdef" },
    }),
  ),
  set(
    "The alarm has both forms",
    metricAlarm(
      "math",
      {
        metricQueries: [
          {
            id: "jobs",
            metric: { namespace: "Shop", metricName: "Jobs", stat: "Average", period: 60, dimensions: {} },
          },
        ],
        metricName: "DatabaseConnections",
        namespace: "AWS/RDS",
      },
      { metricQueries: [DATABASE] },
    ),
  ).rejectsValue(alarmUrn("math"), "metricQueries"),
  ...(
    [
      ["on", [{ name: "containerInsights", value: "enhanced" }]],
      ["off", [{ name: "containerInsights", value: "disabled" }]],
      ["the account's", undefined],
    ] as const
  ).map(([state, settings]: readonly [string, readonly PropertyMap[] | undefined]) => {
    const cluster = urn("aws:ecs/cluster:Cluster", "main");
    const running = metricAlarm(
      "running",
      {
        namespace: "ECS/ContainerInsights",
        metricName: "RunningTaskCount",
        comparisonOperator: "LessThanThreshold",
        statistic: "Average",
        period: 60,
        dimensions: { ClusterName: "main", ServiceName: "api-1234567" },
      },
      { dimensions: [cluster, SERVICE] },
    );
    const situation = set(
      `Container Insights are ${state}`,
      running,
      resource("aws:ecs/cluster:Cluster", "main", {
        name: "main",
        ...(settings === undefined ? {} : { settings }),
      }),
    );
    if (state === "on") return situation;
    return state === "off"
      ? situation.finds(alarmUrn("running"), "RunningTaskCount")
      : situation.leavesOpen(alarmUrn("running"), "settings");
  }),
];
