import { describe, expect, it } from "vitest";
import type { Alarm } from "../../../drills/replay/alarm";
import { type SimulationOptions, simulate } from "../../../drills/replay/simulate";
import type { Trace } from "../../../drills/replay/trace";
import { composite, METRIC, mathAlarm, metricAlarm, traceOf } from "./samples";

const N = null;
const ONE_OF_ONE = { evaluationPeriods: 1, datapointsToAlarm: 1 };

/** Each change of state with the minute of the trace in which it happened. */
const changes = (alarms: readonly Alarm[], trace: Trace, options?: SimulationOptions): readonly string[] =>
  simulate(alarms, trace, options).transitions.map((one) => `${one.atSeconds / 60} ${one.alarm} ${one.to}`);

const actions = (alarms: readonly Alarm[], trace: Trace): readonly string[] =>
  simulate(alarms, trace).actions.map((one) => `${one.atSeconds / 60} ${one.alarm} ${one.state}`);

describe("a metric alarm over time", () => {
  it.each([
    // The second bad minute is 04:00 to 05:00; its datapoint is there a minute later.
    [undefined, ["3 a OK", "6 a ALARM", "9 a OK"]],
    [0, ["2 a OK", "5 a ALARM", "8 a OK"]],
    [180, ["5 a OK", "8 a ALARM", "11 a OK"]],
  ])("changes when the datapoint that decides has arrived, %s s after its minute: %o", (delay, expected) => {
    const trace = traceOf([0, 0, 0, 9, 9, 9, 0, 0, 0]);
    expect(changes([metricAlarm()], trace, { ingestionDelaySeconds: delay })).toEqual(expected);
  });

  it("notifies once, on the transition, and not that it is OK at its first evaluation", () => {
    const trace = traceOf([0, 0, 0, 9, 9, 9, 9, 9, 9, 0, 0, 0]);
    expect(actions([metricAlarm()], trace)).toEqual(["6 a ALARM", "12 a OK"]);
    expect(actions([metricAlarm({ severity: "signal" })], trace)).toEqual([]);
  });

  it("is not in ALARM for what was before the trace", () => {
    const all = metricAlarm({ evaluationPeriods: 5, datapointsToAlarm: 5, treatMissingData: "breaching" });
    expect(changes([all], traceOf([0, 0, 0]))).toEqual(["2 a OK"]);
    expect(changes([all], traceOf([9, 9, 9]))).toEqual([]);
    const three = metricAlarm({ evaluationPeriods: 5, datapointsToAlarm: 3 });
    expect(changes([three], traceOf([9, 9, 9]))).toEqual(["4 a ALARM"]);
  });

  it.each([
    ["notBreaching", 0, ["3 a ALARM", "6 a OK"]],
    ["notBreaching", 2, ["3 a ALARM", "8 a OK"]],
    ["ignore", 2, ["3 a ALARM"]],
  ] as const)("reaches back over a gap as far as its range goes: %s, %d more periods", (treatMissingData, extraPeriods, expected) => {
    const gap = traceOf([9, 9, 9, N, N, N, N, N, N]);
    expect(changes([metricAlarm({ treatMissingData })], gap, { extraPeriods })).toEqual(expected);
  });

  it("slides by a minute, whatever its period", () => {
    const five = metricAlarm({ statistic: "Maximum", periodSeconds: 300, ...ONE_OF_ONE });
    const { series, ...trace } = traceOf([0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]);
    const maximum = { ...trace, series: series.map((one) => ({ ...one, statistic: "Maximum" })) };
    expect(changes([five], maximum)).toEqual(["6 a OK", "7 a ALARM", "12 a OK"]);
  });

  it("is evaluated once a minute on a trace of ten seconds", () => {
    const values = [...Array(12).fill(0), ...Array(12).fill(60)];
    expect(changes([metricAlarm(ONE_OF_ONE)], traceOf(values, [], 10))).toEqual(["2 a OK", "4 a ALARM"]);
  });

  it("with metric math, in minutes that only their own datapoints decide", () => {
    const math = mathAlarm({ doubled: "2 * m", result: "FILL(doubled, 0)" });
    expect(changes([math], traceOf([1, 3, N, 1]))).toEqual(["2 a OK", "3 a ALARM", "4 a OK"]);
  });

  it("with FILL and REPEAT sees no further back than its range", () => {
    const math = mathAlarm({ result: "FILL(m, REPEAT)" }, { treatMissingData: "notBreaching" });
    expect(changes([math], traceOf([9, N, N, N, N, N]))).toEqual(["2 a ALARM", "5 a OK"]);
  });

  it("on a percentile of few samples stays as it is where it ignores them", () => {
    const p99 = metricAlarm({ statistic: "p99", ignoreLowSamples: true, ...ONE_OF_ONE });
    const trace = traceOf(
      [1, 1, 1, 1],
      [
        { statistic: "p99", values: [1, 9, 9, 9] },
        { statistic: "SampleCount", values: [5000, 900, 1000, 999] },
      ],
    );
    expect(changes([p99], trace)).toEqual(["2 a OK", "4 a ALARM"]);
    expect(changes([{ ...p99, ignoreLowSamples: false }], trace)).toEqual(["2 a OK", "3 a ALARM"]);
  });
});

describe("composites", () => {
  const bad = [0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0];
  const signal = metricAlarm({ severity: "signal" });

  it("follow in the same moment, those that read them too", () => {
    const top = composite({ id: "top", rule: 'ALARM("c") AND NOT ALARM("never")' });
    const never = composite({ id: "never", rule: "FALSE", severity: "signal" });
    expect(actions([top, composite(), never, signal], traceOf(bad)).toSorted()).toEqual([
      "14 c OK",
      "14 top OK",
      "6 c ALARM",
      "6 top ALARM",
    ]);
  });

  it.each([
    ["silent", Array(16).fill(0), ["8 c ALARM", "16 c OK"]],
    // In ALARM from 7 to 9, then an extension of a minute
    ["brief", [0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0], ["10 c ALARM", "16 c OK"]],
    ["there throughout", [0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], []],
  ])("are held back by a suppressor that is %s for as long as that lasts", (_, values, expected) => {
    const suppressor = metricAlarm({
      id: "cause",
      severity: "signal",
      signal: { kind: "metric", metric: { ...METRIC, metric: "cause" } },
      ...ONE_OF_ONE,
    });
    const held = composite({ suppression: { by: "cause", waitSeconds: 120, extensionSeconds: 60 } });
    expect(actions([held, signal, suppressor], traceOf(bad, [{ metric: "cause", values }]))).toEqual(
      expected,
    );
  });

  it.each([
    [[composite({ id: "a", rule: "ALARM(b)" }), composite({ id: "b", rule: "NOT ALARM(a)" })], "a → b → a"],
    [
      [composite({ rule: "ALARM(pool-timeout)" }), metricAlarm({ id: "pool-timeouts" })],
      "mean pool-timeouts?",
    ],
    [
      [composite({ rule: "TRUE", suppression: { by: "gone", waitSeconds: 1, extensionSeconds: 1 } })],
      "suppressed by gone",
    ],
    [[composite({ rule: "ALARM(c" })], "alarm c: its rule is not understood"],
    [[metricAlarm(), metricAlarm()], "two alarms named a"],
  ])("that CloudWatch could not evaluate are refused: %#", (alarms, message) => {
    expect(() => simulate(alarms, traceOf([1]))).toThrow(message);
  });
});

describe("metrics that a trace does not have", () => {
  const metric = { ...METRIC, dimensions: { x: "1" } };
  const absent = metricAlarm({ treatMissingData: "breaching", signal: { kind: "metric", metric } });

  it.each([
    ["noData", ["3 a ALARM"]],
    ["unobserved", []],
  ] as const)("are missing data, or unknown where they are not measured: %s", (absentMetrics, expected) => {
    expect(simulate([absent], traceOf([1, 1, 1, 1]), { absentMetrics }).blind).toEqual(["a"]);
    expect(changes([absent], traceOf([1, 1, 1, 1]), { absentMetrics })).toEqual(expected);
  });
});
