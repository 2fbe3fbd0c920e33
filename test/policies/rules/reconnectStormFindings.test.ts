import { describe, expect, it } from "vitest";
import type { PropertyMap } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import type { Report } from "../../../policies/reports/report";
import { DATABASE, environment, type Sample } from "../samplePlan";
import { throughProxy } from "../sampleProxy";
import { fromSecret } from "../sampleSecret";
import { by, judge, only } from "./judge";

const IAM: PropertyMap = { iamDatabaseAuthenticationEnabled: true };
const storm = (poolMax: number, changes: Partial<Sample> = {}, settings: Partial<Settings> = {}) =>
  judge({ database: IAM, environment: environment({ DB_POOL_MAX: String(poolMax) }), ...changes }, settings);

const client = (name: string, poolMax: number, instances = 4) => ({
  name,
  poolMax,
  instances,
  acquireTimeoutMs: 1_000,
  peakRequestsPerSecond: 1,
  holdMs: 10,
});

const listed = (report: Report) =>
  report.undecided
    .filter(({ rule }) => rule === "reconnect-storm")
    .map(({ resource: of, property }) => [of.split("::").pop(), property]);

describe("a restart of all tasks", () => {
  it("is a finding of the database with what opens, how fast, whose limit that breaks and what mends it", () => {
    expect(only(storm(60), "reconnect-storm")).toMatchObject({
      resource: DATABASE,
      observed: 480,
      allowed: { min: null, max: 200 },
      unit: "connections/s",
      message:
        "When all tasks restart they open 480 connections to db within 1 second (api 8 tasks × 60), more than the 200 a second of IAM authentication: AWS holds logins back, and every task that waits tries again, so the outage outlasts its cause. Any one of these does it: lower `DB_POOL_MAX` of container `api` in task definition `api-task` to 25 at most; let tasks reconnect with jitter over 3 seconds or more and declare it as `reconnectSeconds`; put an RDS Proxy in between; log in with a password from a secret (docs/runbooks/reconnect-storm.md).",
    });
  });

  it("is measured in connections a second, rounded up", () => {
    const found = only(
      storm(26, {}, { reconnectSeconds: 3, newConnectionsPerSecond: 50 }),
      "reconnect-storm",
    );
    expect(found).toMatchObject({ observed: 70, allowed: { min: null, max: 50 } });
    expect(found.message).toMatch(
      /^When all tasks restart they open 208 connections to db within 3 seconds \(api 8 tasks × 26\), more than the 50 a second of `newConnectionsPerSecond`: the database is busy with logins, /,
    );
    // 50 a second for 3 seconds are 150: 18 for each of 8 tasks.
    expect(found.fix).toContain("to 18 at most; let tasks reconnect with jitter over 5 seconds or more");
  });

  it("holds the lower of both limits", () => {
    const at = (newConnectionsPerSecond: number) =>
      only(storm(60, {}, { newConnectionsPerSecond }), "reconnect-storm").allowed?.max;
    expect([at(150), at(250)]).toEqual([150, 200]);
  });

  it("names the largest share first, four of them, and counts the others", () => {
    const clients = (names: string[]) => names.map((name, i) => client(name, 10 + i));
    const shares = (names: string[]) =>
      /\(([^)]*)\)/.exec(only(storm(30, {}, { clients: clients(names) }), "reconnect-storm").message)?.[1];
    expect(shares(["a", "b", "c"])).toBe(
      "api 8 tasks × 30, c 4 instances × 12, b 4 instances × 11, a 4 instances × 10",
    );
    expect(shares(["a", "b", "c", "d", "e"])).toBe(
      "api 8 tasks × 30, e 4 instances × 14, d 4 instances × 13, c 4 instances × 12, 2 more pools",
    );
  });

  it("counts the processes of a task, in the sum, in its words and in what they may have", () => {
    const processes = environment({ DB_POOL_MAX: "20", WEB_CONCURRENCY: "2" });
    const found = only(storm(20, { environment: processes }), "reconnect-storm");
    expect(found.observed).toBe(320);
    expect(found.message).toContain("(api 8 tasks × 2 × 20)");
    // 200 for 16 processes.
    expect(found.fix).toContain("to 12 at most");
  });

  it("leaves the largest pool what the others do not take", () => {
    const clients = [client("worker", 15)];
    // 200 - 60 for 8 tasks.
    expect(only(storm(30, {}, { clients }), "reconnect-storm").fix).toContain("to 17 at most");
  });
});

describe("what reconnect-storm cannot decide", () => {
  it("is nothing where neither IAM nor the settings bound anything", () => {
    const sample = { database: { iamDatabaseAuthenticationEnabled: false }, ...hiddenPool() };
    expect(listed(judge(sample))).toEqual([]);
  });

  it("is a pool that the plan hides, and what is certain still counts", () => {
    const report = storm(0, hiddenPool());
    expect(listed(report)).toEqual([["api", "containerDefinitions"]]);
    const clients = [client("worker", 60)];
    const beside = storm(0, hiddenPool(), { clients });
    expect(only(beside, "reconnect-storm").message).toContain("(worker 4 instances × 60)");
  });

  it("is said by pool-floor where the pool is no number", () => {
    const report = storm(0, { environment: environment({ DB_POOL_MAX: "ten" }) });
    expect(by(report, "pool-floor")).toHaveLength(1);
    expect(listed(report)).toEqual([]);
  });

  it("is nothing of pools that all come through a proxy", () => {
    const sample = throughProxy({ DB_POOL_MAX: "90" });
    const report = judge({ ...sample, database: IAM });
    expect(listed(report)).toEqual([]);
    expect(by(report, "reconnect-storm")).toEqual([]);
  });
});

/** The sample with its pool's size in a secret. */
const hiddenPool = () => fromSecret("DB_POOL_MAX", environment({}));
