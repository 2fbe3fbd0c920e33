import { describe, expect, it } from "vitest";
import type { PhaseRecord } from "../../../../drills/stress/measure/phaseRecord";
import { poolVerdict, verdictOf, withLimit } from "../../../../drills/stress/run/verdict";
import { pool, record, reportOf, request, requests } from "../support/record";
import { smallStack } from "../support/stack";

const judge = (of: PhaseRecord, demand = smallStack.demand) =>
  verdictOf(reportOf(of, { ...smallStack, demand }), smallStack.objectives);
const slow = requests().map((each) => ({ ...each, latencyMs: 1500 }));
const late = requests().map((each) => ({ ...each, lagMs: 90 }));
const waits = Array.from({ length: 30 }, (_, n) => ({ atMs: 10_000 + n * 1000, value: 200 }));
const fewWrong = Array.from({ length: 100 }, (_, n) =>
  request(10_000 + n * 100, n === 0 ? "wrong_answer" : "ok"),
);

describe("the verdict", () => {
  it("holds when nothing failed and nobody waited", () => {
    expect(judge(record(requests()))).toEqual({ verdict: "holds", reasons: [] });
  });

  it.each([
    [
      "more fail than are tolerated",
      record(requests((n) => (n < 3 ? "pool_timeout" : "ok"))),
      /^10\.0 %.* 2 %/,
    ],
    ["a single answer is wrong", record(fewWrong), /^1 /],
    ["answers take longer than they may", record(slow), /15\d\d ms, 1000 ms/],
    [
      "waits take longer than they may",
      record(requests(), { pools: [pool({ waitMs: waits })] }),
      /^100\.0 %.* 50 ms, 1 %/,
    ],
  ])("does not hold when %s", (_what, of, numbers) => {
    expect(judge(of)).toEqual({ verdict: "does not hold", reasons: [expect.stringMatching(numbers)] });
  });

  it("is withheld where a machine at its limit made everything slow, but not where requests failed", () => {
    expect(judge(record(slow, { busyShare: 0.99 })).verdict).toBe("void");
    const failing = requests(() => "pool_timeout");
    expect(judge(record(failing, { busyShare: 0.99 })).verdict).toBe("does not hold");
  });

  it.each([
    ["an arrival that was not sent", { scheduled: 31 }, /31 .* 30 /],
    [
      "a generator that fell behind",
      { load: { ...record(requests()).load, eventLoopDelayMs: 80 } },
      /80 ms.* 25 ms/,
    ],
    [
      "requests sent late",
      { load: record(late).load },
      /^the load generator could not keep its schedule: 1 % of requests were sent more than 90 ms late \(limit 25 ms\)\. Close other load on this machine$/,
    ],
  ])("is void for %s", (_what, over, numbers) => {
    expect(judge(record(requests(), over))).toEqual({
      verdict: "void",
      reasons: [expect.stringMatching(numbers)],
    });
  });

  it("advises half of the tasks, once, where several checks fail", () => {
    const load = { ...record(late).load, eventLoopDelayMs: 80 };
    const { reasons } = judge(record(requests(), { load, tasks: 4 }), { ...smallStack.demand, tasks: 8 });
    expect(reasons).toHaveLength(2);
    expect(reasons.filter((reason) => /use --scale/.test(reason))).toEqual([expect.stringMatching(/ 1\/4$/)]);
  });

  it.each([
    ["passed", "void"],
    ["failed", "failed"],
    ["void", "void"],
  ] as const)("of a command that %s is %s where the search for the limit ended early", (before, after) => {
    const undecided = { poolMax: 7, reasons: ["too late"] };
    const limit = { breaksAt: 4, holdsFrom: 11, probes: [], undecided };
    const run = { outcome: before, reasons: [] };
    expect(withLimit(run, limit)).toEqual({
      outcome: after,
      reasons: [expect.stringMatching(/7.*too late/)],
    });
    expect(withLimit(run, { ...limit, undecided: null })).toBe(run);
  });

  it("says nothing of a pool whose load a drill disturbed", () => {
    const report = reportOf(record(requests(() => "pool_timeout")));
    expect(poolVerdict(report, { stack: smallStack }, "drills")).toEqual({
      poolVerdict: null,
      poolReasons: [],
    });
    expect(poolVerdict(report, { stack: smallStack }, "incident").poolVerdict).toBe("does not hold");
  });
});

it("connections that were held longer than was meant make the machine the bottleneck, and the model is not judged", () => {
  const pools = [pool({ useMs: [{ atMs: 20_000, value: 60 }] })];
  const { bottlenecks, agreement } = reportOf(record(requests(), { pools }));
  expect(bottlenecks).toEqual([expect.stringMatching(/20\.0 ms .* 40 ms .* 5 %/)]);
  expect(agreement).toEqual({ waitBeyondTarget: null, meanWaitMs: null });
});
