import { describe, expect, it } from "vitest";
import { compare, ratiosOf, withBaseline } from "../../../../drills/stress/run/verdict";
import { record, reportOf, requests } from "../support/record";

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
