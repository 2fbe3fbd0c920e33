import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { vcpusOf } from "../../../policies/rules/database/databaseSaturation";
import { auroraPlan } from "../auroraPlan";
import { DATABASE, environment, tags } from "../samplePlan";
import { by, judge, only } from "./judge";

const RULE = "database-saturation";
const on = (instanceClass: unknown, poolMax = "12") =>
  judge({
    database: { instanceClass: instanceClass as string },
    environment: environment({ DB_POOL_MAX: poolMax }),
  });

// 400/s × 1.1 acquisitions × 0.09 s = 39.6 busy connections.
describe("database-saturation", () => {
  it("accepts 39.6 busy connections on 16 vCPU, which may carry 48", () => {
    expect(by(on("db.m7g.4xlarge"), "database-saturation")).toEqual([]);
  });

  it("advises on 8 vCPU, which may carry 24, and never rejects", () => {
    const report = on("db.m7g.2xlarge");
    const violation = only(report, "database-saturation");
    expect(violation).toMatchObject({
      level: "advisory",
      resource: DATABASE,
      observed: 39.6,
      allowed: { min: null, max: 24 },
      unit: "connections",
    });
    expect(violation.message).toContain(
      "At the peak 39.6 connections of db are busy at once, more than 3 for each of its 8 vCPU",
    );
    expect(violation.message).toContain("DBLoad");
    expect(violation.fix).toContain("`instanceClass` with 14 vCPU or more");
    expect(report.verdict).toBe("accepted");
  });

  it("counts no more connections than the pools have: a starved pool leaves the database calm", () => {
    expect(by(on("db.m7g.2xlarge", "3"), "database-saturation")).toEqual([]);
    expect(only(on("db.m7g.2xlarge", "4"), "database-saturation").observed).toBe(32);
  });

  it("counts the connections of every process of a task, and no more than each pool has", () => {
    const processes = (poolMax: string) =>
      judge({
        database: { instanceClass: "db.m7g.2xlarge" },
        environment: environment({ DB_POOL_MAX: poolMax, WEB_CONCURRENCY: "2" }),
      });
    expect(only(processes("12"), RULE).observed).toBe(39.6);
    // 8 tasks × 2 processes × 2 connections.
    expect(only(processes("2"), RULE).observed).toBe(32);
    expect(by(processes("1"), RULE)).toEqual([]);
  });

  it("goes by the smallest instance of a cluster, and by none while one of them is not known", () => {
    const cluster = (...classes: readonly PropertyValue[]) => {
      const members = classes.map((instanceClass, at) => [`m${at}`, { instanceClass }] as const);
      const { databases } = readStack({ resources: auroraPlan({ members: Object.fromEntries(members) }) });
      return databases.map(vcpusOf);
    };
    expect(cluster("db.r6g.2xlarge")).toEqual([8]);
    expect(cluster("db.r6g.2xlarge", "db.r6g.large", "db.r6g.xlarge")).toEqual([2]);
    expect(cluster("db.r6g.2xlarge", UNKNOWN)).toEqual([undefined]);
    // Found in no source how many it has.
    expect(cluster("db.m9g.large")).toEqual([undefined]);
    expect(cluster()).toEqual([undefined]);
  });

  it("takes the connections of one vCPU from the settings", () => {
    const database = { instanceClass: "db.m7g.2xlarge" };
    expect(by(judge({ database }, { busyPerVcpu: 5 }), "database-saturation")).toEqual([]);
    expect(by(judge({ database }, { busyPerVcpu: 4 }), "database-saturation")).toHaveLength(1);
  });

  it.each([
    UNKNOWN,
    "db.m7g.lagre",
    "db.serverless",
    7,
  ])("passes over a class whose processors are not known: %s", (instanceClass) => {
    const report = on(instanceClass);
    expect(by(report, "database-saturation")).toEqual([]);
    expect(report.undecided.map(({ rule }) => rule)).not.toContain("database-saturation");
  });

  it("passes over demand that is not declared", () => {
    const report = judge({
      database: { instanceClass: "db.t4g.micro" },
      tags: tags({ "poolproof:db-hold-ms": undefined }),
    });
    expect(by(report, "database-saturation")).toEqual([]);
  });

  it("advises exactly where requests × acquisitions × hold exceed what the processors carry", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 200 }), (requests, holdMs) => {
        const report = judge({
          database: { instanceClass: "db.m7g.2xlarge" },
          environment: environment({ DB_POOL_MAX: "100000" }),
          tags: tags({
            "poolproof:peak-requests-per-second": String(requests),
            "poolproof:db-hold-ms": String(holdMs),
            "poolproof:db-acquisitions-per-request": "1",
          }),
        });
        const busy = (requests * holdMs) / 1000;
        fc.pre(Math.abs(busy - 24) > 1e-6);
        expect(by(report, "database-saturation")).toHaveLength(busy > 24 ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });
});
