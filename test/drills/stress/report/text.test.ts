import { describe, expect, it } from "vitest";
import type { StressReport } from "../../../../drills/stress/report/stressReport";
import { modelTable, toText } from "../../../../drills/stress/report/text";
import { drillForTests, reportForTests } from "../support/report";

const report = reportForTests();
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
