import { describe, expect, it } from "vitest";
import { agreementOf } from "../../../../drills/stress/measure/agreement";
import { toText } from "../../../../drills/stress/report/text";
import { reportForTests } from "../reportForTests";

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

  it("is told in the report as too small, never as outside", () => {
    const report = reportForTests();
    const [phase] = report.phases;
    if (phase === undefined) throw new Error("no phase");
    const said = (agreement: typeof phase.agreement): string =>
      toText({ ...report, phases: [{ ...phase, predicted, bottlenecks: [], agreement }] });
    const small = said(agreementOf(healthy, predicted, true));
    expect(small).toContain("pool of 4: predicted P(wait) and mean wait: too small to measure, as predicted");
    expect(small).not.toContain("outside");
    expect(said({ waitBeyondTarget: "within", meanWaitMs: "outside" })).toContain(
      "predicted P(wait): within the interval; mean wait: outside the interval",
    );
    expect(said({ waitBeyondTarget: null, meanWaitMs: null })).toContain("cannot be told");
  });
});
