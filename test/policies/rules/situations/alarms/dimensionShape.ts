import type { PlanResource } from "../../../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { auroraPlan, CLUSTER, member } from "../../../auroraPlan";
import { alarmUrn, metricAlarm, poolAlarm, topic } from "../../../sampleAlarms";
import { PROXY, throughProxy } from "../../../sampleClients";
import { DATABASE, type Sample, SERVICE, urn } from "../../../samplePlan";
import { measuredIn, type Situation } from "../../situation";

const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");
const TARGETS = urn("aws:lb/targetGroup:TargetGroup", "api-tg");
const WATCH = alarmUrn("watch");
const given = measuredIn(null, WATCH);

/** An alarm on a metric under some dimensions, which are made from these resources. */
const watching = (
  namespace: string,
  metricName: string,
  dimensions: PropertyValue | undefined,
  made: readonly string[] = [],
) =>
  metricAlarm(
    "watch",
    {
      namespace,
      metricName,
      statistic: metricName.startsWith("RequestCount") ? "Sum" : "Average",
      period: 60,
      dimensions,
    },
    { dimensions: made },
  );
const rds = (dimensions: PropertyValue | undefined, ...made: readonly string[]) =>
  watching("AWS/RDS", "DatabaseConnections", dimensions, made);
const unhealthy = (dimensions: PropertyMap, ...made: readonly string[]) =>
  watching("AWS/ApplicationELB", "UnHealthyHostCount", dimensions, made);
const balancer = (metricName: string, dimensions: PropertyMap) =>
  watching("AWS/ApplicationELB", metricName, dimensions, [BALANCER, TARGETS]);

const set = (
  title: string,
  alarm: PlanResource,
  changes: Partial<Sample> = {},
  settings: Partial<Settings> = {},
): Situation => given(title, { ...changes, alarms: [topic(), alarm] }, settings);

const OWN = { DBInstanceIdentifier: "db1234567" };
/** The sample while its database has no name yet. */
const UNNAMED: Partial<Sample> = { database: { identifier: UNKNOWN } };
const AURORA: Partial<Sample> = {
  extra: auroraPlan({
    cluster: { clusterIdentifier: "aurora" },
    members: { "aurora-0": { identifier: "aurora-0", instanceClass: "db.r6g.large" } },
  }),
};
const bare = poolAlarm("db.client.connection.pending_requests", { dimensions: {} }, "watch");
const PROXY_SETS: readonly PropertyMap[] = [
  { ProxyName: "proxy-1234567" },
  { ProxyName: "proxy-1234567", EndpointName: "reader" },
  { ProxyName: "proxy-1234567", TargetGroup: "default", TargetRole: "READ_WRITE" },
];
const LONG = "d".repeat(64);
const ALB = "app/alb/50dc6c495c0c9188";
const GROUP_SUFFIX = "targetgroup/api/73e2d6bc24d8a067";

export const DIMENSION_SHAPE = [
  set("A database's metric has its instance", rds(OWN)),
  set("A database's metric has its instance and what narrows it", rds({ ...OWN, EngineName: "postgres" })),
  set("A database's metric has its instance and a class", rds({ ...OWN, DatabaseClass: "db.m7g.4xlarge" })),
  set("A load balancer's metric has it", balancer("RequestCount", { LoadBalancer: UNKNOWN })),
  set(
    "A load balancer's metric has it and a target group",
    balancer("RequestCount", { LoadBalancer: UNKNOWN, TargetGroup: UNKNOWN }),
  ),
  set(
    "The requests of each target have the target group",
    balancer("RequestCountPerTarget", { TargetGroup: UNKNOWN }),
  ),
  set(
    "A service's metric has service and cluster",
    watching("AWS/ECS", "CPUUtilization", { ServiceName: "api-1234567", ClusterName: "main" }),
  ),
  set(
    "A service's metric has a cluster that is hidden",
    watching("AWS/ECS", "CPUUtilization", { ServiceName: "api-1234567", ClusterName: UNKNOWN }),
  ),
  set(
    "A service's metric has a service that is hidden",
    watching("AWS/ECS", "CPUUtilization", { ServiceName: UNKNOWN, ClusterName: "main" }, [SERVICE]),
  ),
  ...PROXY_SETS.map((dimensions) =>
    set(`A proxy's metric has ${Object.keys(dimensions).join(", ")}`, rds(dimensions), throughProxy()),
  ),

  set("A database's metric has no dimensions", rds(undefined)).violates(0, null, "dimensions"),
  set("A database's metric has no dimension", rds({})).violates(0, null, "dimensions"),
  set("A database's metric has one that narrows", rds({ EngineName: "postgres" })).violates(
    1,
    null,
    "dimensions",
  ),
  set("A database's metric has two that narrow", rds({ EngineName: "postgres", Role: "WRITER" })).violates(
    2,
    null,
    "dimensions",
  ),
  set("A proxy's metric has no dimension", watching("AWS/RDS", "ClientConnections", undefined)).violates(
    0,
    null,
    "dimensions",
  ),
  set(
    "A target group's metric lacks the load balancer",
    unhealthy({ TargetGroup: UNKNOWN }, BALANCER, TARGETS),
  ).violates(1, null, "dimensions"),
  set(
    "A target group's metric lacks the target group",
    unhealthy({ LoadBalancer: UNKNOWN }, BALANCER, TARGETS),
  ).violates(1, null, "dimensions"),
  set("The requests lack the load balancer", balancer("RequestCount", { TargetGroup: UNKNOWN })).violates(
    1,
    null,
    "dimensions",
  ),
  set(
    "The requests of each target lack the target group",
    balancer("RequestCountPerTarget", { LoadBalancer: UNKNOWN }),
  ).violates(1, null, "dimensions"),
  set("A dimension is mistyped", rds({ DBInstanceIdentifer: "db1234567" })).violates("DBInstanceIdentifer"),
  set("A dimension is written in other letters", rds({ DbInstanceIdentifier: "db1234567" })).violates(
    "DbInstanceIdentifier",
  ),
  set("A dimension is like no other", rds({ ...OWN, Pool: "api" })).violates("Pool"),
  set(
    "A dimension is another kind's",
    balancer("RequestCount", { LoadBalancer: UNKNOWN, ProxyName: "proxy" }),
  ).violates("ProxyName"),
  set(
    "A dimension is like no other, where two belong together",
    unhealthy({ LoadBalancer: UNKNOWN, Colour: "blue" }, BALANCER),
  ).violates("Colour"),
  set("A dimension is too long to be shown", rds({ ...OWN, ["X".repeat(61)]: "api" })).violates(
    "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
  ),
  set("A pool's metric has no dimension", bare).violates(0, [1, null], "dimensions"),
  set(
    "A pool's metric has no dimensions",
    poolAlarm("db.client.connection.pending_requests", { dimensions: undefined }, "watch"),
  ).violates(0, [1, null], "dimensions"),
  set(
    "The policy configuration names a pool's metric that has no dimension",
    bare,
    {},
    {
      poolMetrics: [{ pending: ["db.client.connection.pending_requests"] }],
    },
  ),

  ...["DBInstanceIdentifier", "DBClusterIdentifier", "ProxyName"].flatMap((dimension) => [
    set(`The ${dimension} is a name that is gone`, rds({ [dimension]: "gone" })).violates("gone"),
    set(`The ${dimension} is hidden`, rds({ [dimension]: UNKNOWN })).undecided(`dimensions.${dimension}`),
  ]),
  set(
    "The name may be that of a resource without one yet",
    rds({ DBInstanceIdentifier: LONG }),
    UNNAMED,
  ).undecided("dimensions.DBInstanceIdentifier"),
  set("The name is too long to be shown", rds({ DBInstanceIdentifier: LONG })).violates(
    "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
  ),
  ...["db-ABCDEFGHIJ", "cluster-ABCDEFGHIJKLMNOPQRSTUVWXY2"].map((id) =>
    set(`The name is the resource id ${id}`, rds({ DBInstanceIdentifier: id })).violates(id),
  ),
  ...["db-ABCDEFGHI", "my-db-ABCDEFGHIJ", "db-ABCDEFGHIJ-2", "db-abcdefghij"].map((name) =>
    set(`The name ${name} is like a resource id`, rds({ DBInstanceIdentifier: name })).violates(name),
  ),
  set("The name of an instance is in capitals", rds({ DBInstanceIdentifier: "Db1234567" })).violates(
    "Db1234567",
  ),
  set(
    "The name of an instance is in capitals and too long to be shown",
    rds({ DBInstanceIdentifier: LONG.toUpperCase() }, DATABASE),
    UNNAMED,
  ).violates("DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"),
  set("The name of a cluster is in capitals", rds({ DBClusterIdentifier: "Aurora" }), AURORA).violates(
    "Aurora",
  ),
  set(
    "The name of a proxy is in capitals, as it is",
    rds({ ProxyName: "Proxy" }),
    throughProxy({}, { proxy: { name: "Proxy" } }),
  ),
  set(
    "The name is made from another property of the instance",
    rds({ DBInstanceIdentifier: UNKNOWN }, DATABASE),
  ).undecided("dimensions.DBInstanceIdentifier"),
  set(
    "The name is made from an instance without one yet",
    rds({ DBInstanceIdentifier: UNKNOWN }, DATABASE),
    UNNAMED,
  ),
  set(
    "The name is made from a cluster's instance",
    rds({ DBInstanceIdentifier: UNKNOWN }, member("aurora-0")),
    AURORA,
  ),
  set("The name is made from a cluster", rds({ DBClusterIdentifier: UNKNOWN }, CLUSTER), AURORA),
  set("The name is made from a proxy", rds({ ProxyName: UNKNOWN }, PROXY), throughProxy()),
  set("The name may be that of a database without one yet", rds(OWN), UNNAMED).undecided(
    "dimensions.DBInstanceIdentifier",
  ),
  set("A dimension that narrows is a number", rds({ ...OWN, Role: 5 })).malformed("dimensions.Role"),
  set(
    "A pool's dimension is a switch",
    poolAlarm("hikaricp.connections.pending", { dimensions: { pool: true } }, "watch"),
  ).malformed("dimensions.pool"),
  set("The dimensions are a list", rds(["db1234567"])).malformed("dimensions"),
  set("The dimensions are hidden", rds(UNKNOWN, DATABASE)).undecided("dimensions"),

  set(
    "A load balancer and a target group are the last part of their ARNs",
    unhealthy({ LoadBalancer: ALB, TargetGroup: GROUP_SUFFIX }, BALANCER, TARGETS),
  ),
  set(
    "A load balancer and a target group of another stack are the last part of their ARNs",
    unhealthy({ LoadBalancer: ALB, TargetGroup: GROUP_SUFFIX }, BALANCER),
  ),
  set(
    "A load balancer's zone narrows",
    unhealthy({ LoadBalancer: ALB, TargetGroup: GROUP_SUFFIX, AvailabilityZone: "eu-west-1a" }, BALANCER),
  ),
  ...[
    "alb",
    `arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/${ALB}`,
    `loadbalancer/${ALB}`,
    "app/alb",
    "app/alb/",
    "app//50dc6c495c0c9188",
    `${ALB}/f2f7dc8efc522ab2`,
    "net/nlb/50dc6c495c0c9188",
    GROUP_SUFFIX,
  ].map((LoadBalancer) =>
    set(
      `A load balancer is ${LoadBalancer}`,
      unhealthy({ LoadBalancer, TargetGroup: UNKNOWN }, BALANCER, TARGETS),
    ).violates(LoadBalancer.slice(0, 63)),
  ),
  ...[
    "api-tg-1234567",
    `x:${GROUP_SUFFIX}`,
    "targetgroup/api",
    "targetgroup//73e2d6bc24d8a067",
    `${GROUP_SUFFIX}/`,
    `${GROUP_SUFFIX}/a`,
    ALB,
  ].map((TargetGroup) =>
    set(
      `A target group is ${TargetGroup}`,
      unhealthy({ LoadBalancer: UNKNOWN, TargetGroup }, BALANCER, TARGETS),
    ).violates(TargetGroup),
  ),
];
