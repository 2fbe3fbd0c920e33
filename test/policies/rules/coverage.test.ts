import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { DATABASE, resource, SERVICE, samplePlan, urn } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

const without = (...types: readonly string[]) => {
  const { resources } = samplePlan();
  return { resources: resources.filter(({ type }) => !types.some((each) => type.startsWith(each))) };
};

describe("coverage", () => {
  it("accepts a stack whose database and client are both judged", () => {
    expect(by(judge(), "coverage")).toEqual([]);
  });

  it("rejects what depends on a database and shows no pool, and accepts it once it is described", () => {
    const type = "aws:apprunner/service:Service";
    const extra = [resource(type, "web", {}, { sourceConfiguration: [DATABASE] })];
    const violation = only(judge({ extra }), "coverage");
    expect(violation).toMatchObject({ level: "mandatory", resource: urn(type, "web"), allowed: null });
    expect(violation.message).toContain(
      "web holds connections that nothing counts: it is an App Runner service",
    );
    expect(violation.fix).toContain('under `clients` in the policy configuration, with `name` "web"');
    const web = {
      name: "web",
      poolMax: 2,
      instances: 2,
      library: "prisma",
      peakRequestsPerSecond: 1,
      holdMs: 1,
    };
    expect(by(judge({ extra }, { clients: [web] }), "coverage")).toEqual([]);
  });

  it("lets tasks of operations hold what is kept for operations, and no more", () => {
    const type = "aws:ecs/taskDefinition:TaskDefinition";
    const environment = [{ name: "DB_POOL_MAX", value: "3" }];
    const task = (name: string) =>
      resource(type, name, {
        containerDefinitions: JSON.stringify([{ name, environment }]),
        tags: { "poolproof:operations-connections": "3" },
      });
    const accepted = judge({ extra: [task("migrate")] });
    expect(by(accepted, "coverage")).toEqual([]);
    expect(accepted.coverage.unexamined).toEqual([]);
    const violation = only(judge({ extra: [task("migrate"), task("reindex")] }), "coverage");
    expect(violation).toMatchObject({
      resource: urn(type, "migrate"),
      observed: 6,
      allowed: { min: null, max: 5 },
      unit: "connections",
    });
    expect(violation.message).toContain(
      "migrate, reindex may hold 6 connections, above the 5 that the budget keeps for operations",
    );
    expect(
      by(
        judge(
          { extra: [task("migrate"), task("reindex")] },
          { capacity: { ...DEFAULT_SETTINGS.capacity, operationsReserve: 6 } },
        ),
        "coverage",
      ),
    ).toEqual([]);
  });

  it("lists a service without any sign of a database, and says no more of it", () => {
    const definitions = JSON.stringify([{ name: "web", environment: [{ name: "PORT", value: "80" }] }]);
    const report = judge(
      { tags: {}, taskDefinition: { containerDefinitions: definitions } },
      { databases: [{ name: "db", otherDemand: 3 }] },
    );
    expect(by(report, "coverage")).toEqual([]);
    expect(report.coverage.unexamined).toContainEqual(expect.objectContaining({ resource: SERVICE }));
  });

  it("rejects a client whose database is neither in the stack nor described, and says so once", () => {
    const report = judgePlan(without("aws:rds/"));
    const violation = only(report, "coverage");
    expect(violation.resource).toBe(SERVICE);
    expect(violation.message).toContain("its database is neither in this stack nor described");
    expect(report.undecided.filter(({ rule }) => rule === "connection-budget")).toEqual([]);
  });

  it("leaves a client of several databases to what is undecided", () => {
    const second = resource("aws:rds/instance:Instance", "other", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const report = judge({ extra: [second] });
    expect(by(report, "coverage")).toEqual([]);
    expect(report.undecided.map(({ rule }) => rule)).toContain("connection-budget");
  });

  it("rejects a database that nobody seems to use, until its users are described", () => {
    const plan = without("aws:ecs/", "aws:appautoscaling/", "aws:lb/");
    const violation = only(judgePlan(plan), "coverage");
    expect(violation.resource).toBe(DATABASE);
    expect(violation.message).toContain("No client of db (postgres) was found in this stack");
    expect(by(judgePlan(plan, { databases: [{ name: "db", otherDemand: 40 }] }), "coverage")).toEqual([]);
    const client = { name: "elsewhere", poolMax: 2, instances: 2, peakRequestsPerSecond: 1, holdMs: 1 };
    expect(by(judgePlan(plan, { clients: [client] }), "coverage")).toEqual([]);
  });

  it("does not nag about a replica, or about a database beside a client that was not examined", () => {
    const replica = resource(
      "aws:rds/instance:Instance",
      "replica",
      { replicateSourceDb: "db1234567", instanceClass: "db.m7g.large", engine: UNKNOWN },
      { replicateSourceDb: [DATABASE] },
    );
    expect(by(judge({ extra: [replica] }), "coverage")).toEqual([]);
    const plan = without("aws:ecs/", "aws:appautoscaling/", "aws:lb/");
    const job = resource(
      "aws:batch/jobDefinition:JobDefinition",
      "job",
      {},
      { containerProperties: [DATABASE] },
    );
    const report = judgePlan({ resources: [...plan.resources, job] });
    expect(by(report, "coverage").map(({ resource: each }) => each)).toEqual([job.urn]);
  });
});
