import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/property";
import { DATABASE, environment, resource, SERVICE, tags, urn } from "../samplePlan";
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
    const report = judge({ parameters: [], environment: environment({ DB_POOL_MAX: "60" }) });
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

  describe("behind an RDS Proxy", () => {
    const proxy = [
      resource("aws:rds/proxy:Proxy", "proxy", { name: "proxy-1234567" }),
      resource(
        "aws:rds/proxyTarget:ProxyTarget",
        "proxy-target",
        { dbProxyName: "proxy-1234567", dbInstanceIdentifier: "db1234567" },
        { dbProxyName: [urn("aws:rds/proxy:Proxy", "proxy")], dbInstanceIdentifier: [DATABASE] },
      ),
    ];
    const hostParameter = resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/shop/db/host", value: UNKNOWN },
      { value: [urn("aws:rds/proxy:Proxy", "proxy")] },
    );
    const containers = (poolMax: string) =>
      JSON.stringify([
        {
          name: "api",
          environment: Object.entries(environment({ DB_POOL_MAX: poolMax })).map(([name, value]) => ({
            name,
            value,
          })),
          secrets: [
            { name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host" },
          ],
        },
      ]);
    const through = (poolMax: string) =>
      judge({
        extra: [...proxy, hostParameter],
        taskDefinition: { containerDefinitions: containers(poolMax) },
      });

    it("accepts pools that fit even if every session pins", () => {
      expect(through("19").violations).toEqual([]);
    });

    it("lists that the proxy's own limits are not judged yet", () => {
      expect(through("19").coverage.unexamined).toContainEqual(
        expect.objectContaining({
          resource: SERVICE,
          reason: expect.stringContaining("maxConnectionsPercent"),
        }),
      );
    });

    it("calls it undecided when only multiplexing would make them fit", () => {
      const report = through("30");
      expect(by(report, "connection-budget")).toEqual([]);
      expect(report.undecided).toHaveLength(1);
      expect(report.undecided[0]?.reason).toMatch(
        /sees \d+ connections if no session pins and 485 if all do, of 311/,
      );
      expect(report.budgets[0]?.clients[0]?.ceiling).toBeNull();
    });

    it("is undecided when nothing says whether the pool goes through the proxy", () => {
      const report = judge({ extra: proxy });
      expect(report.undecided.map(({ rule, property }) => [rule, property])).toEqual([
        ["connection-budget", "containerDefinitions"],
      ]);
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
