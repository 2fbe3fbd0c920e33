import { describe, expect, it } from "vitest";
import { drillReport, graceSeconds } from "../../../../drills/stress/reliability/runDrills";
import { sessionProblems } from "../../../../drills/stress/reliability/sessionCount";
import { record, reportOf, requests } from "../recordForTests";
import { smallStack } from "../stackForTests";

const sessions = { answered: 10, found: 10, unanswered: 0, inDoubt: 0 };
const outcome = { overAtMs: 20_000, graceSeconds: 4.5, sessions, notes: [] };

/** Failures in these seconds of the measured part. */
function drilled(name: "kill" | "rolling", failing: (n: number) => boolean, over = outcome) {
  const of = record(requests((n) => (failing(n) ? "connection_lost" : "ok")));
  return drillReport(name, { record: of, report: reportOf(of) }, over);
}

describe("a reliability drill", () => {
  it("passes when requests fail during the bad moment and none after it", () => {
    expect(drilled("kill", (n) => n >= 3 && n <= 10)).toMatchObject({
      passed: true,
      failed: 8,
      recoveredAfterSeconds: 0,
    });
  });

  it("passes when the last limit that still runs has run out, and not later", () => {
    expect(graceSeconds(smallStack.environment)).toBe(4.5);
    expect(drilled("kill", (n) => n === 14)).toMatchObject({ passed: true, recoveredAfterSeconds: 4 });
    expect(drilled("kill", (n) => n === 15)).toMatchObject({
      passed: false,
      reasons: ["a request still failed 5.0 s after it was over"],
    });
  });

  it("lets no request fail in a rolling restart", () => {
    expect(drilled("rolling", (n) => n === 5).reasons).toEqual(["1 requests failed, and none may"]);
    expect(drilled("rolling", () => false).passed).toBe(true);
  });

  it("does not pass when no time was left to see it recover", () => {
    expect(drilled("kill", () => false, { ...outcome, overAtMs: 38_000 }).reasons).toEqual([
      "only 2.0 s were left to see it recover",
    ]);
  });

  it("does not pass for a wrong answer", () => {
    const of = record(requests((n) => (n === 0 ? "wrong_answer" : "ok")));
    expect(drillReport("kill", { record: of, report: reportOf(of) }, outcome).reasons).toEqual([
      "1 requests were answered wrongly",
    ]);
  });
});

describe("sessions against logins", () => {
  it("agree when every promised one is there, and more only for logins that were never answered", () => {
    expect(sessionProblems(sessions)).toEqual([]);
    expect(sessionProblems({ ...sessions, unanswered: 2, inDoubt: 2 })).toEqual([]);
  });

  it("disagree for one that is lost, or one too many", () => {
    expect(sessionProblems({ ...sessions, found: 9 })).toEqual([
      "1 sessions that clients were given are not in the table",
    ]);
    expect(sessionProblems({ ...sessions, unanswered: 3, inDoubt: 2 })).toEqual([
      expect.stringMatching(/^3 sessions more than were given out.*only 2 logins/),
    ]);
  });
});
