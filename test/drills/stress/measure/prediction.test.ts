import { describe, expect, it } from "vitest";
import { agreementOf, predict, relaxationMs } from "../../../../drills/stress/measure/prediction";

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

const interval = (mean: number, low: number, high: number) => ({ mean, low, high, batches: 10 });
const predicted = {
  poolMax: 11,
  utilisation: 0.45,
  waitBeyondTarget: 0.0002,
  meanWaitMs: 0.02,
  waitP99Ms: 0,
  failedShare: 0,
};
const healthy = {
  waitBeyondTarget: interval(0.0006, 0.0003, 0.0009),
  meanWaitMs: interval(0.09, 0.07, 0.11),
};

describe("the model against a healthy run", () => {
  it("is not called wrong for values that no run can tell from nothing", () => {
    expect(agreementOf(healthy, predicted, true)).toEqual({
      waitBeyondTarget: "too small to measure",
      meanWaitMs: "too small to measure",
    });
  });

  it("is judged as soon as either of the two can be measured", () => {
    const seen = { waitBeyondTarget: interval(0.003, 0.002, 0.004), meanWaitMs: interval(2, 1.5, 2.5) };
    expect(agreementOf(seen, predicted, true)).toEqual({
      waitBeyondTarget: "outside",
      meanWaitMs: "outside",
    });
    const said = { ...predicted, waitBeyondTarget: 0.0025, meanWaitMs: 1.6 };
    expect(agreementOf(seen, said, true)).toEqual({ waitBeyondTarget: "within", meanWaitMs: "within" });
    expect(agreementOf(healthy, said, true)).toEqual({ waitBeyondTarget: "outside", meanWaitMs: "outside" });
  });

  it("is not judged where waits grow, or there is no interval, or the machine was the bottleneck", () => {
    const open = { mean: 0.3, low: undefined, high: undefined, batches: 2 };
    const none = { waitBeyondTarget: null, meanWaitMs: null };
    expect(
      agreementOf(
        { waitBeyondTarget: open, meanWaitMs: open },
        { ...predicted, meanWaitMs: undefined },
        true,
      ),
    ).toEqual(none);
    expect(agreementOf(healthy, predicted, false)).toEqual(none);
  });
});
