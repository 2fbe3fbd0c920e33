import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { connectionsAlarm, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { DATABASE, environment, resource, SERVICE, samplePlan, urn } from "../samplePlan";
import { PROXY, throughProxy } from "../sampleProxy";
import { by, judgePlan } from "./judge";

type Changes = Parameters<typeof samplePlan>[0];
const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");

/** Whether poolproof takes an alarm for its business: then it says that this one tells nobody. */
function isJudged(alarm: PlanResource, changes: Changes = {}, without = /^$/): boolean {
  const silent = {
    ...alarm,
    properties: { ...alarm.properties, alarmActions: [] },
    propertyDependencies: {},
  };
  const { alarmActions: _, ...made } = alarm.propertyDependencies;
  const { resources } = samplePlan({ ...changes, alarms: [topic()] });
  const kept = resources.filter(({ type }) => !without.test(type));
  const report = judgePlan({ resources: [...kept, { ...silent, propertyDependencies: made }] });
  return by(report, "alarm-actionable").some(({ resource: at }) => at === alarm.urn);
}

const on = (
  namespace: PropertyValue,
  dimensions: PropertyValue | undefined,
  made: readonly string[] = [],
  metricName: PropertyValue = "Whatever",
) =>
  metricAlarm(
    "watch",
    { namespace, metricName, statistic: "Average", period: 60, dimensions },
    { dimensions: made },
  );

const query = (namespace: string, metricName: string, dimensions: PropertyMap = {}): PropertyMap => ({
  namespace,
  metricName,
  stat: "Average",
  period: 60,
  dimensions,
});
const math = (metricQueries: PropertyValue, made: readonly string[] = [], more: PropertyMap = {}) =>
  metricAlarm("math", { metricQueries, ...more }, { metricQueries: made });
const foreign: PropertyMap = { id: "jobs", metric: query("Shop", "Jobs") };
const sql = (schema: string): PropertyMap => ({
  id: "most",
  expression: `SELECT MAX(CPUUtilization) FROM SCHEMA(${schema}, DBInstanceIdentifier)`,
  period: 60,
});

const OTHER_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const CLUSTER = urn("aws:ecs/cluster:Cluster", "main");
const beside = [
  resource(OTHER_BALANCER, "intranet", { arn: UNKNOWN }),
  resource("aws:ecs/cluster:Cluster", "main", { name: "main" }),
  resource("aws:sqs/queue:Queue", "jobs", {}),
];

describe("an alarm is poolproof's business", () => {
  it.each<[string, PlanResource]>([
    ["on the database, whatever the metric", on("AWS/RDS", { DBInstanceIdentifier: "db1234567" })],
    ["in AWS/RDS without a dimension, since it watches nothing", on("AWS/RDS", undefined)],
    ["on a database that is gone", on("AWS/RDS", { DBInstanceIdentifier: "gone" })],
    ["in an own namespace under a database's dimension", on("Shop/DB", { DBInstanceIdentifier: "gone" })],
    [
      "in an own namespace, where a database's dimension is one of several",
      on("Shop/DB", { Region: "eu", DBInstanceIdentifier: UNKNOWN }, [DATABASE]),
    ],
    ["in a load balancer's namespace without a dimension", on("AWS/ApplicationELB", undefined)],
    ["on the load balancer before a client", on("AWS/ApplicationELB", { LoadBalancer: UNKNOWN }, [BALANCER])],
    [
      "on the client itself, after a dimension that names what is none of it",
      on("AWS/ECS", { ClusterName: "main", ServiceName: UNKNOWN }, [CLUSTER, SERVICE]),
    ],
    ["on a pool's metric", poolAlarm("hikaricp.connections.idle")],
    ["that asks for every database by SQL", math([{ ...sql('"AWS/RDS"'), returnData: true }])],
    [
      "whose math uses what it asks of every database by SQL",
      math([sql("'AWS/RDS'"), { id: "half", expression: "most / 2", returnData: true }]),
    ],
    ["whose queries are hidden and made from the database", math(UNKNOWN, [DATABASE])],
    [
      "whose queries are hidden and made from the service and another resource",
      math(UNKNOWN, [urn("aws:sqs/queue:Queue", "jobs"), SERVICE]),
    ],
  ])("%s", (_, alarm) => {
    expect(isJudged(alarm, { extra: beside })).toBe(true);
  });

  it("on a proxy of this stack, also where only its queries' origin says so", () => {
    const sample = throughProxy();
    expect(isJudged(on("AWS/RDS", { ProxyName: UNKNOWN }, [PROXY]), sample)).toBe(true);
    expect(isJudged(math(UNKNOWN, [PROXY]), sample)).toBe(true);
  });
});

describe("an alarm is none of poolproof's business", () => {
  it.each<[string, PlanResource]>([
    ["on another load balancer", on("AWS/ApplicationELB", { LoadBalancer: UNKNOWN }, [beside[0]?.urn ?? ""])],
    ["on a cluster of services", on("AWS/ECS", { ClusterName: "main" })],
    ["on what is not AWS's", on("Shop", { Queue: "jobs" })],
    ["in an own namespace with hidden dimensions", on("Shop", UNKNOWN)],
    ["on a load balancer that is hidden", on("AWS/ApplicationELB", UNKNOWN)],
    ["whose math is about other things", math([foreign, { id: "twice", expression: "2 * jobs" }])],
    ["that asks for something else by SQL", math([{ ...sql('"AWS/EC2"'), returnData: true }])],
    ["whose queries are hidden and made from another resource", math(UNKNOWN, [CLUSTER])],
    ["whose queries are hidden and made from nothing", math(UNKNOWN)],
  ])("%s", (_, alarm) => {
    expect(isJudged(alarm, { extra: beside })).toBe(false);
  });

  it("in AWS/RDS, where the stack has no database", () => {
    const without = /^aws:rds/;
    expect(isJudged(on("AWS/RDS", { DBInstanceIdentifier: "gone" }), {}, without)).toBe(false);
    expect(isJudged(math([{ ...sql('"AWS/RDS"'), returnData: true }]), {}, without)).toBe(false);
    expect(isJudged(on("AWS/RDS", { DBInstanceIdentifier: "gone" }))).toBe(true);
  });

  it("on a pool's metric, where the stack has no pool", () => {
    expect(isJudged(poolAlarm("hikaricp.connections.pending"), {}, /^aws:ecs/)).toBe(false);
  });

  it("in a load balancer's namespace without a dimension, where none stands before a client", () => {
    expect(isJudged(on("AWS/ApplicationELB", undefined), { service: { loadBalancers: [] } })).toBe(false);
  });
});

describe("what an alarm of two forms is about", () => {
  it("is said by what its queries are made from, and its mistake is named, not taken for a watch", () => {
    const both = math([foreign], [DATABASE], { metricName: "DatabaseConnections", namespace: "AWS/RDS" });
    const report = judgePlan(samplePlan({ alarms: [topic(), both] }));
    expect(by(report, "alarm-shape")).toEqual([
      expect.objectContaining({
        resource: both.urn,
        message: expect.stringContaining("CloudWatch takes one of the two"),
      }),
    ]);
    expect(by(report, "alarms-present").map(({ resource: at }) => at)).toEqual([DATABASE, SERVICE]);
  });
});

describe("the metric that an alarm compares", () => {
  const used = query("AWS/RDS", "DatabaseConnections", { DBInstanceIdentifier: "db1234567" });
  const found = (...alarms: readonly PlanResource[]) =>
    by(judgePlan(samplePlan({ alarms: [topic(), ...alarms] })), "alarm-threshold");

  it("may be a query of its own, which the message names by its id", () => {
    const queries = [{ id: "used", metric: used, returnData: true }, foreign];
    const [finding] = found(math(queries, [], { threshold: 500 }));
    expect(finding?.message).toContain(
      "goes off above 500 connections of AWS/RDS DatabaseConnections (used)",
    );
    expect(finding?.allowed).toEqual({ min: 96, max: 389 });
  });

  it("is the expression that returns data, and not the first one", () => {
    const expressions = (returned: string) =>
      Object.entries({ double: "2 * used", share: "100 * used / 389" }).map(([id, expression]) => ({
        id,
        expression,
        returnData: id === returned,
      }));
    const of = (returned: string) =>
      found(math([...expressions(returned), { id: "used", metric: used }], [], { threshold: 250 }));
    expect(of("double")).toEqual([]);
    expect(of("share").map(({ allowed }) => allowed?.max)).toEqual([100]);
  });

  it("is recognised where the namespace is written in other letters or without `AWS/`", () => {
    for (const namespace of ["AWS/Rds", "RDS"]) {
      expect(found(connectionsAlarm({ namespace, threshold: 10 }))[0]?.allowed?.min, namespace).toBe(96);
    }
  });

  it("goes by its name alone in a message where its namespace is hidden", () => {
    const [finding] = found(poolAlarm("hikaricp.connections.active", { namespace: UNKNOWN, threshold: 12 }));
    expect(finding?.message).toContain(" above 12 connections of hikaricp.connections.active, and ");
  });
});

describe("of two pools in one container", () => {
  const alarms = (dimensions: PropertyValue) =>
    ["pending_requests", "timeouts"].map((metric) =>
      poolAlarm(`db.client.connection.${metric}`, { dimensions }),
    );
  /** Pools that nothing watches, and those of which that cannot be told. */
  function missing(dimensions: PropertyValue) {
    const plan = samplePlan({
      environment: environment({ DB_REPORTS: "2" }),
      alarms: [topic(), connectionsAlarm(), ...alarms(dimensions)],
    });
    const report = judgePlan(plan, {
      pools: [{ client: "api", pool: "reporting", library: "node-postgres" }],
    });
    return [
      ...by(report, "alarms-present").map(({ message }) => /the pool of (.+?) for/.exec(message)?.[1]),
      ...report.undecided.filter(({ rule }) => rule === "alarms-present").map(({ reason }) => reason),
    ];
  }

  it.each<[string, PropertyValue, readonly string[]]>([
    ["the service's name means both", { service: "api-1234567" }, []],
    ["a pool's own name means that one", { pool: "reporting" }, ["api"]],
    ["a pool's own name means that one beside the service's", { service: "api", pool: "reporting" }, ["api"]],
    ["another value that is hidden means no pool", { service: "api", zone: UNKNOWN }, []],
    ["a stranger's name means neither", { pool: "somebody" }, ["api", "api (reporting)"]],
    ["a number means neither", { pool: 5 }, ["api", "api (reporting)"]],
  ])("%s", (_, dimensions, pools) => {
    expect(missing(dimensions)).toEqual(pools);
  });

  it.each<[string, PropertyValue]>([
    ["a dimension", { kind: "hikari", pool: UNKNOWN }],
    ["the dimensions", UNKNOWN],
  ])("%s that is hidden may be that of either", (_, dimensions) => {
    expect(missing(dimensions)).toEqual([
      "alarm pending_requests may be one on its pool, and what it watches is not known yet",
    ]);
  });

  it.each(["api (reporting)", `${SERVICE}`])("an entry of `poolMetrics` may be that of %s", (client) => {
    const entry = { client, pending: ["Queue"], timeouts: ["GaveUp"] };
    const own = ["Queue", "GaveUp"].map((name) =>
      metricAlarm(name, { namespace: "Shop", metricName: name, statistic: "Maximum", period: 60 }),
    );
    const plan = samplePlan({ environment: environment({ DB_REPORTS: "2" }), alarms: [topic(), ...own] });
    const pools = [{ client: "api", pool: "reporting", library: "node-postgres" }];
    const report = judgePlan(plan, { pools, poolMetrics: [entry] });
    const unwatched = by(report, "alarms-present").filter(({ resource: at }) => at === SERVICE);
    expect(unwatched).toHaveLength(client === SERVICE ? 0 : 1);
  });

  it("an alarm whose dimensions name a pool twice has one finding", () => {
    const twice = { service: "api-1234567", "db.client.connection.pool.name": "api" };
    const alarm = poolAlarm("hikaricp.connections.active", { dimensions: twice, threshold: 12 });
    expect(by(judgePlan(samplePlan({ alarms: [topic(), alarm] })), "alarm-threshold")).toHaveLength(1);
  });
});

describe("a database's dimension", () => {
  const undecided = (dimensions: PropertyMap) => {
    const watch = connectionsAlarm({ dimensions }, { dimensions: [] });
    const report = judgePlan(samplePlan({ alarms: [topic(), watch] }));
    const rule = "alarms-present";
    return report.undecided.filter((each) => each.rule === rule && each.resource === DATABASE).length;
  };

  it.each<[PropertyMap, number]>([
    [{ DBInstanceIdentifier: UNKNOWN }, 1],
    [{ Role: "WRITER", DBClusterIdentifier: UNKNOWN }, 1],
    [{ DBInstanceIdentifier: "gone" }, 0],
    [{ ServiceName: UNKNOWN }, 0],
    [{ Role: UNKNOWN }, 0],
  ])("that is hidden may be this one's, and none but that: %j", (dimensions, expected) => {
    expect(undecided(dimensions)).toBe(expected);
  });
});
