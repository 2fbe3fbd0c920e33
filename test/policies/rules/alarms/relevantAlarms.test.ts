import { describe, expect, it } from "vitest";
import {
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../../../policies/plan/plan";
import { metricAlarm, poolAlarm, topic } from "../../sampleAlarms";
import { PROXY, throughProxy } from "../../sampleClients";
import { DATABASE, resource, type Sample, SERVICE, samplePlan, urn } from "../../samplePlan";
import { by, judgePlan } from "../judge";

const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");
const CLUSTER = urn("aws:ecs/cluster:Cluster", "main");
const QUEUE = urn("aws:sqs/queue:Queue", "jobs");
const intranet = resource("aws:lb/loadBalancer:LoadBalancer", "intranet", { arn: UNKNOWN });
const extra = [
  intranet,
  resource("aws:ecs/cluster:Cluster", "main", { name: "main" }),
  resource("aws:sqs/queue:Queue", "jobs", {}),
];

/** Whether poolproof judges an alarm: then it says that this one, whose actions are taken away, has none. */
function isJudged(alarm: PlanResource, changes: Partial<Sample> = { extra }, without = /^$/): boolean {
  const { alarmActions: _, ...propertyDependencies } = alarm.propertyDependencies;
  const silent = { ...alarm, properties: { ...alarm.properties, alarmActions: [] }, propertyDependencies };
  const { resources } = samplePlan({ ...changes, alarms: [topic()] });
  const report = judgePlan({ resources: [...resources.filter(({ type }) => !without.test(type)), silent] });
  return by(report, "alarm-actionable").some(({ resource: at }) => at === alarm.urn);
}

const on = (namespace: PropertyValue, dimensions: PropertyValue | undefined, ...made: readonly string[]) =>
  metricAlarm(
    "watch",
    { namespace, metricName: "Whatever", statistic: "Average", period: 60, dimensions },
    { dimensions: made },
  );
const math = (metricQueries: PropertyValue, ...made: readonly string[]) =>
  metricAlarm("math", { metricQueries }, { metricQueries: made });
const foreign: PropertyMap = {
  id: "jobs",
  metric: { namespace: "Shop", metricName: "Jobs", stat: "Average", period: 60, dimensions: {} },
};
const sql = (schema: string): PropertyMap => ({
  id: "most",
  expression: `SELECT MAX(CPUUtilization) FROM SCHEMA(${schema}, DBInstanceIdentifier)`,
  period: 60,
});
const GONE = on("AWS/RDS", { DBInstanceIdentifier: "gone" });

describe("an alarm that is judged", () => {
  it.each<[string, PlanResource]>([
    ["on the database, whatever the metric", on("AWS/RDS", { DBInstanceIdentifier: "db1234567" })],
    ["in AWS/RDS without a dimension, since it watches nothing", on("AWS/RDS", undefined)],
    ["on a database that is gone", GONE],
    ["in an own namespace under a database's dimension", on("Shop/DB", { DBInstanceIdentifier: "gone" })],
    [
      "in an own namespace, where a database's dimension is one of several",
      on("Shop/DB", { Region: "eu", DBInstanceIdentifier: UNKNOWN }, DATABASE),
    ],
    ["in a load balancer's namespace without a dimension", on("AWS/ApplicationELB", undefined)],
    ["on the load balancer before a client", on("AWS/ApplicationELB", { LoadBalancer: UNKNOWN }, BALANCER)],
    [
      "on the client itself, after a dimension that names something else",
      on("AWS/ECS", { ClusterName: "main", ServiceName: UNKNOWN }, CLUSTER, SERVICE),
    ],
    ["on a pool's metric", poolAlarm("hikaricp.connections.idle")],
    ["that asks for every database by SQL", math([{ ...sql('"AWS/RDS"'), returnData: true }])],
    [
      "whose math uses what it asks of every database by SQL",
      math([sql("'AWS/RDS'"), { id: "half", expression: "most / 2", returnData: true }]),
    ],
    ["whose queries are hidden and made from the database", math(UNKNOWN, DATABASE)],
    [
      "whose queries are hidden and made from the service and another resource",
      math(UNKNOWN, QUEUE, SERVICE),
    ],
  ])("is one %s", (_, alarm) => {
    expect(isJudged(alarm)).toBe(true);
  });

  it("is one on a proxy of this stack, also where only its queries' origin says so", () => {
    expect(isJudged(on("AWS/RDS", { ProxyName: UNKNOWN }, PROXY), throughProxy())).toBe(true);
    expect(isJudged(math(UNKNOWN, PROXY), throughProxy())).toBe(true);
  });
});

describe("an alarm that is left alone", () => {
  it.each<[string, PlanResource]>([
    ["on another load balancer", on("AWS/ApplicationELB", { LoadBalancer: UNKNOWN }, intranet.urn)],
    ["on a cluster of services", on("AWS/ECS", { ClusterName: "main" })],
    ["on what is not AWS's", on("Shop", { Queue: "jobs" })],
    ["in an own namespace with hidden dimensions", on("Shop", UNKNOWN)],
    ["on a load balancer that is hidden", on("AWS/ApplicationELB", UNKNOWN)],
    ["whose math is about other things", math([foreign, { id: "twice", expression: "2 * jobs" }])],
    ["that asks for something else by SQL", math([{ ...sql('"AWS/EC2"'), returnData: true }])],
    ["whose queries are hidden and made from another resource", math(UNKNOWN, CLUSTER)],
    ["whose queries are hidden and made from nothing", math(UNKNOWN)],
  ])("is one %s", (_, alarm) => {
    expect(isJudged(alarm)).toBe(false);
  });

  it("is one in AWS/RDS, where the stack has no database", () => {
    const without = /^aws:rds/;
    expect(isJudged(GONE, {}, without)).toBe(false);
    expect(isJudged(math([{ ...sql('"AWS/RDS"'), returnData: true }]), {}, without)).toBe(false);
  });

  it("is one on a pool's metric, where the stack has no pool", () => {
    expect(isJudged(poolAlarm("hikaricp.connections.pending"), {}, /^aws:ecs/)).toBe(false);
  });

  it("is one in a load balancer's namespace without a dimension, where none stands before a client", () => {
    expect(isJudged(on("AWS/ApplicationELB", undefined), { service: { loadBalancers: [] } })).toBe(false);
  });
});
