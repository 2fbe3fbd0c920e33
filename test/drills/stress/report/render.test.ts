import { describe, expect, it } from "vitest";
import { pgbenchNumbers } from "../../../../drills/stress/measure/pgbench";
import { toHtml } from "../../../../drills/stress/report/html/page";
import { modelTable } from "../../../../drills/stress/report/modelTable";
import { render } from "../../../../drills/stress/report/render";
import type { StressReport } from "../../../../drills/stress/report/stressReport";
import { poolVerdict } from "../../../../drills/stress/run/assemble";
import { record, reportOf } from "../recordForTests";
import { reportForTests } from "../reportForTests";
import { smallStack } from "../stackForTests";

const report = reportForTests();
const [phase] = report.phases;
if (phase === undefined) throw new Error("no phase");

describe("the stress report", () => {
  it("has for machines the fields that its contract names, and null for what is not known", () => {
    const json: unknown = JSON.parse(render(report, "json"));
    expect(json).toMatchObject({
      schemaVersion: 2,
      run: "pool",
      outcome: "failed",
      pool: {
        poolMax: 4,
        tasks: 1,
        poolVerdict: "does not hold",
        attempted: 30,
        succeeded: 24,
        failedShare: 0.2,
        predictedFailedShare: expect.any(Number),
        latencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
        waitMs: { p50: expect.any(Number), p99: expect.any(Number) },
        predictedWaitMs: { p99: expect.any(Number) },
        outcomes: { ok: 24, pool_timeout: 6 },
        void: false,
      },
      phases: [{ poolMax: 4, poolVerdict: "does not hold" }],
    });
    const empty = reportOf(record([]));
    const pool = { ...report.pool, failedShare: empty.measured.failedShare.mean };
    const nothing = JSON.parse(render({ ...report, pool }, "json"));
    expect(nothing.pool.failedShare).toBeNull();
  });

  it("of an incident never says that the pool of that day holds, whichever form one reads", () => {
    const rehearsed: StressReport = {
      ...report,
      run: "incident",
      outcome: "passed",
      reasons: [],
      incident: {
        name: "small & <strange>",
        report: "docs/incidents/2024-09-02.md",
        measuredFailedShare: 0.2,
        predictedFailedShare: 0.2,
        toleranceShare: 0.06,
        asPredicted: true,
        databaseCalm: true,
        databaseShare: { connections: 4, maxConnections: 60 },
        safePool: 9,
        failedWithSafePool: 0,
        namedCause: "pool-starved",
      },
    };
    const json = JSON.parse(render(rehearsed, "json"));
    expect(json).toMatchObject({
      run: "incident",
      outcome: "passed",
      pool: { poolMax: 4, poolVerdict: "does not hold" },
      phases: [{ poolMax: 4, poolVerdict: "does not hold" }],
    });
    expect(json).not.toHaveProperty("verdict");
    const shows = /with a pool of 4 the outage shows as predicted, and a pool of 9 prevents it/;
    expect(render(rehearsed, "text").split("\n")[0]).toMatch(shows);
    expect(toHtml(rehearsed)).toMatch(shows);
    for (const form of [render(rehearsed, "junit"), toHtml(rehearsed), render(rehearsed, "text")]) {
      expect(form).not.toMatch(/logins hold|pool of 4: holds|: holds/);
    }
    const failed = render(
      { ...rehearsed, outcome: "failed", reasons: ["the database was not calm"] },
      "text",
    );
    expect(failed).toMatch(
      /^✖ small & <strange>: the incident, rehearsed with a pool of 4, did not go as it must\n/,
    );
  });

  it("of drills names those that were failed, and judges no pool by them", () => {
    const drill = {
      name: "kill",
      what: "connections are ended",
      passed: true,
      reasons: [],
      attempted: 10,
      failed: 1,
      outcomes: {},
      recoveredAfterSeconds: 0,
      wrongAnswers: 0,
      sessions: { answered: 1, found: 1, unanswered: 0, inDoubt: 0 },
      notes: [],
    } as const;
    const failed = {
      ...drill,
      name: "rolling",
      passed: false,
      reasons: ["1 requests failed, and none may"],
    } as const;
    const drills: StressReport = { ...report, run: "drills", drills: [drill, failed] };
    expect(render(drills, "text")).toMatch(/^✖ .*: fails the drills rolling\n/);
    expect(render({ ...drills, outcome: "passed", reasons: [], drills: [drill] }, "text")).toMatch(
      /^✔ .*: recovers by itself from kill\n/,
    );
    expect(poolVerdict(phase, { stack: smallStack }, "drills")).toEqual({
      poolVerdict: null,
      poolReasons: [],
    });
    expect(poolVerdict(phase, { stack: smallStack }, "incident")).toMatchObject({
      poolVerdict: "does not hold",
    });
  });

  it("says for people what failed, beside what was predicted, and what is not as deployed", () => {
    const text = render(report, "text");
    expect(text).toMatch(
      /^✖ small & <strange> with a pool of 4: does not hold\n {2}20\.0 % of requests failed\n/,
    );
    expect(text).toMatch(/requests failed +20 %/);
    expect(text).toContain("30 requests: 24 ok, 6 pool_timeout");
    expect(text).toContain("1.40 of the 0.5 vCPU of a task");
    expect(text).toContain("pgbench: skipped, no pgbench on this machine");
    expect(text).toContain("DB_AUTH=password instead of iam");
    expect(text).toContain("rds.force_ssl=1: no");
  });

  it("holds the model beside what was measured, the same in text and on the page", () => {
    const carried = { ...phase.predicted, poolMax: 4, utilisation: 0.2, meanWaitMs: 2, failedShare: 0 };
    const starved = { ...carried, poolMax: 1, utilisation: 1.5, meanWaitMs: undefined, failedShare: 0.4 };
    const both = { ...report, table: [starved, carried] };
    const [head, below, floor] = modelTable(both);
    expect(head?.slice(0, 5)).toEqual(["pool", "ρ", "P(wait > 50 ms)", "measured", "mean wait"]);
    expect(below).toMatchObject({ 0: "1", 1: "1.50", 3: "", 4: "grows", 5: "", 6: "40 %", 7: "" });
    expect(floor).toMatchObject({
      0: "4 (floor)",
      1: "0.20",
      4: "2.0 ms",
      6: "0.0 %",
      7: expect.stringMatching(/^20 %/),
    });
    for (const cell of ["4 (floor)", "grows"]) {
      expect(render(both, "text")).toContain(cell);
      expect(toHtml(both)).toContain(`<td>${cell}</td>`);
    }
  });

  it("is JUnit for build servers, with what failed and what was skipped counted", () => {
    const xml = render(report, "junit");
    expect(xml).toContain('<testsuites name="stress" tests="5" failures="1" errors="0" skipped="1">');
    expect(xml).toContain('name="small &#38; &#60;strange&#62;"');
    expect(xml).toContain('<failure message="20.0 % of requests failed">');
    expect(xml).toContain('<skipped message="no pgbench on this machine"/>');
  });

  it("is one page that loads nothing and runs nothing", () => {
    const html = toHtml(report);
    expect(html).toContain(
      "<title>stress: ✖ small &#38; &#60;strange&#62; with a pool of 4: does not hold</title>",
    );
    expect(html).not.toMatch(/<script|<link|src=|href=|url\(|@import/);
    expect(html.match(/<svg /g)).toHaveLength(4);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("pgbench's own words", () => {
  it("are read for rate, latency and the wait for a connection", () => {
    const text = `transaction type: script.sql
latency average = 98.123 ms
latency stddev = 80.1 ms
rate limit schedule lag: avg 7.250 (max 310.100) ms
initial connection time = 20.5 ms
tps = 54.900000 (without initial connection time)
`;
    expect(pgbenchNumbers(text)).toEqual({ transactionsPerSecond: 54.9, latencyMs: 98.123, waitMs: 7.25 });
    expect(pgbenchNumbers("pgbench: error")).toBeUndefined();
  });
});
