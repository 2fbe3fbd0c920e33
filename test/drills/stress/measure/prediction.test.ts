import { describe, expect, it } from "vitest";
import { predict, relaxationMs } from "../../../../drills/stress/measure/prediction";

const incident = { requestsPerSecond: 50, holdMs: 90, acquisitionsPerRequest: 1.1 };
const at = (poolMax: number) =>
  predict({ poolMax, load: incident, waitTargetMs: 50, acquireTimeoutMs: 1000 });

describe("the prediction beside a measurement", () => {
  it("says for the outage's pool of 3 that 40 % fail and waits grow until they give up", () => {
    const prediction = at(3);
    expect(prediction.failedShare).toBeCloseTo(0.4, 2);
    expect(prediction.meanWaitMs).toBeUndefined();
    expect(prediction.waitP99Ms).toBe(1000);
    expect(prediction.utilisation).toBeCloseTo(1.65);
    expect(relaxationMs(prediction, 90)).toBeUndefined();
  });

  it("says for the floor that one wait in a hundred at most is beyond the target and none fails", () => {
    const prediction = at(11);
    expect(prediction.waitBeyondTarget).toBeLessThan(0.01);
    expect(prediction.failedShare).toBeLessThan(1e-6);
  });

  it("puts the 99th percentile of the wait where one in a hundred waits longer", () => {
    const { waitP99Ms } = at(7);
    const beyond = predict({ poolMax: 7, load: incident, waitTargetMs: waitP99Ms, acquireTimeoutMs: 1000 });
    expect(beyond.waitBeyondTarget).toBeCloseTo(0.01);
  });

  it("remembers for longer the nearer the pool is to its load", () => {
    expect(relaxationMs(at(6), 90)).toBeGreaterThan(relaxationMs(at(8), 90) ?? 0);
  });
});
