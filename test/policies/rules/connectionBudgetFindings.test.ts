import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_LEVELS } from "../../../policies/reports/assess";
import type { Report } from "../../../policies/reports/report";
import { DATABASE, environment, resource, SERVICE, tags } from "../samplePlan";
import { secondProxy, throughProxy } from "../sampleProxy";
import { fromSecret } from "../sampleSecret";
import { by, judge, judgePlan, only } from "./judge";

const limit = (value: string) => [{ name: "max_connections", value, applyMethod: "pending-reboot" }];
const pool = (poolMax: string, more = {}) => ({
  environment: environment({ DB_POOL_MAX: poolMax, ...more }),
});

/** A client of the policy configuration that needs 6 connections for each of its 4 instances. */
const described = (name: string, poolMax: number, more: object = {}) => ({
  name,
  poolMax,
  instances: 4,
  acquireTimeoutMs: 1_000,
  peakRequestsPerSecond: 80,
  holdMs: 90,
  ...more,
});

describe("a budget that is exceeded", () => {
  it("is the finding of the service where it is alone, with the whole calculation", () => {
    expect(only(judge(pool("20")), "connection-budget")).toMatchObject({
      resource: SERVICE,
      observed: 20,
      allowed: { min: 11, max: 19 },
      unit: "connections",
      message:
        "`pool.max` is 20, above the ceiling of 19: api 16 tasks × 20 and 5 for operations make 325 connections at peak, more than 311 (80 % of the 389 usable of `max_connections` 400), so new connections would be refused while a deployment or a peak is under way. Set `DB_POOL_MAX` of container `api` in task definition `api-task` to 11–19 (docs/runbooks/connection-budget.md).",
      fix: "Set `DB_POOL_MAX` of container `api` in task definition `api-task` to 11–19",
    });
  });

  it("is the finding of the database where several share it, with the largest share first", () => {
    const clients = [described("worker", 10), described("batch", 30)];
    expect(only(judge({}, { clients }), "connection-budget")).toMatchObject({
      resource: DATABASE,
      observed: 16 * 12 + 4 * 30 + 4 * 10 + 5,
      allowed: { min: null, max: 311 },
      unit: "connections",
      message: expect.stringMatching(
        /^api 16 tasks × 12, batch 4 instances × 30, worker 4 instances × 10 and 5 for operations make 357 connections at peak, more than 311 /,
      ),
    });
  });

  it("counts the processes of a task, and says so", () => {
    const { message } = only(judge(pool("10", { WEB_CONCURRENCY: "2" })), "connection-budget");
    expect(message).toContain("api 16 tasks × 2 × 10 and 5 for operations make 325 connections");
    expect(only(judge(pool("20")), "connection-budget").message).not.toContain("× 1 ×");
  });

  it.each([
    [3, ", c 4 instances × 20 and 5 for operations"],
    [4, ", c 4 instances × 20, 1 more and 5 for operations"],
    [6, ", c 4 instances × 20, 3 more and 5 for operations"],
  ])("names four shares and counts the others: %d beside the service", (others, end) => {
    const names = ["a", "b", "c", "d", "e", "f"].slice(0, others);
    const clients = names.map((name) => described(name, 20));
    expect(only(judge({}, { clients }), "connection-budget").message).toContain(end);
  });

  it("sets a pool to the one size that is safe where floor and ceiling meet", () => {
    // ⌊0.8 × 227⌋ = 181: (181 - 5) / 16 = 11.
    const { fix, allowed } = only(judge({ ...pool("12"), parameters: limit("238") }), "connection-budget");
    expect(allowed).toEqual({ min: 11, max: 11 });
    expect(fix).toBe("Set `DB_POOL_MAX` of container `api` in task definition `api-task` to 11");
  });

  it("gives a pool that declares no demand a bound from above alone", () => {
    const taker = { name: "worker", poolMax: 60, instances: 4, acquireTimeoutMs: 1_000 };
    const { fix } = only(judge({}, { clients: [taker] }), "connection-budget");
    // (311 - 5 - 192) / 4
    expect(fix).toMatch(/to at most 28$/);
  });

  it("is said of the database where the only pool's size is hidden and others alone exceed it", () => {
    const changes = fromSecret("DB_POOL_MAX", {});
    const found = only(
      judge(changes, { databases: [{ name: "db", otherDemand: 400 }] }),
      "connection-budget",
    );
    expect(found).toMatchObject({
      resource: DATABASE,
      observed: 405,
      message: expect.stringMatching(
        /^400 of other stacks and 5 for operations make 405 connections at peak/,
      ),
    });
  });

  it("advises what it can where a ceiling cannot be known", () => {
    // Behind a proxy a pool has no ceiling of its own.
    const sample = throughProxy({ DB_POOL_MAX: "40" });
    const found = only(judge(sample, { databases: [{ name: "db", otherDemand: 290 }] }), "connection-budget");
    expect(found.fix).toBe("Lower the pools, or raise what the database can give");
    expect(found.message).toMatch(/^api \d+ through `proxy`, 290 of other stacks and 5 for operations make /);
  });

  it("names a pool that goes through one of two proxies, or around them, by what is certain", () => {
    const sample = throughProxy();
    const [container] = JSON.parse(String(sample.taskDefinition?.containerDefinitions));
    const reader = { name: "READER_HOST", valueFrom: container.secrets[0].valueFrom.replace("host", "two") };
    container.secrets.push(reader);
    const report = judge(
      {
        ...sample,
        taskDefinition: { containerDefinitions: JSON.stringify([container]) },
        extra: [...(sample.extra ?? []), ...secondProxy()],
      },
      { databases: [{ name: "db", otherDemand: 300 }] },
    );
    expect(only(report, "connection-budget").message).toMatch(
      /^api \d+ through its proxy, 300 of other stacks/,
    );
  });
});

describe("what connection-budget cannot decide", () => {
  const listed = (report: Report) =>
    report.undecided
      .filter(({ rule }) => rule === "connection-budget")
      .map(({ resource: of, property }) => [of.split("::").pop(), property]);

  it("is nothing of a database that nobody in the stack uses", () => {
    const unused = resource("aws:rds/instance:Instance", "reports", {
      engine: "postgres",
      instanceClass: UNKNOWN,
      allocatedStorage: 20,
    });
    const report = judge({ extra: [unused], tags: tags({ "poolproof:database": "db" }) });
    expect(listed(report)).toEqual([]);
  });

  it("is left to max-connections where the limit itself is refused, unless that only warns", () => {
    const refused = { parameters: limit("3") };
    expect(by(judge(refused), "max-connections").length).toBeGreaterThan(0);
    expect(listed(judge(refused))).toEqual([]);
    const levels = { ...DEFAULT_LEVELS, "max-connections": "advisory" as const };
    expect(listed(judge(refused, {}, levels))).toHaveLength(1);
  });

  it("is the limit where that is hidden, beside max-connections", () => {
    const hidden = { parameters: UNKNOWN };
    expect(listed(judge(hidden as never))).toEqual([["db", "parameters"]]);
  });

  it("is a product of numbers that no model carries", () => {
    const report = judge({ scaling: { minCapacity: 8, maxCapacity: 9e15 } });
    expect(listed(report).length).toBeGreaterThan(0);
  });

  it.each([
    ["a service", [], /^Set the tag `poolproof:database` on the service to the name of its database$/],
    [
      "a function",
      [
        resource("aws:lambda/function:Function", "resize", {
          name: "resize",
          environment: { variables: { DB_POOL_MAX: "1" } },
          tags: { "poolproof:peak-requests-per-second": "1", "poolproof:db-hold-ms": "10" },
        }),
      ],
      /^Set the tag `poolproof:database` on the function to the name of its database$/,
    ],
  ])("is the database of %s where there are two, and it says which tag tells", (_kind, more, expected) => {
    const second = resource("aws:rds/instance:Instance", "reports", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const fixes = by(judge({ extra: [second, ...more] }), "undecided").map(({ fix }) => fix);
    expect(fixes).toContainEqual(expect.stringMatching(expected));
  });

  it("is the database of a described client, which the policy configuration names", () => {
    const second = resource("aws:rds/instance:Instance", "reports", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const report = judge({ extra: [second] }, { clients: [described("batch", 3)] });
    expect(by(report, "undecided").map(({ fix }) => fix)).toContain(
      "Set `database` of batch under `clients` in the policy configuration to the name of its database",
    );
  });

  it("is said by coverage where the stack has no database at all", () => {
    const { resources } = judgeless();
    const report = judgePlan({ resources });
    expect(listed(report)).toEqual([]);
    expect(by(report, "coverage").length).toBeGreaterThan(0);
  });
});

/** The sample without its database. */
function judgeless() {
  return {
    resources: [
      resource("pulumi:pulumi:Stack", "shop-test", {}),
      resource("aws:lambda/function:Function", "resize", {
        name: "resize",
        environment: { variables: { DB_POOL_MAX: "1" } },
        tags: { "poolproof:peak-requests-per-second": "1", "poolproof:db-hold-ms": "10" },
      }),
    ],
  };
}
