import { describe, expect, it } from "vitest";
import { toHtml } from "../../../drills/stress/report/html";
import { modelTable, render, toText } from "../../../drills/stress/report/render";
import type { StressReport } from "../../../drills/stress/report/stressReport";
import { drillForTests, record, reportForTests, reportOf } from "./support";

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

  it("is JUnit that says how long it took, and skips what a void run did not answer", () => {
    const [phase, ...others] = report.phases;
    if (phase === undefined) throw new Error("no phase");
    const selfChecks = [{ name: "the schedule was kept", passed: false, detail: "31 ms late" }];
    const phases = [{ ...phase, selfChecks }, ...others];
    const xml = render({ ...report, outcome: "void", phases }, "junit", 12.5);
    expect(xml).toMatch(/^<testsuites .* failures="1" .* skipped="2" time="12.500">$/m);
    expect(xml).toMatch(/name="logins hold [^>]*time="12.500">\n *<skipped message="not judged: /);
    expect(xml).toContain('<failure message="31 ms late"');
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

const [phase] = report.phases;
if (phase === undefined) throw new Error("no phase");

/** Numbers of the line that begins so. */
function numbersAfter(text: string, start: string): string[] {
  const line = text.split("\n").find((each) => each.trimStart().startsWith(start)) ?? "";
  return line.slice(line.indexOf(start) + start.length).match(/\d[\d.,]*/g) ?? [];
}

describe("the report for people", () => {
  it("has what was measured next to what was predicted, and what is not as deployed", () => {
    const text = toText(report);
    expect(text).toMatch(/^✖ small & <strange> .*4/);
    expect(text.split("\n")[1]).toContain(report.reasons[0]);
    expect(numbersAfter(text, "requests failed")[0]).toBe("20");
    expect(numbersAfter(text, "30 requests:")).toEqual(["24", "6"]);
    expect(numbersAfter(text, "hashing at production cost")).toEqual(["2", "14", "140", "1.40", "0.5"]);
    for (const line of [...report.setup.differences, ...report.setup.database.notReproduced]) {
      expect(text).toContain(`  ${line}\n`);
    }
  });

  it.each([
    ["small", { waitBeyondTarget: "too small to measure", meanWaitMs: "too small to measure" }, 0],
    ["one outside", { waitBeyondTarget: "within", meanWaitMs: "outside" }, 1],
    ["not told", { waitBeyondTarget: null, meanWaitMs: null }, 0],
  ] as const)("says that the model is wrong only where it is: %s", (_what, agreement, wrong) => {
    const predicted = { ...phase.predicted, utilisation: 0.45 };
    const text = toText({ ...report, phases: [{ ...phase, predicted, bottlenecks: [], agreement }] });
    expect(text.match(/outside/g) ?? []).toHaveLength(wrong);
  });

  it("of drills names those that were failed", () => {
    const passed = drillForTests();
    const failed = { ...passed, name: "rolling", passed: false, reasons: ["1 failed"] } as const;
    const of = (outcome: StressReport["outcome"], ...drills: StressReport["drills"]): string =>
      toText({ ...report, run: "drills", outcome, drills }).split("\n")[0] ?? "";
    expect(of("failed", passed, failed)).toMatch(/^✖ (?!.*kill).*rolling$/);
    expect(of("passed", passed)).toMatch(/^✔ .*kill$/);
  });
});

it("the table of pools leaves empty what was not run, and says where waits grow", () => {
  const carried = { ...phase.predicted, poolMax: 4, utilisation: 0.2, meanWaitMs: 2, failedShare: 0 };
  const starved = { ...carried, poolMax: 1, utilisation: 1.5, meanWaitMs: undefined, failedShare: 0.4 };
  const [head, below, floor] = modelTable({ ...report, table: [starved, carried] });
  expect(head?.slice(0, 3)).toEqual(["pool", "ρ", "P(wait > 50 ms)"]);
  expect(below).toMatchObject({ 0: "1", 1: "1.50", 3: "", 4: "grows", 5: "", 6: "40 %", 7: "" });
  expect(floor).toMatchObject({ 0: "4 (floor)", 1: "0.20", 4: "2.0 ms", 6: "0.0 %" });
  expect(floor?.[7]).toMatch(/^20 %/);
});
