import { describe, expect, it } from "vitest";
import { container, containers, described, secondDatabase } from "../../sampleClients";
import { DATABASE, environment, resource, SERVICE, samplePlan } from "../../samplePlan";
import { judge, judgePlan } from "../judge";

describe("what a report lists as not examined", () => {
  it("is a service without any sign of a database, and an engine that is not judged", () => {
    const web = containers(container("web", { PORT: "80" }));
    expect(judge({ ...web, tags: {} }).coverage.unexamined.map((each) => each.resource)).toEqual([SERVICE]);
    const neptune = resource("aws:rds/cluster:Cluster", "graph", { engine: "neptune" });
    const { unexamined } = judgePlan({ resources: [...samplePlan().resources, neptune] }).coverage;
    expect(unexamined.map((each) => each.resource)).toEqual([neptune.urn]);
  });

  it("is not a task of operations, which is held to what is kept for it", () => {
    const migrate = resource("aws:ecs/taskDefinition:TaskDefinition", "migrate", {
      ...containers(container("migrate", { DB_POOL_MAX: "3" })).taskDefinition,
      tags: { "poolproof:operations-connections": "3" },
    });
    expect(judge({ extra: [migrate] }).coverage.unexamined).toEqual([]);
  });

  it("is a pool whose size is assumed, also beside one that is set", () => {
    const pools = [{ client: "api", pool: "reporting", library: "node-postgres" }];
    const { coverage } = judge({}, { pools });
    expect(coverage.clients).toEqual([SERVICE]);
    expect(coverage.unexamined.map((each) => each.resource)).toEqual([SERVICE]);
    expect(judge({ environment: environment({ DB_POOL_MAX: undefined }) }).coverage.unexamined).toHaveLength(
      1,
    );
  });

  it("is what the policy configuration says is watched elsewhere", () => {
    const alarmsElsewhere = [{ resource: DATABASE, where: "Datadog", reason: "the shop alerts there" }];
    const { unexamined } = judge({}, { alarmsElsewhere }).coverage;
    expect(unexamined).toEqual([
      {
        resource: DATABASE,
        reason:
          "its alarms are in Datadog, as `alarmsElsewhere` in the policy configuration says: the shop alerts there",
      },
    ]);
  });

  it("has a database that only may be a client's, and described clients among those judged", () => {
    const report = judge(
      { extra: [secondDatabase()] },
      { clients: [described("batch", 2, { database: "db" })] },
    );
    expect(report.coverage.databases).toHaveLength(2);
    expect(report.coverage.clients).toHaveLength(2);
    expect(report.undecided.map(({ rule }) => rule)).toContain("connection-budget");
  });
});
