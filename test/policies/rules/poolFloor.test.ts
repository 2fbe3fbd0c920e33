import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { environment, SERVICE, tags } from "../samplePlan";
import { by, judge, only } from "./judge";

const pool = (max: string | undefined) => judge({ environment: environment({ DB_POOL_MAX: max }) });

describe("pool-floor", () => {
  it("accepts a pool at the floor", () => {
    expect(by(pool("11"), "pool-floor")).toEqual([]);
  });

  it.each([
    ["ten", '"ten", not a whole number of connections from 1 up'],
    ["0", "0, not a whole number"],
    ["-3", "-3, not a whole number"],
    ["NaN", '"NaN", not a whole number'],
    ["2.5", "2.5, not a whole number"],
    ["", '"", not a whole number'],
    ["0x10", '"0x10", not a whole number'],
    ["1e300", "1e300, not a whole number"],
  ])("rejects a pool of %j, naming the value and what would be right", (max, shown) => {
    const report = pool(max);
    expect(report.verdict).toBe("rejected");
    const violation = only(report, "pool-floor");
    expect(violation.message).toContain(`\`pool.max\` of api is ${shown}`);
    expect(violation.allowed).toEqual({ min: 11, max: 19 });
    const observed = Number(max);
    expect(violation.observed).toBe(
      max !== "" && Number.isFinite(observed) && max !== "0x10" ? observed : max,
    );
    expect(violation.fix).toContain("11–19");
  });

  it("judges the library's own default when nothing sets the pool, and says whose default it is", () => {
    const violation = only(pool(undefined), "pool-floor");
    expect(violation.observed).toBe(10);
    expect(violation.message).toContain("`pool.max` is 10 (node-postgres's default), below the floor of 11");
  });

  it("lists a pool it cannot see as undecided, and rejects it by that alone", () => {
    const report = judge({ taskDefinition: { containerDefinitions: UNKNOWN } });
    expect(by(report, "pool-floor")).toEqual([]);
    expect(report.undecided).toContainEqual({
      rule: "pool-floor",
      resource: SERVICE,
      property: "containerDefinitions",
      reason: "`containerDefinitions` is not known before the deployment",
    });
    expect(report.verdict).toBe("rejected");
  });

  it("does not repeat what demand-declared says", () => {
    const report = judge({ tags: tags({ "poolproof:db-hold-ms": undefined }) });
    expect(by(report, "demand-declared")).toHaveLength(1);
    expect(by(report, "pool-floor")).toEqual([]);
    expect(report.undecided.filter(({ rule }) => rule === "pool-floor")).toEqual([]);
  });

  it("counts each process of a task as a pool of its own", () => {
    const report = judge({ environment: environment({ WEB_CONCURRENCY: "2", DB_POOL_MAX: "2" }) });
    const violation = only(report, "pool-floor");
    expect(violation.message).toContain(
      "over 8 tasks of 2 processes each process keeps 2.5 connections busy",
    );
    expect(report.budgets[0]?.clients[0]).toMatchObject({
      processesPerTask: 2,
      offeredLoad: 2.475,
      ceiling: 9,
    });
  });

  it("says which lever opens an empty window, each with its number", () => {
    const report = judge({
      environment: environment({ DB_POOL_MAX: "3" }),
      parameters: [{ name: "max_connections", value: "200", applyMethod: "pending-reboot" }],
    });
    const violation = only(report, "pool-floor");
    // Usable 189, budget 151, ⌊(151 − 5) / 16⌋ = 9 connections a task, and 11 are needed: 181 / 0.8 → 226 + 3 + 2 + 6.
    expect(violation.allowed).toEqual({ min: 11, max: 9 });
    expect(violation.message).toContain("No size is safe as things are: the database allows 9 at most.");
    expect(violation.fix).toContain("raise `max_connections` to 238");
    expect(violation.fix).toMatch(/lower `deploymentMaximumPercent` to \d+/);
  });

  it("is accepted once the named lever is pulled", () => {
    const parameters = [{ name: "max_connections", value: "238", applyMethod: "pending-reboot" }];
    const report = judge({ environment: environment({ DB_POOL_MAX: "11" }), parameters });
    expect([...by(report, "pool-floor"), ...by(report, "connection-budget")]).toEqual([]);
  });

  it("names the Pulumi config key only in the project that key belongs to", () => {
    const settings = (key: string) => ({ configKeys: { DB_POOL_MAX: key } });
    const changes = { environment: environment({ DB_POOL_MAX: "3" }) };
    expect(only(judge(changes, settings("shop:poolMax")), "pool-floor").fix).toBe(
      "Set `shop:poolMax` to 11–19: `pulumi config set shop:poolMax 11 --stack test`",
    );
    expect(only(judge(changes, settings("auth:poolMax")), "pool-floor").fix).toContain(
      "`DB_POOL_MAX` of container",
    );
  });

  it("lets the policy configuration declare the demand of a service one does not own", () => {
    const demand = [{ service: "api-*", peakRequestsPerSecond: 800, holdMs: 90 }];
    const report = judge({}, { demand });
    expect(only(report, "pool-floor").message).toContain("at 800 requests/s over 8 tasks");
    const others = [{ service: "other", peakRequestsPerSecond: 800 }];
    expect(by(judge({}, { demand: others }), "pool-floor")).toEqual([]);
  });
});
