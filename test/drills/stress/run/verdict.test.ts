import { describe, expect, it } from "vitest";
import { INCIDENTS } from "../../../../drills/stress/incidents";
import type { PhaseReport } from "../../../../drills/stress/measure/phaseReport";
import { compare, ratiosOf } from "../../../../drills/stress/run/baseline";
import { incidentOutcome, incidentResult } from "../../../../drills/stress/run/incidentDrill";
import { verdictOf } from "../../../../drills/stress/run/verdict";
import { record, reportOf, request, requests } from "../recordForTests";
import { smallStack } from "../stackForTests";

const { objectives } = smallStack;
const judge = (report: PhaseReport) => verdictOf(report, objectives);

describe("the verdict", () => {
  it("holds when nothing failed and nobody waited", () => {
    expect(judge(reportOf(record(requests())))).toEqual({ verdict: "holds", reasons: [] });
  });

  it("does not hold when more fail than the stack tolerates, and says how many", () => {
    const { verdict, reasons } = judge(reportOf(record(requests((n) => (n < 3 ? "pool_timeout" : "ok")))));
    expect(verdict).toBe("does not hold");
    expect(reasons).toEqual([expect.stringMatching(/^10\.0 % of requests failed, 2 % are tolerated/)]);
  });

  it("does not hold for a single wrong answer", () => {
    const many = Array.from({ length: 100 }, (_, n) =>
      request(10_000 + n * 100, n === 0 ? "wrong_answer" : "ok"),
    );
    expect(judge(reportOf(record(many))).reasons).toEqual(["1 requests were answered wrongly"]);
  });

  it("does not hold when answers or waits take longer than they may", () => {
    const slow = requests().map((each) => ({ ...each, latencyMs: 1500 }));
    expect(judge(reportOf(record(slow))).reasons).toEqual([
      expect.stringMatching(/99 of 100 requests took up to 15\d\d ms, 1000 ms are tolerated/),
    ]);
    const waits = Array.from({ length: 30 }, (_, n) => ({ atMs: 10_000 + n * 1000, value: 200 }));
    const [pool] = record([]).pools;
    const waiting = record(requests(), { pools: pool === undefined ? [] : [{ ...pool, waitMs: waits }] });
    expect(judge(reportOf(waiting)).reasons).toEqual([
      "100.0 % of acquisitions waited longer than 50 ms, 1 % may",
    ]);
  });

  it("is withheld where a machine at its limit made everything slow, but not where requests failed", () => {
    const slow = requests().map((each) => ({ ...each, latencyMs: 1500 }));
    expect(judge(reportOf(record(slow, { busyShare: 0.99 })))).toMatchObject({ verdict: "void" });
    const failing = record(
      requests(() => "pool_timeout"),
      { busyShare: 0.99 },
    );
    expect(judge(reportOf(failing))).toMatchObject({ verdict: "does not hold" });
  });

  it.each([
    ["an arrival that was not sent", { scheduled: 31 }, /31 scheduled, 30 sent/],
    [
      "a generator that fell behind",
      { load: { ...record(requests()).load, eventLoopDelayMs: 80 } },
      /event loop delay 80/,
    ],
    [
      "requests sent late",
      { load: { ...record([]).load, sent: 30, records: requests().map((each) => ({ ...each, lagMs: 90 })) } },
      /ms late, limit 25 ms/,
    ],
  ])("is void for %s", (_what, over, expected) => {
    const { verdict, reasons } = judge(reportOf(record(requests(), over)));
    expect(verdict).toBe("void");
    expect(reasons.join()).toMatch(expected);
  });

  it("names the machine as the bottleneck when connections were held longer than was meant", () => {
    const [pool] = record([]).pools;
    const useMs = [{ atMs: 20_000, value: 60 }];
    const { bottlenecks, agreement } = reportOf(
      record(requests(), { pools: pool ? [{ ...pool, useMs }] : [] }),
    );
    expect(bottlenecks).toEqual([
      "it held connections 20.0 ms longer than the 40 ms that were meant, limit 5 %",
    ]);
    expect(agreement).toEqual({ waitBeyondTarget: null, meanWaitMs: null });
  });
});

describe("a rehearsed incident", () => {
  const [incident] = INCIDENTS;
  if (incident === undefined) throw new Error("no incident is registered");
  const database = [{ atMs: 20_000, connections: 12, active: 0, lockWaits: 0, cpus: 0.1 }];
  const outage = {
    ...reportOf(
      record(
        requests((n) => (n % 5 < 2 ? "pool_timeout" : "ok")),
        { poolMax: 3, database },
      ),
    ),
  };
  const predictedAs = (failedShare: number): PhaseReport => ({
    ...outage,
    predicted: { ...outage.predicted, failedShare },
  });
  const safe = reportOf(record(requests(), { poolMax: 11 }));
  const verdict = (phases: { outage: PhaseReport; safe: PhaseReport }, namedCause = "pool-starved") => {
    const result = incidentResult(incident, { ...phases, maxConnections: 400, cpus: 2, namedCause });
    return incidentOutcome(incident, result, phases);
  };

  it("is as it should be when as many fail as predicted, the database is calm and the safe pool fails none", () => {
    expect(verdict({ outage: predictedAs(0.4), safe })).toEqual({ outcome: "passed", reasons: [] });
    expect(verdict({ outage: predictedAs(0.455), safe })).toMatchObject({ outcome: "passed" });
  });

  it("is not when the prediction is off by more than six points", () => {
    expect(verdict({ outage: predictedAs(0.47), safe }).reasons).toEqual([
      "40.0 % of requests failed, 47.0 % were predicted (within 6 points)",
    ]);
  });

  it("is not when a request fails with the safe pool, the database works hard, or another cause is named", () => {
    const leaky = reportOf(
      record(
        requests((n) => (n === 0 ? "5xx" : "ok")),
        { poolMax: 11 },
      ),
    );
    expect(verdict({ outage: predictedAs(0.4), safe: leaky }).reasons).toEqual([
      "1 requests failed with the safe pool of 11",
    ]);
    const busy = {
      ...predictedAs(0.4),
      database: { ...outage.database, connections: { mean: 390, max: 395 } },
    };
    expect(verdict({ outage: busy, safe }).reasons).toEqual([
      "the database was not calm while requests failed",
    ]);
    expect(verdict({ outage: predictedAs(0.4), safe }, "database-saturated").reasons).toEqual([
      "the alarms name database-saturated instead of pool-starved",
    ]);
    expect(verdict({ outage: predictedAs(0.4), safe }, "").reasons).toEqual([
      "the alarms name no cause instead of pool-starved",
    ]);
  });
});

describe("the baseline", () => {
  it("compares ratios that were kept, and lets a machine be half as slow again", () => {
    const kept = { "median latency / predicted": 1 };
    expect(compare(kept, { "median latency / predicted": 1.5, "hold / declared": 9 })).toEqual([
      { name: "median latency / predicted", now: 1.5, baseline: 1, limit: 1.5, within: true },
    ]);
    expect(compare(kept, { "median latency / predicted": 1.51 })[0]?.within).toBe(false);
    expect(compare(undefined, { "median latency / predicted": 9 })).toEqual([]);
  });

  it("takes latencies over the hold that they are made of", () => {
    const ratios = ratiosOf(
      reportOf(record(requests().map((each) => ({ ...each, latencyMs: 40 * Math.LN2 })))),
      40,
    );
    expect(ratios["median latency / predicted"]).toBeCloseTo(1, 1);
    expect(ratios["hold / declared"]).toBe(1);
  });
});
