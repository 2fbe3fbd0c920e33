import { describe, expect, it } from "vitest";
import type { Alarm } from "../../../drills/replay/alarm";
import { Datapoints } from "../../../drills/replay/datapoints";
import { type SimulationOptions, Suppressor, simulate } from "../../../drills/replay/simulate";
import type { Trace, TraceSeries } from "../../../drills/replay/trace";
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

/** A change at a time: `2 composite` or `3 suppressor ALARM`. Times are the units of the guide's figures. */
function actsAfter(...changes: readonly string[]): readonly number[] {
  const suppressor = new Suppressor({ by: "s", waitSeconds: 2, extensionSeconds: 3 });
  const acts: (number | undefined)[] = [];
  for (let now = 0; now <= 20; now++) {
    acts.push(suppressor.timePassed(now));
    for (const change of changes) {
      const [when, who, state] = change.split(" ");
      if (Number(when) !== now) continue;
      const to = state === "ALARM" ? "ALARM" : "OK";
      acts.push(
        who === "composite" ? suppressor.compositeChanged(now) : suppressor.suppressorChanged(to, now),
      );
    }
  }
  return acts.filter((time) => time !== undefined);
}

describe("a composite's suppressed actions", () => {
  it.each([
    // AWS's six examples: WaitPeriod 2 units, ExtensionPeriod 3.
    ["acts when the wait is over and the suppressor has stayed OK", ["2 composite"], [4]],
    [
      "does not act when the suppressor fires before the wait is over",
      ["2 composite", "3 suppressor ALARM"],
      [],
    ],
    ["begins a new wait when the composite changes during the first", ["2 composite", "3 composite"], [5]],
    ["does not act on a change while the suppressor fires", ["1 suppressor ALARM", "2 composite"], []],
    [
      "acts when the extension is over and nothing has changed",
      ["2 composite", "3 suppressor ALARM", "6 suppressor OK"],
      [9],
    ],
    [
      "drops the extension and waits anew when the composite changes at once",
      ["2 composite", "3 suppressor ALARM", "6 suppressor OK", "7 composite"],
      [9],
    ],
    [
      "drops the extension and waits anew when the composite changes later",
      ["2 composite", "3 suppressor ALARM", "6 suppressor OK", "8 composite"],
      [10],
    ],
    // Where AWS is silent.
    ["acts at the end of a wait at which the suppressor fires", ["2 composite", "4 suppressor ALARM"], [4]],
    ["does not act when a suppressor comes and goes alone", ["2 suppressor ALARM", "5 suppressor OK"], []],
  ])("%s", (_, changes, expected) => {
    expect(actsAfter(...changes)).toEqual(expected);
  });

  it("are taken at once without a wait, and after a suppressor without an extension", () => {
    const none = new Suppressor({ by: "s", waitSeconds: 0, extensionSeconds: 0 });
    expect(none.compositeChanged(5)).toBe(5);
    expect(none.suppressorChanged("ALARM", 6)).toBeUndefined();
    expect(none.compositeChanged(7)).toBeUndefined();
    expect(none.suppressorChanged("OK", 8)).toBe(8);
  });
});

const datapointsOf = (...series: readonly Partial<TraceSeries>[]) =>
  new Datapoints({ ...traceOf([]), series: series.map((one) => ({ ...METRIC, values: [], ...one })) });
const over = (datapoints: Datapoints, statistic: string, seconds: number) => [
  ...datapoints.of({ ...METRIC, statistic }, seconds),
];

describe("statistics over several periods", () => {
  it.each([
    ["Sum", [1, 3, 6, 9, 7]],
    ["SampleCount", [1, 3, 6, 9, 7]],
    ["Maximum", [1, 2, 3, 4, 4]],
    ["Minimum", [1, 1, 1, 2, 3]],
  ])("%s is exact, leaving out what is missing", (statistic, expected) => {
    expect(over(datapointsOf({ statistic, values: [1, 2, 3, 4, null] }), statistic, 180)).toEqual(expected);
  });

  it("Average is weighted with the sample counts, and noted where there are none", () => {
    const average = { statistic: "Average", values: [1, 2, 6] };
    const counted = datapointsOf(average, { statistic: "SampleCount", values: [1, 1, 2] });
    expect(over(counted, "Average", 180)[2]).toBe((1 + 2 + 12) / 4);
    expect(counted.equallyWeighted.size).toBe(0);
    const plain = datapointsOf(average);
    expect(over(plain, "Average", 180)[2]).toBe(3);
    expect(plain.equallyWeighted.size).toBe(1);
  });

  it("Average and Sum follow from each other and the sample count", () => {
    const counts = { statistic: "SampleCount", values: [2, 3, 0] };
    const sums = datapointsOf({ statistic: "Sum", values: [4, 9, 0] }, counts);
    expect(over(sums, "Average", 60)).toEqual([2, 3, Number.NaN]);
    const averages = datapointsOf({ statistic: "Average", values: [2, 3, null] }, counts);
    expect(over(averages, "Sum", 60)).toEqual([4, 9, Number.NaN]);
  });
});

describe("what cannot be replayed is refused with the alarm's name", () => {
  const p99 = { statistic: "p99", values: [1] };
  it.each([
    [
      metricAlarm({ statistic: "p99" }),
      traceOf([1]),
      /reads p99 of NS m \{\}, and the trace has Average of it/,
    ],
    [
      metricAlarm({ statistic: "p99", periodSeconds: 300 }),
      traceOf([1], [p99]),
      /percentiles cannot be put together/,
    ],
    [metricAlarm({ periodSeconds: 90 }), traceOf([1]), /needs datapoints of 90 s/],
    [metricAlarm({ periodSeconds: 10 }), traceOf([1]), /needs datapoints of 10 s/],
    [mathAlarm({ e: "RATE(m)" }), traceOf([1]), /: RATE is outside the metric math/],
    [mathAlarm({ e: "m + other" }), traceOf([1]), /: its metric math names other/],
    [mathAlarm({ e: "f + m", f: "e" }), traceOf([1]), /: its metric math names f, e/],
    [metricAlarm({ datapointsToAlarm: 9 }), traceOf([1]), /: datapointsToAlarm is 9/],
  ])("%#", (alarm, trace, message) => {
    expect(() => simulate([alarm], trace)).toThrow(message);
    expect(() => simulate([alarm], trace)).toThrow(/^alarm a/);
  });

  it("and a trace whose periods do not fit a minute", () => {
    expect(() => simulate([metricAlarm()], traceOf([1], [], 45))).toThrow("a value for every 45 s");
  });
});
