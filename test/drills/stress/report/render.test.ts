import { describe, expect, it } from "vitest";
import { toHtml } from "../../../../drills/stress/report/html";
import { render } from "../../../../drills/stress/report/render";
import type { StressReport } from "../../../../drills/stress/report/stressReport";
import { modelTable } from "../../../../drills/stress/report/text";
import { record, reportOf } from "../support/record";
import { drillForTests, reportForTests } from "../support/report";

const report = reportForTests();

describe("the stress report", () => {
  it("has for machines the fields that its contract names, and null for what is not known", () => {
    expect(JSON.parse(render(report, "json"))).toMatchObject({
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
    const failedShare = reportOf(record([])).measured.failedShare.mean;
    const nothing = JSON.parse(render({ ...report, pool: { ...report.pool, failedShare } }, "json"));
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
      pool: { poolVerdict: "does not hold" },
    });
    expect(json).not.toHaveProperty("verdict");
    for (const form of [render(rehearsed, "junit"), toHtml(rehearsed, []), render(rehearsed, "text")]) {
      expect(form).toMatch(/pool of 4 .*(pool of 9|safe pool) /);
      expect(form).not.toMatch(/logins hold|pool of 4: holds|: holds/);
    }
  });

  it("of a search for the limit begins with its answer, or with as much as is known", () => {
    const firstLine = (over: Partial<NonNullable<StressReport["limit"]>>): string => {
      const limit = { breaksAt: 4, holdsFrom: 5, probes: [], undecided: null, ...over };
      return render({ ...report, limit }, "text").split("\n")[0] ?? "";
    };
    const undecided = { poolMax: 7, reasons: ["too late"] };
    expect([
      firstLine({}),
      firstLine({ breaksAt: null }),
      firstLine({ holdsFrom: null }),
      firstLine({ holdsFrom: 11, undecided }),
      firstLine({ breaksAt: null, holdsFrom: null, undecided }),
    ]).toMatchInlineSnapshot(`
      [
        "✖ small & <strange>: logins break at a pool of 4 and hold from 5 on; a pool of 4 does not hold",
        "✖ small & <strange>: logins hold with a pool of 5 already; a pool of 4 does not hold",
        "✖ small & <strange>: logins break at every size tried, up to 4; a pool of 4 does not hold",
        "✖ small & <strange>: limit not found, a pool of 7 could not be measured; so far, logins break at a pool of 4 and hold from 11 on; a pool of 4 does not hold",
        "✖ small & <strange>: limit not found, a pool of 7 could not be measured; a pool of 4 does not hold",
      ]
    `);
  });

  it("names a drill on its page, and marks when its fault began and ended", () => {
    const drill = { ...drillForTests(), disturbed: { fromSecond: 14, toSecond: 16.1 } };
    const html = toHtml({ ...report, run: "drills", drills: [drill] }, []);
    expect(html).toContain(`<h2>Drill kill: ${drill.what}</h2>`);
    expect(html).toContain("fault (kill), 14 to 16.1 s</li>");
    const { length } = report.phases[0]?.timeline ?? [];
    expect(html).toContain(`<rect class="span" x="${((14 / length) * 1000).toFixed(1).replace(/\.0$/, "")}"`);
  });

  it("is JUnit for build servers, with what failed and what was skipped counted", () => {
    const xml = render(report, "junit");
    expect(xml).toContain('<testsuites name="stress" tests="5" failures="1" errors="0" skipped="1" time=');
    expect(xml).toContain('name="small &#38; &#60;strange&#62;"');
    expect(xml).toContain(`<failure message="${report.reasons[0]}" `);
  });

  it("is one page that loads nothing, runs nothing and has the table of pools", () => {
    const html = toHtml(report, [["date", "2026-01-01 12:00 UTC"]]);
    expect(html).toMatch(/<title>.*small &#38; &#60;strange&#62;.*<\/title>/);
    expect(html).not.toMatch(/<script|<link|src=|href=|url\(|@import/);
    expect(html.match(/<svg /g)).toHaveLength(5);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    expect(html.match(/<td>/g)).toHaveLength(modelTable(report).slice(1).flat().length);
  });
});
