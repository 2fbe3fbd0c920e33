import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DATABASE, environment, resource, SERVICE, tags, urn } from "../samplePlan";
import { PROXIED_PARAMETERS, proxyResources, throughProxy } from "../sampleProxy";
import { by, judge, only } from "./judge";

/** A second service with a pool of its own on the same database. */
function worker(poolMax: string, more: object = {}) {
  const containers = [{ name: "worker", environment: [{ name: "DB_POOL_MAX", value: poolMax }] }];
  return [
    resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
      family: "worker",
      containerDefinitions: JSON.stringify(containers),
    }),
    resource(
      "aws:ecs/service:Service",
      "worker",
      {
        name: "worker-7654321",
        desiredCount: 4,
        tags: { "poolproof:peak-requests-per-second": "1", "poolproof:db-hold-ms": "10" },
        ...more,
      },
      { taskDefinition: [urn("aws:ecs/taskDefinition:TaskDefinition", "worker-task")] },
    ),
  ];
}

describe("connection-budget", () => {
  it("adds up every client of the database", () => {
    // 16 × 12 + 8 × 10 + 5 = 277 of ⌊0.8 × 389⌋ = 311.
    const report = judge({ extra: worker("10") });
    expect(by(report, "connection-budget")).toEqual([]);
    expect(report.budgets[0]?.demandAtPeak).toBe(277);
    // Each ceiling is what the others leave: ⌊(311 − 5 − 80) / 16⌋ and ⌊(311 − 5 − 192) / 8⌋.
    expect(report.budgets[0]?.clients.map(({ ceiling }) => ceiling)).toEqual([14, 14]);
  });

  it("rejects the sum when each pool alone would fit, and names the database", () => {
    const violation = only(judge({ extra: worker("15") }), "connection-budget");
    expect(violation.resource).toBe(DATABASE);
    expect(violation.observed).toBe(16 * 12 + 8 * 15 + 5);
    expect(violation.allowed).toEqual({ min: null, max: 311 });
    expect(violation.message).toContain("api 16 tasks × 12, worker 8 tasks × 15 and 5 for operations");
  });

  it("counts both revisions of a blue/green deployment, whatever maximumPercent says", () => {
    const service = { deploymentMaximumPercent: 100, deploymentConfiguration: { strategy: "BLUE_GREEN" } };
    expect(judge({ service }).budgets[0]?.clients[0]?.tasksAtPeak).toBe(16);
    expect(judge({ service: { deploymentMaximumPercent: 100 } }).budgets[0]?.clients[0]?.tasksAtPeak).toBe(8);
  });

  it("counts autoscaling's maximum and not the desired count", () => {
    const report = judge({ scaling: { minCapacity: 8, maxCapacity: 20 } });
    expect(report.budgets[0]?.clients[0]?.tasksAtPeak).toBe(40);
    expect(only(report, "connection-budget").message).toContain("api 40 tasks × 12");
  });

  it("says that an estimated limit is a lower bound", () => {
    const database = { instanceClass: "db.m7g.large" };
    const report = judge({ parameters: [], database, environment: environment({ DB_POOL_MAX: "60" }) });
    expect(report.budgets[0]?.maxConnectionsSource).toBe("estimated");
    expect(only(report, "connection-budget").message).toContain("(a lower bound, AWS does not publish it)");
  });

  it("takes a confirmed limit in place of the estimate, by the database's name", () => {
    const report = judge({ parameters: [] }, { confirmedMaxConnections: { db: 830 } });
    expect(report.budgets[0]).toMatchObject({ maxConnections: 830, maxConnectionsSource: "confirmed" });
  });

  it("rejects what is certain even when another pool is unknown", () => {
    const hidden = worker("10", { deploymentMaximumPercent: UNKNOWN });
    const report = judge({ extra: hidden, environment: environment({ DB_POOL_MAX: "20" }) });
    expect(by(report, "connection-budget")).toHaveLength(1);
    expect(report.budgets[0]?.demandAtPeak).toBeNull();
  });

  it("decides nothing while a pool is unknown and the rest fits", () => {
    const report = judge({ extra: worker("10", { deploymentMaximumPercent: UNKNOWN }) });
    expect(by(report, "connection-budget")).toEqual([]);
    expect(report.undecided.map(({ rule, property }) => [rule, property])).toContainEqual([
      "connection-budget",
      "deploymentMaximumPercent",
    ]);
  });

  it("does not guess which of two databases a pool uses", () => {
    const second = resource("aws:rds/instance:Instance", "reports", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const report = judge({ extra: [second] });
    expect(report.undecided).toContainEqual({
      rule: "connection-budget",
      resource: SERVICE,
      property: "tags",
      reason:
        "2 databases are in this stack and nothing says which one it uses; set the tag `poolproof:database`",
    });
    expect(judge({ extra: [second], tags: tags({ "poolproof:database": "db" }) }).undecided).toEqual([]);
  });

  it("adds what clients of other stacks may hold, and names it", () => {
    const databases = [{ name: "db", otherDemand: 60 }];
    // 16 × 15 + 60 + 5 = 305 of 311; 16 × 16 more than fit.
    const fits = judge({ environment: environment({ DB_POOL_MAX: "15" }) }, { databases });
    expect(by(fits, "connection-budget")).toEqual([]);
    expect(fits.budgets[0]?.demandAtPeak).toBe(305);
    expect(fits.budgets[0]?.clients[0]?.ceiling).toBe(15);
    const violation = only(
      judge({ environment: environment({ DB_POOL_MAX: "16" }) }, { databases }),
      "connection-budget",
    );
    expect(violation.message).toContain(
      "api 16 tasks × 16, 60 of other stacks and 5 for operations make 321",
    );
  });

  it("names the container of each pool in the report", () => {
    expect(judge().budgets[0]?.clients[0]?.container).toBe("api");
  });

  describe("behind an RDS Proxy", () => {
    const through = (poolMax: string, sessions?: string) =>
      judge({
        ...throughProxy({ DB_POOL_MAX: poolMax }),
        tags: tags({ "poolproof:proxy-sessions": sessions }),
      });

    it("accepts pools that fit even if every session pins", () => {
      expect(through("19").violations).toEqual([]);
      expect(through("19").budgets[0]?.demandAtPeak).toBe(16 * 19 + 5);
    });

    it("calls it undecided when only multiplexing would make them fit, and names the tag that decides", () => {
      const report = through("21");
      expect(by(report, "connection-budget")).toEqual([]);
      expect(report.undecided).toHaveLength(1);
      expect(report.undecided[0]?.reason).toMatch(
        /sees \d+ connections if no session pins and 341 if all do, of 311/,
      );
      expect(only(report, "undecided").fix).toContain("`poolproof:proxy-sessions` of api to `multiplexed`");
      expect(report.budgets[0]?.clients[0]?.ceiling).toBeNull();
    });

    it("counts, and names, only what is certain of a pool that may or may not go through the proxy", () => {
      const extra = proxyResources().filter(({ name }) => name !== "host");
      const report = judge({ extra }, { databases: [{ name: "db", otherDemand: 270 }] });
      const { message, observed } = only(report, "connection-budget");
      const said =
        /^api (\d+) if a proxy multiplexes it, 270 of other stacks and 5 for operations make (\d+) /.exec(
          message,
        );
      expect(Number(said?.[1]) + 270 + 5, message).toBe(Number(said?.[2]));
      expect(observed).toBe(Number(said?.[2]));
    });

    it("accepts them when the service says that its sessions multiplex", () => {
      const report = through("21", "multiplexed");
      expect(report.violations).toEqual([]);
      // The whole rate as one queue: 1.25 × 440/s × 90 ms = 49.5 erlangs.
      const demand = report.budgets[0]?.demandAtPeak ?? 0;
      expect(demand).toBeGreaterThan(5 + 49.5);
      expect(demand).toBeLessThan(5 + 70);
    });

    it("rejects them when the service says that they pin, with the ceiling that then holds", () => {
      const violation = only(through("21", "pinned"), "connection-budget");
      expect(violation.observed).toBe(21);
      expect(violation.allowed).toEqual({ min: 11, max: 19 });
      expect(violation.message).toContain("api 336 through `proxy`");
      expect(through("19", "pinned").violations).toEqual([]);
    });

    it("bounds a pool that pins by the proxy's share where that is smaller", () => {
      // ⌊360 × 0.5⌋ would be 180: 50 % of 400 are 200 for 16 tasks.
      const report = judge({
        ...throughProxy({ DB_POOL_MAX: "12" }, { pool: { maxConnectionsPercent: 50 } }),
        tags: tags({ "poolproof:proxy-sessions": "pinned" }),
      });
      expect(report.budgets[0]?.clients[0]?.ceiling).toBe(12);
    });

    it("never counts more than the proxy may open", () => {
      const report = judge(throughProxy({ DB_POOL_MAX: "90" }, { pool: { maxConnectionsPercent: 60 } }));
      expect(report.budgets[0]?.demandAtPeak).toBe(240 + 5);
      expect(by(report, "connection-budget")).toEqual([]);
    });

    it("rejects what does not fit even if every session multiplexes", () => {
      const report = judge({
        ...throughProxy({ DB_POOL_MAX: "60" }),
        tags: tags({ "poolproof:peak-requests-per-second": "2600" }),
      });
      expect(only(report, "connection-budget").message).toMatch(
        /^api \d+ through `proxy` and 5 for operations/,
      );
    });

    it("refuses a tag that says neither", () => {
      const violation = only(through("19", "sometimes"), "connection-budget");
      expect(violation.message).toContain('is "sometimes", not `multiplexed` or `pinned`');
    });

    it("is undecided when nothing says whether the pool goes through the proxy", () => {
      const report = judge({ extra: proxyResources() });
      expect(report.undecided).toContainEqual(
        expect.objectContaining({ rule: "connection-budget", property: "containerDefinitions" }),
      );
    });

    it("takes the proxy's name in the tag for the answer", () => {
      const report = judge({
        parameters: PROXIED_PARAMETERS,
        extra: proxyResources(),
        tags: tags({ "poolproof:database": "proxy" }),
      });
      expect(report.undecided).toEqual([]);
      expect(report.verdict).toBe("accepted");
    });

    it("adds up the whole rate of pools that share a proxy: less than the sum of each alone", () => {
      const one = through("12", "multiplexed").budgets[0]?.demandAtPeak ?? 0;
      const sample = throughProxy({ DB_POOL_MAX: "12" });
      const [task, service] = worker("12", {
        tags: { ...tags({ "poolproof:proxy-sessions": "multiplexed" }), "poolproof:tasks-at-peak": "4" },
      });
      const second = {
        ...(task as PlanResource),
        properties: { family: "worker", ...sample.taskDefinition },
      };
      const both = judge({
        ...sample,
        extra: [...(sample.extra ?? []), second, service as PlanResource],
        tags: tags({ "poolproof:proxy-sessions": "multiplexed" }),
      });
      const demand = both.budgets[0]?.demandAtPeak ?? 0;
      expect(both.budgets[0]?.clients).toHaveLength(2);
      expect(demand - 5).toBeLessThan(2 * (one - 5));
      expect(demand - 5).toBeGreaterThan(2 * 49.5);
    });
  });

  it("links a client whose host comes from a parameter made from the database", () => {
    const host = resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/shop/db/host", value: UNKNOWN },
      { value: [DATABASE] },
    );
    const second = resource("aws:rds/instance:Instance", "reports", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const definitions = JSON.stringify([
      {
        name: "api",
        environment: Object.entries(environment({})).map(([name, value]) => ({ name, value })),
        secrets: [
          { name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host" },
        ],
      },
    ]);
    const report = judge({ extra: [host, second], taskDefinition: { containerDefinitions: definitions } });
    expect(report.undecided).toEqual([]);
    expect(report.budgets.find(({ database }) => database === DATABASE)?.clients).toHaveLength(1);
  });
});
