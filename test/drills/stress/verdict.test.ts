import { describe, expect, it } from "vitest";
import type { PhaseRecord } from "../../../drills/stress/measure/measured";
import type { PhaseReport } from "../../../drills/stress/measure/phaseReport";
import { causeIn, INCIDENTS, incidentOutcome, incidentResult } from "../../../drills/stress/run/incident";
import {
  compare,
  poolVerdict,
  ratiosOf,
  verdictOf,
  withBaseline,
  withLimit,
} from "../../../drills/stress/run/verdict";
import { pool, record, reportOf, request, requests, smallStack } from "./support";

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

describe("the baseline", () => {
  const kept = { "median latency / predicted": 1 };

  it("compares ratios that were kept, and lets a machine be half as slow again", () => {
    expect(compare(kept, { "median latency / predicted": 1.5, "hold / declared": 9 })).toEqual([
      { name: "median latency / predicted", now: 1.5, baseline: 1, limit: 1.5, within: true },
    ]);
    expect(compare(kept, { "median latency / predicted": 1.51 })[0]?.within).toBe(false);
    expect(compare(undefined, { "median latency / predicted": 9 })).toEqual([]);
  });

  it("takes latencies over the hold that they are made of", () => {
    const median = requests().map((each) => ({ ...each, latencyMs: 40 * Math.LN2 }));
    const ratios = ratiosOf(reportOf(record(median)), 40);
    expect(ratios["median latency / predicted"]).toBeCloseTo(1, 1);
    expect(ratios["hold / declared"]).toBe(1);
  });

  it("fails a run that passed, unless the machine was the reason", () => {
    const passed = { outcome: "passed", reasons: [] } as const;
    const slower = compare(kept, { "median latency / predicted": 2 });
    expect(withBaseline(passed, { bottlenecks: [] }, slower)).toEqual({
      outcome: "failed",
      reasons: [expect.stringMatching(/2\.00.* 1\.5 .* 1\.00/)],
    });
    expect(withBaseline(passed, { bottlenecks: ["busy"] }, slower)).toBe(passed);
  });
});

const [incident] = INCIDENTS;
if (incident === undefined) throw new Error("no incident is registered");

const database = [{ atMs: 20_000, connections: 12, active: 0, lockWaits: 0, cpus: 0.1 }];
const failing = requests((n) => (n % 5 < 2 ? "pool_timeout" : "ok"));
const outage = reportOf(record(failing, { poolMax: 3, database }));
const safe = reportOf(record(requests(), { poolMax: 11 }));

/** Four in ten fail in the outage; the model says how many do. */
function outcome({ predicted = 0.4, fix = safe, connections = 12, cause = "pool-starved" } = {}) {
  const phases: { outage: PhaseReport; safe: PhaseReport } = {
    outage: {
      ...outage,
      predicted: { ...outage.predicted, failedShare: predicted },
      database: { ...outage.database, connections: { mean: connections, max: connections } },
    },
    safe: fix,
  };
  const result = incidentResult(incident as (typeof INCIDENTS)[number], {
    ...phases,
    maxConnections: 400,
    cpus: 2,
    namedCause: cause,
  });
  return incidentOutcome(incident as (typeof INCIDENTS)[number], result, phases);
}

describe("a rehearsed incident", () => {
  it("is as it should be when as many fail as predicted, the database is calm and the safe pool fails none", () => {
    expect(outcome()).toEqual({ outcome: "passed", reasons: [] });
    expect(outcome({ predicted: 0.455 }).outcome).toBe("passed");
  });

  const leaky = reportOf(
    record(
      requests((n) => (n === 0 ? "5xx" : "ok")),
      { poolMax: 11 },
    ),
  );
  it.each([
    ["the prediction is off by more than six points", { predicted: 0.47 }, /^40\.0 % .* 47\.0 % .* 6 /],
    ["a request fails with the safe pool", { fix: leaky }, /^1 .* 11$/],
    ["the database works hard", { connections: 395 }, /database/],
    ["another cause is named", { cause: "database-saturated" }, /database-saturated .*pool-starved$/],
    ["no cause is named", { cause: "" }, /pool-starved$/],
  ])("is not when %s", (_what, change, said) => {
    expect(outcome(change)).toEqual({ outcome: "failed", reasons: [expect.stringMatching(said)] });
  });

  it("has no outcome when the load was not what it was meant to be", () => {
    expect(outcome({ fix: reportOf(record(requests(), { scheduled: 31 })) }).outcome).toBe("void");
  });
});

it("the cause is that of the replay's first scenario", () => {
  expect(causeIn({ scenarios: [{ cause: "pool-starved" }] })).toBe("pool-starved");
  expect([{}, { scenarios: [] }, { scenarios: [{}] }].map(causeIn)).toEqual(["", "", ""]);
});
