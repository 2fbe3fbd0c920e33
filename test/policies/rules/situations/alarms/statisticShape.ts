import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { alarmUrn, metricAlarm, poolAlarm, topic } from "../../../sampleAlarms";
import { throughProxy } from "../../../sampleClients";
import { DATABASE, SAFE, type Sample, urn } from "../../../samplePlan";
import { measuredIn, type Situation } from "../../situation";

const MADE = [DATABASE, urn("aws:lb/loadBalancer:LoadBalancer", "alb")];
const WATCH = alarmUrn("watch");
const given = measuredIn(null, WATCH);
const OTEL = "db.client.connection";
const percentile = (more: PropertyMap) =>
  taking(undefined, "Shop/Pool", `${OTEL}.wait_time`, {
    dimensions: { pool: "api" },
    extendedStatistic: "p99",
    ...more,
  });
const IGNORING: PropertyMap = { evaluateLowSampleCountPercentiles: "ignore" };

const taking = (
  statistic: PropertyValue | undefined,
  namespace: string,
  metricName: string,
  more: PropertyMap,
) => metricAlarm("watch", { namespace, metricName, statistic, period: 60, ...more }, { dimensions: MADE });
const set = (
  title: string,
  alarm: ReturnType<typeof taking>,
  changes: Partial<Sample> = {},
  settings: Partial<Settings> = {},
): Situation => given(title, { ...changes, alarms: [topic(), alarm] }, settings);

const connections = (statistic: PropertyValue | undefined, more: PropertyMap = {}) =>
  taking(statistic, "AWS/RDS", "DatabaseConnections", {
    dimensions: { DBInstanceIdentifier: "db1234567" },
    ...more,
  });
const balancer = (statistic: string, metricName: string) =>
  taking(statistic, "AWS/ApplicationELB", metricName, { dimensions: { LoadBalancer: UNKNOWN } });
const pool = (statistic: string, metricName: string, more: PropertyMap = {}) =>
  taking(statistic, "Shop/Pool", metricName, { dimensions: { pool: "api" }, ...more });

const onProxy = (title: string, metricName: string, more: PropertyMap): Situation =>
  set(
    title,
    taking("Sum", "AWS/RDS", metricName, {
      dimensions: { ProxyName: "proxy-1234567", EndpointName: "default" },
      ...more,
    }),
    throughProxy(),
  );
const IN_USE: Partial<Settings> = { poolMetrics: [{ saturation: ["InUse"] }] };

type Query = readonly [id: string, metricName: string, stat: PropertyValue];
const math = (
  title: string,
  expressions: readonly PropertyValue[],
  ...metrics: readonly Query[]
): Situation =>
  set(
    title,
    metricAlarm("watch", {
      threshold: 0.9,
      metricQueries: [
        ...expressions.map(
          (expression, at): PropertyMap => ({ id: `e${at}`, expression, returnData: at === 0 }),
        ),
        ...metrics.map(
          ([id, metricName, stat]): PropertyMap => ({
            id,
            metric: { namespace: "Shop/Pool", metricName, stat, period: 60, dimensions: { pool: "api" } },
          }),
        ),
      ],
    }),
  );
const used = (stat: PropertyValue): Query => ["used", `${OTEL}.count`, stat];
const most = (stat: PropertyValue): Query => ["most", `${OTEL}.max`, stat];

export const STATISTIC_SHAPE = [
  ...["Average", "Maximum", "Minimum", "p99", "p99.9", "tm90", "TM(5%:95%)"].map((statistic) =>
    set(`A gauge is taken by ${statistic}`, connections(statistic)),
  ),
  ...[60, 120, 180, 300, 3600].map((period) =>
    set(`A gauge is summed over ${period} s`, connections("Sum", { period })).violates("Sum"),
  ),
  set("A gauge is summed over a hidden period", connections("Sum", { period: UNKNOWN }))
    .violates("Sum")
    .undecided("period"),
  set("A gauge is counted by its samples", connections("SampleCount")).violates("SampleCount"),
  ...[
    `${OTEL}.count`,
    `${OTEL}.max`,
    `${OTEL}.pending_requests`,
    "hikaricp.connections.active",
    "hikaricp_connections_active",
  ].flatMap((metric) => [
    set(`A pool's ${metric} is summed`, pool("Sum", metric)).violates("Sum"),
    set(`A pool's ${metric} is taken by its maximum`, pool("Maximum", metric)),
  ]),
  set("A share of an own name is summed", pool("Sum", "InUse"), {}, IN_USE).violates("Sum"),
  set("A share of an own name is averaged", pool("Average", "InUse"), {}, IN_USE),
  ...["ClientConnections", "DatabaseConnections"].flatMap((metric) => [
    onProxy(`A proxy's ${metric} is summed over a minute`, metric, {}),
    onProxy(`A proxy's ${metric} is summed over two minutes`, metric, { period: 120 }).violates("Sum"),
  ]),
  onProxy("A proxy's metric without a dimension is summed over a minute", "ClientConnections", {
    dimensions: {},
  }).violates(0, null, "dimensions"),
  onProxy(
    "A database's or a proxy's metric is summed over a minute, under hidden dimensions",
    "DatabaseConnections",
    { dimensions: UNKNOWN },
  ).undecided("dimensions"),
  onProxy(
    "A database's or a proxy's metric is summed over two minutes, under hidden dimensions",
    "DatabaseConnections",
    { dimensions: UNKNOWN, period: 120 },
  )
    .violates("Sum")
    .undecided("dimensions"),

  ...["Sum", "SampleCount"].flatMap((statistic) => [
    set(`A load balancer's count is taken by ${statistic}`, balancer(statistic, "HTTPCode_Target_5XX_Count")),
    set(`A pool's count is taken by ${statistic}`, pool(statistic, `${OTEL}.timeouts`)),
  ]),
  ...["Average", "Maximum", "Minimum", "p99"].map((statistic) =>
    set(
      `A load balancer's count is taken by ${statistic}`,
      balancer(statistic, "HTTPCode_Target_5XX_Count"),
    ).violates(statistic),
  ),
  set("A pool's count is taken by its maximum", pool("Maximum", `${OTEL}.timeouts`)),
  ...["Average", "Minimum", "p50"].map((statistic) =>
    set(`A pool's count is taken by ${statistic}`, pool(statistic, `${OTEL}.timeouts`)).violates(statistic),
  ),
  set("A load balancer's duration is summed", balancer("Sum", "TargetResponseTime")).violates("Sum"),
  set("A pool's duration is summed", pool("Sum", `${OTEL}.wait_time`)).violates("Sum"),
  ...["Average", "p99", "SampleCount"].flatMap((statistic) => [
    set(`A load balancer's duration is taken by ${statistic}`, balancer(statistic, "TargetResponseTime")),
    set(`A pool's duration is taken by ${statistic}`, pool(statistic, `${OTEL}.wait_time`)),
  ]),
  ...["Sum", "SampleCount", "Average"].map((statistic) =>
    set(`A pool's metric that says nothing is taken by ${statistic}`, pool(statistic, `${OTEL}.create_time`)),
  ),

  math("Sums divide into a mean", ["used / most"], used("Sum"), most("Sum")),
  math("A sum over its samples is a mean", ["used / n"], used("Sum"), ["n", `${OTEL}.count`, "SampleCount"]),
  math(
    "Sums divide into a mean in a second expression",
    ["100 * e1", "used / most"],
    used("Sum"),
    most("Sum"),
  ),
  math("A sum is divided by a maximum", ["used / most"], used("Sum"), most("Maximum")).violates("Sum"),
  math("Sums are added", ["used + most"], used("Sum"), most("Sum")).violates("Sum").violates("Sum"),
  math("It is hidden what becomes of a sum", [UNKNOWN], used("Sum"), most(UNKNOWN))
    .violates("Sum")
    .undecided("metric.stat")
    .undecided("expression"),
  math(
    "A sum of durations is divided by its samples",
    ["w / n"],
    ["w", `${OTEL}.wait_time`, "Sum"],
    ["n", `${OTEL}.wait_time`, "SampleCount"],
  ),
  math("An average of a count is multiplied", ["t * 8"], ["t", `${OTEL}.timeouts`, "Average"]),

  set("The statistic is mistyped", connections("Mean")).malformed("statistic"),
  set("The statistic is too long to be shown", connections("x".repeat(41))).malformed("statistic"),
  set("The statistic is a number", connections(5)).malformed("statistic"),
  set("The statistic is empty", connections("")).malformed("statistic"),
  set("The statistic is not set", connections(undefined)).malformed("statistic"),
  set("The statistic is hidden", connections(UNKNOWN)).undecided("statistic"),
  set("The statistic is set twice", connections("Maximum", { extendedStatistic: "p99" })).violates(),
  set(
    "The statistic is a percentile",
    poolAlarm(`${OTEL}.wait_time`, { statistic: undefined, extendedStatistic: "p99" }),
  ),
  // 400 requests/s of 1.1 acquisitions over 8 tasks: 26,400 samples a minute.
  set("A p99 that ignores periods with few samples has enough", percentile(IGNORING)),
  set("A p99 that ignores periods with few samples never has enough", percentile(IGNORING), {
    tags: { ...SAFE.tags, "poolproof:peak-requests-per-second": "10" },
  }).violates(660, [1000, null], "samples"),
  set("A p99 that counts few samples as well has few", percentile({}), {
    tags: { ...SAFE.tags, "poolproof:peak-requests-per-second": "10" },
  }),
];
