import { describe, expect, it } from "vitest";
import { drillReport, graceSeconds, sessionProblems } from "../../../drills/stress/drills/runDrills";
import type { Outcome } from "../../../drills/stress/load/requests";
import { record, reportOf, requests, smallStack } from "./support";

const sessions = { answered: 10, found: 10, unanswered: 0, inDoubt: 0 };

/** A drill that is over at second 20, in which these seconds of the measured part fail. */
function drilled(
  name: "kill" | "rolling",
  failing: (n: number) => boolean,
  { overAtMs = 20_000, as = "connection_lost" as Outcome } = {},
) {
  const of = record(requests((n) => (failing(n) ? as : "ok")));
  const outcome = { beganAtMs: 15_000, overAtMs, graceSeconds: 4.5, sessions, notes: [] };
  return drillReport(name, { record: of, report: reportOf(of) }, outcome);
}
const never = (): boolean => false;

describe("a reliability drill", () => {
  it("passes when requests fail during the bad moment and none after it", () => {
    expect(drilled("kill", (n) => n >= 3 && n <= 10)).toMatchObject({
      passed: true,
      failed: 8,
      recoveredAfterSeconds: 0,
      disturbed: { fromSecond: 15, toSecond: 20 },
    });
    expect(drilled("rolling", never)).toMatchObject({ passed: true, failed: 0, reasons: [] });
  });

  it("passes when the last limit that still runs has run out, and not later", () => {
    expect(graceSeconds(smallStack.environment)).toBe(4.5);
    expect(drilled("kill", (n) => n === 14)).toMatchObject({ passed: true, recoveredAfterSeconds: 4 });
    expect(drilled("kill", (n) => n === 15)).toMatchObject({ passed: false, recoveredAfterSeconds: 5 });
  });

  it.each([
    ["a request that fails in a rolling restart", drilled("rolling", (n) => n === 5), /^1 /],
    ["no time left to see it recover", drilled("kill", never, { overAtMs: 38_000 }), /2\.0 s/],
    ["a wrong answer", drilled("kill", (n) => n === 0, { as: "wrong_answer" }), /^1 /],
  ])("does not pass for %s", (_what, { passed, reasons }, number) => {
    expect(passed).toBe(false);
    expect(reasons).toEqual([expect.stringMatching(number)]);
  });
});

describe("sessions against logins", () => {
  it.each([
    ["every promised one is there", {}, []],
    ["there are more, of logins that were never answered", { unanswered: 2, inDoubt: 2 }, []],
    ["one is lost", { found: 9 }, [/^1 /]],
    ["there is one too many", { unanswered: 3, inDoubt: 2 }, [/^3 .*2 /]],
  ])("are held against the table: %s", (_what, change, problems) => {
    const expected = problems.map((numbers) => expect.stringMatching(numbers));
    expect(sessionProblems({ ...sessions, ...change })).toEqual(expected);
  });
});
