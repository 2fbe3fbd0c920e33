import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, poolAlarm } from "../sampleAlarms";
import { throughProxy } from "../sampleProxy";
import {
  BALANCER,
  finding,
  NOTHING,
  QUIET,
  rds,
  requests,
  shape,
  TARGETS,
  targets,
  watching,
} from "./watchedAlarm";

describe("the set of dimensions", () => {
  const database = { DBInstanceIdentifier: "db1234567" };
  const all = "it sees all databases of the account and Region together, and none of them by itself";

  it.each([
    ["a database's metric of the instance", rds(database)],
    ["a database's metric of the instance and what narrows it", rds({ ...database, EngineName: "postgres" })],
    ["a load balancer's metric of it", requests("RequestCount", { LoadBalancer: UNKNOWN })],
    [
      "and of one of its target groups",
      requests("RequestCount", { LoadBalancer: UNKNOWN, TargetGroup: UNKNOWN }),
    ],
    [
      "the requests for each target of a target group alone",
      requests("RequestCountPerTarget", { TargetGroup: UNKNOWN }),
    ],
    [
      "a service's metric of service and cluster",
      watching("AWS/ECS", "CPUUtilization", { ServiceName: "api-1234567", ClusterName: "main" }),
    ],
  ])("is whole: %s", (_what, alarm) => {
    expect(shape(alarm)).toEqual(NOTHING);
  });

  it("is a proxy's where the name is a proxy's, with its endpoint or its target group", () => {
    const named = { ProxyName: "proxy-1234567" };
    const sets = [
      named,
      { ...named, EndpointName: "reader" },
      { ...named, TargetGroup: "default", TargetRole: "READ_WRITE" },
    ];
    for (const dimensions of sets) expect(shape(rds(dimensions), throughProxy())).toEqual(NOTHING);
  });

  it.each([
    ["no dimension", {}, 0, "no dimension"],
    ["only what narrows", { EngineName: "postgres" }, 1, "only `EngineName`"],
    ["two that narrow", { EngineName: "postgres", Role: "WRITER" }, 2, "only `EngineName`, `Role`"],
  ])("of a database's metric is not %s", (_what, dimensions, observed, shown) => {
    expect(shape(rds(dimensions))).toEqual(
      finding(
        `AWS/RDS DatabaseConnections with ${shown}: ${all}.`,
        "Add the dimension `DBInstanceIdentifier` or `DBClusterIdentifier`",
        observed,
        "dimensions",
      ),
    );
  });

  it("of a proxy's metric names the proxy: without, nothing is published", () => {
    expect(shape(watching("AWS/RDS", "ClientConnections", undefined))).toEqual(
      finding(
        `AWS/RDS ClientConnections with no dimension: ${QUIET}.`,
        "Add the dimension `ProxyName`",
        0,
        "dimensions",
      ),
    );
  });

  const lacking: readonly (readonly [string, PropertyMap, string, string])[] = [
    ["UnHealthyHostCount", { TargetGroup: UNKNOWN }, "`TargetGroup`", "`LoadBalancer`"],
    ["UnHealthyHostCount", { LoadBalancer: UNKNOWN }, "`LoadBalancer`", "`TargetGroup`"],
    ["RequestCount", { TargetGroup: UNKNOWN }, "`TargetGroup`", "`LoadBalancer`"],
    ["RequestCountPerTarget", { LoadBalancer: UNKNOWN }, "`LoadBalancer`", "`TargetGroup`"],
  ];
  it.each(lacking)("of %s under %j lacks one", (metricName, dimensions, has, lacks) => {
    const statistic = metricName.startsWith("Request") ? "Sum" : "Maximum";
    const alarm = watching("AWS/ApplicationELB", metricName, dimensions, [BALANCER, TARGETS], statistic);
    expect(shape(alarm)).toEqual(
      finding(
        `AWS/ApplicationELB ${metricName} with only ${has}: ${QUIET}.`,
        `Add the dimension ${lacks}`,
        1,
        "dimensions",
      ),
    );
  });

  it.each([
    [
      "near another",
      rds({ DBInstanceIdentifer: "db1234567" }),
      "AWS/RDS DatabaseConnections",
      "DBInstanceIdentifer",
      "Write `DBInstanceIdentifier`",
    ],
    [
      "near none",
      rds({ ...database, Pool: "api" }),
      "AWS/RDS DatabaseConnections",
      "Pool",
      "Use `DBInstanceIdentifier` or `DBClusterIdentifier`",
    ],
    [
      "of another kind",
      requests("RequestCount", { LoadBalancer: UNKNOWN, ProxyName: "proxy" }),
      "AWS/ApplicationELB RequestCount",
      "ProxyName",
      "Use `LoadBalancer`",
    ],
    [
      "where two belong together",
      targets({ LoadBalancer: UNKNOWN, Colour: "blue" }, BALANCER),
      "AWS/ApplicationELB UnHealthyHostCount",
      "Colour",
      "Use `LoadBalancer` and `TargetGroup`",
    ],
    [
      "too long to be shown",
      rds({ ...database, ["X".repeat(61)]: "api" }),
      "AWS/RDS DatabaseConnections",
      "X".repeat(60),
      "Use `DBInstanceIdentifier` or `DBClusterIdentifier`",
    ],
  ])("has no name that AWS does not publish: one %s", (_what, alarm, metric, stranger, fix) => {
    expect(shape(alarm)).toEqual(
      finding(
        `${metric} by the dimension \`${stranger}\`, which AWS does not publish it with: ${QUIET}.`,
        fix,
        stranger,
      ),
    );
  });

  it("of a pool's metric has one dimension at least", () => {
    const bare = poolAlarm("db.client.connection.pending_requests", { dimensions: {} }, "watch");
    expect(shape(bare)).toEqual({
      violations: [
        {
          resource: alarmUrn("watch"),
          text: `Alarm watch watches Shop/Pool db.client.connection.pending_requests without a dimension, and pools report under their name: ${QUIET}.`,
          fix: "Add the dimensions that the metric is published with, such as `db.client.connection.pool.name`, or enter the metric under `poolMetrics` in the policy configuration if it has none",
          observed: 0,
          allowed: { min: 1, max: null },
          unit: "dimensions",
        },
      ],
      undecided: [],
    });
    const own = { poolMetrics: [{ pending: ["db.client.connection.pending_requests"] }] };
    expect(shape(bare, {}, own)).toEqual(NOTHING);
  });
});
