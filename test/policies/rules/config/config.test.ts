import { describe, expect, it } from "vitest";
import { DEFAULT_LEVELS } from "../../../../policies/reports/assess";
import { container, containers, described, secondDatabase } from "../../sampleClients";
import { DATABASE, environment, resource, SERVICE, samplePlan } from "../../samplePlan";
import { by, judge, judgePlan, only } from "../judge";
import { SITUATIONS } from "../situations";

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

const RULE = "poolproof-settings";

describe("a name that matches nothing", () => {
  const settings = { configKeys: { DB_POL_MAX: "shop:pool" } };

  it("counts for what the settings' policy counts, and for nothing where that is disabled", () => {
    expect(only(judge({}, settings), RULE).level).toBe("mandatory");
    const warned = judge({}, settings, { ...DEFAULT_LEVELS, [RULE]: "advisory" });
    expect(only(warned, RULE).level).toBe("advisory");
    const { [RULE]: _, ...disabled } = DEFAULT_LEVELS;
    expect(by(judge({}, settings, disabled), RULE)).toEqual([]);
  });

  it("leaves a stack accepted where it is a pattern", () => {
    const pools = [{ client: "worker*", values: { poolMax: 12 } }];
    expect(judge({}, { pools }).verdict).toBe("accepted");
  });
});

describe("the names that config keys may have", () => {
  it("are all those that the messages of the rules' situations ask for", () => {
    const asked = new Set<string>();
    const configKeys = new Proxy<{ [name: string]: string }>(
      {},
      {
        getOwnPropertyDescriptor: (_, name) => {
          asked.add(String(name));
          return undefined;
        },
      },
    );
    for (const situation of Object.values(SITUATIONS).flat()) {
      // Names that the policy configuration itself gives are known from there.
      const { pools = [], clients = [] } = situation.settings;
      if (pools.length + clients.length === 0)
        judgePlan(situation.plan, { ...situation.settings, configKeys });
    }
    expect(asked.size).toBeGreaterThan(10);
    const named = Object.fromEntries([...asked].map((name) => [name, "shop:key"]));
    expect(by(judge({}, { configKeys: named }), RULE)).toEqual([]);
  });
});
