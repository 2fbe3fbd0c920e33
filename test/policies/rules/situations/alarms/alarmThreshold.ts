import type { PlanResource } from "../../../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { limitTo } from "../../../auroraPlan";
import { alarmUrn, connectionsAlarm, metricAlarm, poolAlarm, topic } from "../../../sampleAlarms";
import { PROXY, proxyResources, throughProxy, WORKER, worker } from "../../../sampleClients";
import { DATABASE, environment, type Sample, SERVICE, tags, urn } from "../../../samplePlan";
import { measuredIn, type Situation } from "../../situation";

const given = measuredIn("connections", SERVICE);
const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");
const TARGETS = urn("aws:lb/targetGroup:TargetGroup", "api-tg");
const FROM = { comparisonOperator: "GreaterThanOrEqualToThreshold" };
const BELOW = { comparisonOperator: "LessThanThreshold" };
const OTEL = "db.client.connection";
const HIKARI = "hikaricp.connections";

/** One alarm, in the sample with some changes. */
const set = (
  title: string,
  alarm: PlanResource,
  changes: Partial<Sample> = {},
  settings: Partial<Settings> = {},
): Situation => given(title, { ...changes, alarms: [topic(), alarm] }, settings);

/** The alarm alone, whose threshold is outside of what its metric may be: least, most and, unless connections, the unit. */
const wrong = (
  title: string,
  alarm: PlanResource,
  [least, most, unit]: readonly [least: number | null, most: number | null, unit?: string | null],
  ...more: [Partial<Sample>?, Partial<Settings>?]
): Situation =>
  set(title, alarm, ...more).finds(alarm.urn, Number(alarm.properties.threshold), [least, most], unit);

const above = (threshold: PropertyValue, more: Parameters<typeof metricAlarm>[1] = {}) =>
  connectionsAlarm({ threshold, ...more });
const onRds = (metricName: string, threshold: number, more: PropertyMap = {}) =>
  connectionsAlarm({ metricName, threshold, statistic: "Average", ...more });
const onPool = (metric: string, threshold: number, more: PropertyMap = {}) =>
  poolAlarm(metric, { threshold, statistic: "Maximum", ...more });
const watch = (
  namespace: string,
  metricName: string,
  threshold: number,
  dimensions: PropertyMap,
  ...made: readonly string[]
) =>
  metricAlarm(
    "watch",
    { namespace, metricName, statistic: "Average", period: 60, threshold, dimensions },
    { dimensions: made },
  );
const ofProxy = (metricName: string, threshold: number) =>
  watch("AWS/RDS", metricName, threshold, { ProxyName: UNKNOWN }, PROXY);
const slow = (
  threshold: number,
  dimensions: PropertyMap = { TargetGroup: UNKNOWN, LoadBalancer: UNKNOWN },
  ...made: readonly string[]
) =>
  watch(
    "AWS/ApplicationELB",
    "TargetResponseTime",
    threshold,
    dimensions,
    ...(made.length > 0 ? made : [TARGETS, BALANCER]),
  );

const pool = (variables: { readonly [name: string]: string | undefined }): Partial<Sample> => ({
  environment: environment(variables),
});
const sized = (poolMax: string) => pool({ DB_POOL_MAX: poolMax });
const QUEUE = pool({ DB_POOL_QUEUE_MAX: "60" });
const HIDDEN: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
const OWN_WAIT = (waitUnit?: "ms" | "s"): Partial<Settings> => ({
  poolMetrics: [{ wait: ["Wait"], ...(waitUnit === undefined ? {} : { waitUnit }) }],
});
const OWN_SHARE: Partial<Settings> = { poolMetrics: [{ saturation: ["InUse"] }] };
const proxied = (sessions?: string): Partial<Sample> => ({
  ...throughProxy(),
  tags: tags({ "poolproof:proxy-sessions": sessions }),
});
const withProxy = (changes: PropertyMap): Partial<Sample> => throughProxy({}, { pool: changes });

const ofPool = (metricName: string): PropertyMap => ({
  namespace: "Shop",
  metricName: `${OTEL}.${metricName}`,
  stat: "Average",
  period: 60,
  dimensions: { pool: "api" },
});
const OPEN: PropertyMap = {
  namespace: "AWS/RDS",
  metricName: "DatabaseConnections",
  stat: "Maximum",
  period: 60,
  dimensions: { DBInstanceIdentifier: "db1234567" },
};
const METRICS: { readonly [id: string]: PropertyMap } = {
  used: ofPool("count"),
  limit: ofPool("max"),
  waiting: ofPool("pending_requests"),
  open: OPEN,
  other: { namespace: "Shop", metricName: "refused", stat: "Sum", period: 60, dimensions: {} },
};
/** An alarm on an expression over the metrics above that it names. */
function math(
  expression: string,
  threshold: number,
  more: PropertyMap = {},
  others: readonly PropertyMap[] = [],
) {
  const named = Object.entries(METRICS).filter(([id]) => new RegExp(`\\b${id}\\b`).test(expression));
  return metricAlarm("math", {
    threshold,
    metricQueries: [
      { id: "result", expression, returnData: true },
      ...named.map(([id, metric]) => ({ id, metric })),
      ...others,
    ],
    ...more,
  });
}
const sum = (many: number) => {
  const ids = Array.from({ length: many }, (_, at) => `m${at}`);
  return math(
    ids.join(" + "),
    12 * many,
    {},
    ids.map((id) => ({ id, metric: METRICS.used ?? {} })),
  );
};
const SHARE: PropertyMap = { id: "share", expression: "100 * open / 400" };
const OPEN_QUERY: PropertyMap = { id: "open", metric: OPEN };
const returning = (id: string) =>
  metricAlarm("math", {
    threshold: 250,
    metricQueries: [
      ...Object.entries({ double: "2 * open", share: "100 * open / 389" }).map(([each, expression]) => ({
        id: each,
        expression,
        returnData: each === id,
      })),
      OPEN_QUERY,
    ],
  });

export const ALARM_THRESHOLD = [
  ...[96, 200, 388].map((threshold) =>
    set(`The alarm fires above ${threshold}, between the pools and the limit`, above(threshold)),
  ),
  ...[97, 200, 389].map((threshold) =>
    set(`The alarm fires from ${threshold} up, between the pools and the limit`, above(threshold, FROM)),
  ),
  wrong("The alarm fires above 95, which the pools hold on any day", above(95), [96, 389]),
  wrong("The alarm fires from 96 up, which the pools hold on any day", above(96, FROM), [96, 389]),
  wrong("The alarm fires above 389, all that clients may have", above(389), [96, 389]),
  wrong("The alarm fires from 390 up, more than clients may have", above(390, FROM), [96, 389]),
  wrong("The alarm fires above 10", above(10), [96, 389]),
  wrong("The alarm fires above 500", above(500), [96, 389]),
  wrong("The alarm fires from 500 up", above(500, FROM), [96, 389]),
  set("The alarm fires below 1, for too few", above(1, BELOW)),
  wrong("The alarm fires below 0", above(0, BELOW), [96, 389]),
  wrong("The alarm fires below 400, on any day", above(400, BELOW), [96, 389]),
  wrong(
    "The alarm fires at -1 or below",
    above(-1, { comparisonOperator: "LessThanOrEqualToThreshold" }),
    [96, 389],
  ),
  wrong("A task has two processes", above(190), [192, 389], pool({ WEB_CONCURRENCY: "2" })),
  wrong(
    "Clients of other stacks hold 50",
    above(140),
    [146, 389],
    {},
    { databases: [{ name: "db", otherDemand: 50 }] },
  ),
  wrong("The pools hold more than the limit", above(400), [480, 389], sized("60")),
  wrong("The pools leave room for a threshold", above(500), [88, 96], {
    ...sized("11"),
    parameters: limitTo("107"),
  }),
  wrong("The pools leave no room for a threshold", above(500), [96, 96], {
    ...sized("12"),
    parameters: limitTo("107"),
  }),
  wrong("A worker's pools count", above(5000), [108, 389], {
    extra: worker(4, { service: { desiredCount: 3 } }),
  }),
  wrong("Sessions behind a proxy multiplex", above(5000), [0, 389], proxied("multiplexed")),
  wrong("Sessions behind a proxy may pin", above(5000), [0, 389], proxied()),
  wrong("Sessions behind a proxy pin", above(5000), [96, 389], proxied("pinned")),
  wrong("The pool may go through a proxy, and nothing fires above the limit", above(5000), [null, 389], {
    extra: proxyResources(),
  }),
  set("The pool may go through a proxy", above(200), { extra: proxyResources() }).undecided(
    "containerDefinitions",
  ),
  wrong("A worker's pools are hidden, and nothing fires above the limit", above(5000), [null, 389], {
    extra: worker(4, { taskDefinition: { containerDefinitions: UNKNOWN } }),
  }),
  set("A worker's pools are hidden", above(200), {
    extra: worker(4, { taskDefinition: { containerDefinitions: UNKNOWN } }),
  }).leavesOpen(WORKER, "containerDefinitions"),
  wrong("The pools are hidden, and nothing fires above the limit", above(500), [null, 389], HIDDEN),
  set("The pools are hidden", above(200), HIDDEN).undecided("containerDefinitions"),
  wrong("The limit is hidden, and the pools hold the threshold on any day", above(10), [96, null], {
    parameters: UNKNOWN,
  }),
  set("The limit is hidden", above(200), { parameters: UNKNOWN }).leavesOpen(DATABASE, "parameters"),
  set("The limit is hidden of an alarm for too few", above(1, BELOW), { parameters: UNKNOWN }),
  wrong("The namespace is written in other letters", above(10, { namespace: "AWS/Rds" }), [96, 389]),
  wrong("The namespace is written without AWS", above(10, { namespace: "RDS" }), [96, 389]),
  wrong(
    "The metric is a query of its own",
    metricAlarm("math", {
      threshold: 500,
      metricQueries: [
        { id: "used", metric: OPEN, returnData: true },
        { id: "other", metric: METRICS.other ?? {} },
      ],
    }),
    [96, 389],
  ),

  set("The threshold is hidden", above(UNKNOWN)).leavesOpen(alarmUrn("connections"), "threshold"),
  set("The comparison is hidden", above(10, { comparisonOperator: UNKNOWN })).leavesOpen(
    alarmUrn("connections"),
    "comparisonOperator",
  ),
  set("The threshold and the comparison are hidden", above(UNKNOWN, { comparisonOperator: UNKNOWN }))
    .leavesOpen(alarmUrn("connections"), "comparisonOperator")
    .leavesOpen(alarmUrn("connections"), "threshold"),
  set("The comparison is none that CloudWatch has", above(500, { comparisonOperator: "Above" })),
  set(
    "The comparison is missing and the threshold hidden",
    above(UNKNOWN, { comparisonOperator: undefined }),
  ),
  set("The comparison is a number", above(500, { comparisonOperator: 5 })),
  set("The threshold is missing", connectionsAlarm({ threshold: undefined })),
  set("The threshold is a word", above("many")),
  set(
    "The queries are hidden",
    metricAlarm("hidden", { metricQueries: UNKNOWN, threshold: UNKNOWN }, { metricQueries: [DATABASE] }),
  ),
  set("Another metric is the threshold", above(10, { thresholdMetricId: "limit" })),
  set(
    "A band is the threshold",
    connectionsAlarm({
      threshold: undefined,
      thresholdMetricId: "band",
      comparisonOperator: "GreaterThanUpperThreshold",
    }),
  ),
  set("No query returns data", metricAlarm("silent", { threshold: 500, metricQueries: [OPEN_QUERY] })),
  set(
    "The alarm is on a queue",
    metricAlarm("queue", {
      namespace: "AWS/SQS",
      metricName: "X",
      statistic: "Sum",
      period: 60,
      threshold: -1,
    }),
  ),

  set("The load is 16 for 16 vCPU", onRds("DBLoad", 16)),
  set("The load is 48 for 16 vCPU", onRds("DBLoad", 48)),
  wrong("The load is 49 for 16 vCPU", onRds("DBLoad", 49), [null, 48, "sessions"]),
  set("The load is 3 for each vCPU", onRds("DBLoadRelativeToNumVCPUs", 3)),
  wrong("The load is 4 for each vCPU", onRds("DBLoadRelativeToNumVCPUs", 4), [null, 3, "sessions"]),
  set("The load falls", onRds("DBLoad", 1000, BELOW)),
  set("The load is of a hidden class", onRds("DBLoad", 1000), { database: { instanceClass: UNKNOWN } }),
  set("The load is of no database", onRds("DBLoad", 1000, { dimensions: {} })),
  set(
    "The load is of a database that is gone",
    onRds("DBLoad", 1000, { dimensions: { DBInstanceIdentifier: "gone" } }),
  ),

  set("A percentage is below 100", onRds("CPUUtilization", 99)),
  wrong("A percentage is 100", onRds("CPUUtilization", 100), [0, 100, "%"]),
  set("Free bytes fall", onRds("FreeableMemory", 1e9, BELOW)),
  wrong("A count of AWS's is 0 and more", onRds("ReadIOPS", 0, FROM), [0, null, null]),
  wrong("A lag is -1 and more", onRds("ReplicaLag", -1, FROM), [-1, null, null]),
  set("A lag falls below 0, where there is no replication", onRds("ReplicaLag", 0, BELOW)),
  set("A sum of lags has no least", onRds("ReplicaLag", -5, { ...FROM, statistic: "Sum" })),
  wrong(
    "A sum of connections is 0 and more",
    onRds("DatabaseConnections", 0, { ...FROM, statistic: "Sum" }),
    [0, null, null],
  ),
  set("A sum of connections has no most", onRds("DatabaseConnections", 1000, { statistic: "Sum" })),
  wrong(
    "A number of samples is 0 and more",
    onRds("DatabaseConnections", 0, { ...FROM, statistic: "SampleCount" }),
    [0, null, null],
  ),
  set("A number of samples falls", onRds("DatabaseConnections", 5, { ...BELOW, statistic: "SampleCount" })),

  wrong("A pool's share in use reaches 100", onPool("InUse", 100), [0, 100, "%"], {}, OWN_SHARE),
  set("Connections in use are one below the pool's size", onPool(`${HIKARI}.active`, 11)),
  wrong("Connections in use reach the pool's size", onPool(`${HIKARI}.active`, 12), [0, 12]),
  wrong(
    "Connections in use reach the pool's size, in a hidden namespace",
    onPool(`${HIKARI}.active`, 12, { namespace: UNKNOWN }),
    [0, 12],
  ),
  wrong(
    "Connections in use reach the pool's size, under two names of the pool",
    onPool(`${HIKARI}.active`, 12, {
      dimensions: { service: "api-1234567", "db.client.connection.pool.name": "api" },
    }),
    [0, 12],
  ),
  set("Connections in use are summed", onPool(`${HIKARI}.active`, 1000, { statistic: "Sum" })),
  set(
    "Samples of connections in use are counted",
    onPool(`${HIKARI}.active`, 1000, { statistic: "SampleCount" }),
  ),
  set(
    "Connections in use of another pool",
    onPool(`${HIKARI}.active`, 0, { ...FROM, dimensions: { pool: "checkout" } }),
    { extra: worker(4) },
  ),
  wrong(
    "Connections in use of the worker's pool",
    onPool(`${HIKARI}.active`, 0, { ...FROM, dimensions: { pool: "worker" } }),
    [0, 4],
    { extra: worker(4) },
  ),
  wrong("A pool's size is above itself", onPool(`${OTEL}.max`, 12), [12, 12]),
  wrong("A pool's size is below one more", onPool(`${OTEL}.max`, 13, BELOW), [12, 12]),
  set("A pool's size falls", onPool(`${OTEL}.max`, 12, BELOW)),
  set("Waiting requests have a queue without an end", onPool(`${OTEL}.pending_requests`, 1000)),
  set("Waiting requests are one below the queue's end", onPool(`${OTEL}.pending_requests`, 59), QUEUE),
  wrong(
    "Waiting requests reach the queue's end",
    onPool(`${OTEL}.pending_requests`, 60),
    [0, 60, "requests"],
    QUEUE,
  ),
  set(
    "Waiting requests have a queue of a library that nobody can tell",
    onPool(`${OTEL}.pending_requests`, 1e6),
    { environment: { DB_POOL_SIZE: "12" } },
  ),
  set("Acquisitions that give up have no most", onPool(`${OTEL}.timeouts`, 1e6)),
  wrong("Acquisitions that give up are 0 and more", onPool(`${OTEL}.timeouts`, 0, FROM), [0, null, null]),
  wrong(
    "Acquisitions that give up are 0 and more, of another pool",
    onPool(`${OTEL}.timeouts`, 0, { ...FROM, dimensions: { pool: "checkout" } }),
    [0, null, null],
    { extra: worker(4) },
  ),
  set("How long connections are used has no most", onPool(`${OTEL}.use_time`, 1e6)),
  set("A wait in seconds is short", onPool(`${OTEL}.wait_time`, 0.05)),
  set("A wait in seconds is just below the acquire timeout", onPool(`${OTEL}.wait_time`, 0.999)),
  wrong("A wait in seconds reaches the acquire timeout", onPool(`${OTEL}.wait_time`, 1), [0, 1, "s"]),
  wrong("A wait in seconds is given in milliseconds", onPool(`${OTEL}.wait_time`, 50), [0, 1, "s"]),
  set("A wait of an older name is in milliseconds", onPool("db.client.connections.wait_time", 50)),
  set("A wait in milliseconds is just below the acquire timeout", onPool(`${HIKARI}.acquire`, 999)),
  wrong("A wait in milliseconds reaches the acquire timeout", onPool(`${HIKARI}.acquire`, 1000), [
    0,
    1000,
    "ms",
  ]),
  wrong(
    "A wait in seconds, as its name says, reaches the acquire timeout",
    onPool("hikaricp_connections_acquire_seconds", 1),
    [0, 1, "s"],
  ),
  wrong(
    "The longest wait in seconds, as its name says, reaches the acquire timeout",
    onPool("hikaricp_connections_acquire_seconds_max", 2),
    [0, 1, "s"],
  ),
  set("A wait of an own name has no unit", onPool("Wait", 5000), {}, OWN_WAIT()),
  wrong(
    "A wait of an own name in seconds reaches the acquire timeout",
    onPool("Wait", 5),
    [0, 1, "s"],
    {},
    OWN_WAIT("s"),
  ),
  wrong(
    "A wait of an own name in milliseconds reaches the acquire timeout",
    onPool("Wait", 5000),
    [0, 1000, "ms"],
    {},
    OWN_WAIT("ms"),
  ),
  set(
    "A wait has no acquire timeout",
    onPool(`${HIKARI}.acquire`, 1e6),
    pool({ DB_POOL_ACQUIRE_TIMEOUT_MS: undefined, PG_POOL_MAX: "12" }),
  ),
  set("A wait never ends", onPool(`${HIKARI}.acquire`, 1e6), pool({ DB_POOL_ACQUIRE_TIMEOUT_MS: "0" })),
  set("A wait of a library without an acquire timeout", onPool(`${HIKARI}.acquire`, 1e6), {
    environment: { DB_MAX_OPEN_CONNS: "12" },
  }),
  set("A pool's size is hidden", onPool(`${HIKARI}.active`, 5), HIDDEN).undecided("containerDefinitions"),
  set("An acquire timeout is hidden", onPool(`${OTEL}.wait_time`, 0.5), HIDDEN).undecided(
    "containerDefinitions",
  ),
  set("A queue's end is hidden", onPool(`${OTEL}.pending_requests`, 5), HIDDEN).undecided(
    "containerDefinitions",
  ),
  set("A pool's size is a word", onPool(`${HIKARI}.active`, 5), sized("ten")),
  set("A pool's size is 0", onPool(`${HIKARI}.active`, 5), sized("0")),

  set("A response time is below the idle timeout", slow(100), { idleTimeout: 120 }),
  wrong("A response time reaches the idle timeout", slow(120), [0, 120, "s"], { idleTimeout: 120 }),
  wrong("A response time is given in milliseconds", slow(800, { LoadBalancer: UNKNOWN }, BALANCER), [
    0,
    60,
    "s",
  ]),
  set(
    "A response time is of a load balancer elsewhere",
    slow(800, { LoadBalancer: "app/other/1", TargetGroup: UNKNOWN }, TARGETS),
  ),
  set(
    "A response time is of a service",
    watch("AWS/ECS", "TargetResponseTime", 800, { ServiceName: UNKNOWN }, SERVICE),
  ),
  set(
    "Requests of a load balancer have no most",
    watch("AWS/ApplicationELB", "RequestCount", 800, { LoadBalancer: UNKNOWN }, BALANCER),
  ),
  set("A response time's idle timeout is hidden", slow(100), { idleTimeout: UNKNOWN }).leavesOpen(
    urn("aws:lb/loadBalancer:LoadBalancer", "alb"),
    "idleTimeout",
  ),

  set("A proxy's connections are one below its share", ofProxy("DatabaseConnections", 359), throughProxy()),
  wrong(
    "A proxy's connections reach its share",
    ofProxy("DatabaseConnections", 360),
    [0, 360],
    throughProxy(),
  ),
  set(
    "A proxy's borrowed connections are one below its share",
    ofProxy("DatabaseConnectionsCurrentlyBorrowed", 359),
    throughProxy(),
  ),
  wrong(
    "A proxy's borrowed connections reach its share",
    ofProxy("DatabaseConnectionsCurrentlyBorrowed", 360),
    [0, 360],
    throughProxy(),
  ),
  set(
    "A proxy's latency is just below its borrow timeout",
    ofProxy("DatabaseConnectionsBorrowLatency", 1_999_999),
    throughProxy(),
  ),
  wrong(
    "A proxy's latency reaches its borrow timeout",
    ofProxy("DatabaseConnectionsBorrowLatency", 2_000_000),
    [0, 2000000, "µs"],
    throughProxy(),
  ),
  set("A proxy's availability is below 100", ofProxy("AvailabilityPercentage", 99), throughProxy()),
  wrong(
    "A proxy's availability reaches 100",
    ofProxy("AvailabilityPercentage", 100),
    [0, 100, "%"],
    throughProxy(),
  ),
  ...["ClientConnections", "QueryRequests", "MaxDatabaseConnectionsAllowed"].map((metric) =>
    set(`A proxy's ${metric} has no most`, ofProxy(metric, 1e6), throughProxy()),
  ),
  set(
    "A proxy's borrow timeout is hidden",
    ofProxy("DatabaseConnectionsBorrowLatency", 1e6),
    withProxy({ connectionBorrowTimeout: UNKNOWN }),
  ).leavesOpen(PROXY, "connectionPoolConfig.connectionBorrowTimeout"),
  set(
    "A proxy's share is hidden",
    ofProxy("DatabaseConnections", 100),
    withProxy({ maxConnectionsPercent: UNKNOWN }),
  ).leavesOpen(PROXY, "connectionPoolConfig.maxConnectionsPercent"),

  wrong("A share of the limit is above 24 %, on any day", math("100 * open / 389", 24), [
    24.67866323907455,
    100,
    null,
  ]),
  set("A share of the limit is above 25 %", math("100 * open / 389", 25)),
  set("A share of the limit is above 99 %", math("100 * open / 389", 99)),
  wrong("A share of the limit is above 100 %", math("100 * open / 389", 100), [24.67866323907455, 100, null]),
  wrong("A fraction of the limit is compared with a percentage", math("FILL(open, 0) / 400", 90), [
    0.24,
    0.9725,
    null,
  ]),
  set("A switch is on above 300 connections", math("IF(open > 300, 1, 0)", 0)),
  wrong("A switch is on above 400 connections", math("IF(open > 400, 1, 0)", 0), [0, 0, null]),
  wrong("An expression is the metric itself", math("open", 500), [96, 389, null]),
  set("A pool's share in use is above 90 %", math("100 * used / limit", 90)),
  wrong("A pool's share in use is above 100 %", math("100 * used / limit", 100), [0, 100, null]),
  wrong("A pool's fraction in use is above 90", math("used / limit", 90), [0, 1, null]),
  wrong("A pool's fraction in use is above -1", math("used / limit", -1), [0, 1, null]),
  wrong("Two metrics are above 150, on any day", math("2 * open + used", 150), [192, 790, null]),
  set("Two metrics are above 192", math("2 * open + used", 192)),
  set("Free connections are above 5", math("limit - used", 5)),
  wrong("Free connections are above the pool's size", math("limit - used", 12), [0, 12, null]),
  set("Free connections are below 1", math("limit - used", 1, BELOW)),
  wrong("Free connections are below 0", math("limit - used", 0, BELOW), [0, 12, null]),
  set("Connections are above 300", math("open", 300)),
  set("Connections are below 1", math("open", 1, BELOW)),
  wrong("Connections are below 0", math("open", 0, BELOW), [96, 389, null]),
  set("Half of the connections are above 48", math("open / 2", 48)),
  wrong("Half of the connections are above 47, on any day", math("open / 2", 47), [48, 194.5, null]),
  set("A pool's size over its use is above 99", math("100 * limit / used", 99)),
  wrong("A pool's size over its use is above 100, which it is at the most", math("100 * limit / used", 100), [
    100,
    100,
    null,
  ]),
  wrong("An expression divides by nothing", math("used / (limit - limit)", 100), [0, 0, null]),
  set("An expression has a metric without a most", math("waiting / (waiting + used)", 0.5)),
  set("An expression has no metric", math("5", 10)),
  set("An expression has a metric that poolproof knows nothing of", math("used / other", 1e9)),
  set("An expression has an expression in it", math("share / 100", 1e9, {}, [SHARE, OPEN_QUERY])),
  ...[
    "RATE(open)",
    "ANOMALY_DETECTION_BAND(open, 2)",
    "SUM(METRICS())",
    "open +",
    "100 * open / missing",
  ].map((expression) => set(`${expression} has no number to judge`, math(expression, 1e9))),
  wrong("An expression adds five metrics", sum(5), [0, 60, null]),
  wrong("An expression adds six metrics", sum(6), [0, 72, null]),
  set("An expression adds seven metrics, too many to judge", sum(7)),
  wrong("The second expression returns data, and is judged", returning("share"), [
    24.67866323907455,
    100,
    null,
  ]),
  set("The first expression returns data, and is judged", returning("double")),
  set("An expression's pool is hidden", math("100 * used / limit", 1e9), HIDDEN).undecided(
    "containerDefinitions",
  ),
  set("An expression's pools on a database are hidden", math("open / 2", 1e9), HIDDEN).undecided(
    "containerDefinitions",
  ),
  set("An expression's limit is hidden, of the first metric", math("open + used", 1e9), {
    parameters: UNKNOWN,
  }).leavesOpen(DATABASE, "parameters"),
  set("An expression's limit is hidden, of the second metric", math("used + open", 1e9), {
    parameters: UNKNOWN,
  }).leavesOpen(DATABASE, "parameters"),
  set("An expression's limit and pool are hidden", math("open + used", 1e9), {
    ...HIDDEN,
    parameters: UNKNOWN,
  }).undecided("containerDefinitions"),
  set(
    "An expression's pool is hidden, after a metric without a most",
    math("waiting + used", 1e9),
    HIDDEN,
  ).undecided("containerDefinitions"),
];
