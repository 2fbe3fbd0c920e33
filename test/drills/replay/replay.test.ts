import { describe, expect, it } from "vitest";
import type { Alarm, CompositeAlarm, MetricAlarm } from "../../../drills/replay/alarm";
import { Datapoints } from "../../../drills/replay/datapoints";
import { type ReplayOptions, replay } from "../../../drills/replay/replay";
import { parseTrace, type Trace, type TraceSeries } from "../../../drills/replay/trace";

const N = null;

function trace(
  values: readonly (number | null)[],
  more: readonly Partial<TraceSeries>[] = [],
  periodSeconds = 60,
): Trace {
  const base = { namespace: "NS", metric: "m", dimensions: {}, statistic: "Average", values };
  return {
    startsAt: "2024-09-02T02:00:00Z",
    periodSeconds,
    series: [base, ...more.map((one) => ({ ...base, ...one }))],
  };
}

function alarm(change: Partial<MetricAlarm> = {}, statistic = "Average"): MetricAlarm {
  return {
    kind: "metric",
    id: "a",
    intent: "",
    severity: "page",
    role: "symptom",
    statistic,
    periodSeconds: 60,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    comparison: "GreaterThanThreshold",
    threshold: 5,
    treatMissingData: "missing",
    signal: { kind: "metric", metric: { namespace: "NS", metric: "m", dimensions: {}, statistic } },
    ...change,
  };
}

function composite(change: Partial<CompositeAlarm>): CompositeAlarm {
  return {
    kind: "composite",
    id: "c",
    intent: "",
    severity: "page",
    role: "cause",
    rule: "ALARM(a)",
    ...change,
  };
}

/** Minute of the trace at which each change happened. */
function changes(alarms: readonly Alarm[], of: Trace, options?: ReplayOptions): readonly string[] {
  return replay(alarms, of, options).transitions.map(
    ({ alarm: id, to, atSeconds }) => `${atSeconds / 60} ${id} ${to}`,
  );
}

function actions(alarms: readonly Alarm[], of: Trace, options?: ReplayOptions): readonly string[] {
  return replay(alarms, of, options).actions.map(
    ({ alarm: id, state, atSeconds }) => `${atSeconds / 60} ${id} ${state}`,
  );
}

describe("a metric alarm over time", () => {
  it("changes when the datapoint that decides has arrived: end of its minute and the ingestion delay", () => {
    const over = trace([0, 0, 0, 9, 9, 9, 0, 0, 0]);
    // The second bad minute is 04:00 to 05:00; its datapoint is there a minute later.
    expect(changes([alarm()], over)).toEqual(["3 a OK", "6 a ALARM", "9 a OK"]);
    expect(changes([alarm()], over, { ingestionDelaySeconds: 0 })).toEqual(["2 a OK", "5 a ALARM", "8 a OK"]);
    expect(changes([alarm()], over, { ingestionDelaySeconds: 180 })).toEqual([
      "5 a OK",
      "8 a ALARM",
      "11 a OK",
    ]);
  });

  it("tells once, on the transition, and not that all is well at its first look", () => {
    expect(actions([alarm()], trace([0, 0, 0, 9, 9, 9, 9, 9, 9, 0, 0, 0]))).toEqual(["6 a ALARM", "12 a OK"]);
    expect(actions([alarm({ severity: "signal" })], trace([0, 0, 9, 9, 9]))).toEqual([]);
  });

  it("is not in ALARM for what was before the trace", () => {
    const breaching = alarm({ evaluationPeriods: 5, datapointsToAlarm: 5, treatMissingData: "breaching" });
    expect(changes([breaching], trace([0, 0, 0]))).toEqual(["2 a OK"]);
    expect(changes([breaching], trace([9, 9, 9]))).toEqual([]);
    expect(changes([alarm({ evaluationPeriods: 5, datapointsToAlarm: 3 })], trace([9, 9, 9]))).toEqual([
      "4 a ALARM",
    ]);
  });

  it("reaches back over a gap as far as its range goes", () => {
    const gap = trace([9, 9, 9, N, N, N, N, N, N]);
    const quiet = alarm({ treatMissingData: "notBreaching" });
    expect(changes([quiet], gap, { extraPeriods: 0 })).toEqual(["3 a ALARM", "6 a OK"]);
    expect(changes([quiet], gap, { extraPeriods: 2 })).toEqual(["3 a ALARM", "8 a OK"]);
    expect(changes([alarm({ treatMissingData: "ignore" })], gap)).toEqual(["3 a ALARM"]);
  });

  it("slides by a minute, whatever its period", () => {
    const five = alarm({ periodSeconds: 300, evaluationPeriods: 1, datapointsToAlarm: 1 }, "Maximum");
    const of = trace([], [{ statistic: "Maximum", values: [0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0] }]);
    const only = { ...of, series: of.series.slice(1) };
    expect(changes([five], only)).toEqual(["6 a OK", "7 a ALARM", "12 a OK"]);
  });

  it("evaluates a trace of ten seconds once a minute", () => {
    const values = [...Array(12).fill(0), ...Array(12).fill(60)];
    const one = alarm({ evaluationPeriods: 1, datapointsToAlarm: 1 });
    expect(changes([one], trace(values, [], 10))).toEqual(["2 a OK", "4 a ALARM"]);
  });

  it("with metric math, in minutes that only their own datapoints decide", () => {
    const math = alarm({
      statistic: "Expression",
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      signal: {
        kind: "math",
        metrics: { m: { namespace: "NS", metric: "m", dimensions: {}, statistic: "Average" } },
        expressions: { doubled: "2 * m", result: "FILL(doubled, 0)" },
        returns: "result",
      },
    });
    expect(changes([math], trace([1, 3, N, 1]))).toEqual(["2 a OK", "3 a ALARM", "4 a OK"]);
  });

  it("with FILL and REPEAT sees no further back than its range", () => {
    const math = alarm({
      statistic: "Expression",
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: "notBreaching",
      signal: {
        kind: "math",
        metrics: { m: { namespace: "NS", metric: "m", dimensions: {}, statistic: "Average" } },
        expressions: { result: "FILL(m, REPEAT)" },
        returns: "result",
      },
    });
    expect(changes([math], trace([9, N, N, N, N, N]))).toEqual(["2 a ALARM", "5 a OK"]);
  });
});

describe("a percentile of few samples", () => {
  it("leaves the state as it is where the alarm ignores it", () => {
    const p99 = alarm({ ignoreLowSamples: true, evaluationPeriods: 1, datapointsToAlarm: 1 }, "p99");
    const of = trace(
      [1, 1, 1, 1],
      [
        { statistic: "p99", values: [1, 9, 9, 9] },
        { statistic: "SampleCount", values: [5000, 900, 1000, 999] },
      ],
    );
    expect(changes([p99], of)).toEqual(["2 a OK", "4 a ALARM"]);
    expect(changes([{ ...p99, ignoreLowSamples: false }], of)).toEqual(["2 a OK", "3 a ALARM"]);
  });
});

describe("composites", () => {
  const bad = trace([0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0]);
  const signal = alarm({ severity: "signal" });

  it("follow in the same moment, those that read them too", () => {
    const top = composite({ id: "top", rule: 'ALARM("c") AND NOT ALARM("never")' });
    const never = composite({ id: "never", rule: "FALSE", severity: "signal" });
    expect(actions([top, composite({}), never, signal], bad).toSorted()).toEqual([
      "14 c OK",
      "14 top OK",
      "6 c ALARM",
      "6 top ALARM",
    ]);
  });

  it("are held back by their suppressor, and speak when it ends and they have not", () => {
    const cause = alarm({
      id: "cause",
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      severity: "signal",
      signal: {
        kind: "metric",
        metric: { namespace: "NS", metric: "cause", dimensions: {}, statistic: "Average" },
      },
    });
    const held = composite({ suppression: { by: "cause", waitSeconds: 120, extensionSeconds: 60 } });
    const of = (values: readonly number[]) =>
      trace(bad.series[0]?.values ?? [], [{ metric: "cause", values }]);
    const silent = of(Array(16).fill(0));
    expect(actions([held, signal, cause], silent)).toEqual(["8 c ALARM", "16 c OK"]);
    const brief = of([0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    // In ALARM from 7 to 9, then an extension of a minute
    expect(actions([held, signal, cause], brief)).toEqual(["10 c ALARM", "16 c OK"]);
    const throughout = of([0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
    expect(actions([held, signal, cause], throughout)).toEqual([]);
  });
});

describe("what cannot be replayed is refused by name", () => {
  it.each([
    [alarm({}, "p99"), trace([1]), /alarm a reads p99 of NS m \{\}, and the trace has Average of it/],
    [alarm({ periodSeconds: 90 }), trace([1]), /alarm a needs datapoints of 90 s/],
    [alarm({ periodSeconds: 10 }), trace([1]), /alarm a needs datapoints of 10 s/],
    [alarm(), trace([1], [], 45), /a value for every 45 s/],
  ])("%#", (one, of, message) => {
    expect(() => replay([one], of)).toThrow(message);
  });

  it("percentiles over several periods", () => {
    const of = trace([1], [{ statistic: "p99", values: [1] }]);
    expect(() => replay([alarm({ periodSeconds: 300 }, "p99")], of)).toThrow(
      "percentiles cannot be put together",
    );
  });

  it("two alarms of one name", () => {
    expect(() => replay([alarm(), alarm()], trace([1]))).toThrow("two alarms named a");
  });
});

describe("metrics that a trace does not have", () => {
  const absent = alarm({
    treatMissingData: "breaching",
    signal: {
      kind: "metric",
      metric: { namespace: "NS", metric: "m", dimensions: { x: "1" }, statistic: "Average" },
    },
  });

  it("are missing data, and the alarm is named as blind", () => {
    const result = replay([absent], trace([1, 1, 1, 1]));
    expect(result.blind).toEqual(["a"]);
    expect(result.transitions.map(({ to }) => to)).toEqual(["ALARM"]);
  });

  it("are unknown where the trace was taken in a place without them", () => {
    const result = replay([absent], trace([1, 1, 1, 1]), { absentMetrics: "unobserved" });
    expect(result.blind).toEqual(["a"]);
    expect(result.transitions).toEqual([]);
  });
});

describe("statistics over several periods", () => {
  const metric = (statistic: string) => ({ namespace: "NS", metric: "m", dimensions: {}, statistic });
  const made = (statistic: string, series: readonly Partial<TraceSeries>[]) => {
    const base = { namespace: "NS", metric: "m", dimensions: {}, statistic: "", values: [] };
    const datapoints = new Datapoints({ ...trace([]), series: series.map((one) => ({ ...base, ...one })) });
    return { values: [...datapoints.of(metric(statistic), 180, "a")], datapoints };
  };

  it.each([
    ["Sum", [1, 3, 6, 9, 7]],
    ["SampleCount", [1, 3, 6, 9, 7]],
    ["Maximum", [1, 2, 3, 4, 4]],
    ["Minimum", [1, 1, 1, 2, 3]],
  ])("%s is exact, leaving out what is missing", (statistic, expected) => {
    expect(made(statistic, [{ statistic, values: [1, 2, 3, 4, N] }]).values).toEqual(expected);
  });

  it("Average is weighted with the sample counts, and says so where it has none", () => {
    const counted = made("Average", [
      { statistic: "Average", values: [1, 2, 6] },
      { statistic: "SampleCount", values: [1, 1, 2] },
    ]);
    expect(counted.values[2]).toBe((1 + 2 + 12) / 4);
    expect(counted.datapoints.equallyWeighted.size).toBe(0);
    const plain = made("Average", [{ statistic: "Average", values: [1, 2, 6] }]);
    expect(plain.values[2]).toBe(3);
    expect(plain.datapoints.equallyWeighted.size).toBe(1);
  });

  it("Average and Sum follow from each other and the sample count", () => {
    const series = [
      { statistic: "Sum", values: [4, 9, 0] },
      { statistic: "SampleCount", values: [2, 3, 0] },
    ];
    const base = { namespace: "NS", metric: "m", dimensions: {} };
    const datapoints = new Datapoints({ ...trace([]), series: series.map((one) => ({ ...base, ...one })) });
    expect([...datapoints.of(metric("Average"), 60, "a")]).toEqual([2, 3, Number.NaN]);
  });
});

describe("a trace file", () => {
  const good = trace([1, N, 0]);
  it("is read as it is", () => {
    expect(parseTrace(JSON.parse(JSON.stringify(good)), "t.json")).toEqual(good);
  });

  it.each([
    [{ ...good, startsAt: "yesterday" }, /t.json is no trace: `startsAt` is not a date/],
    [{ ...good, periodSeconds: 0 }, /`periodSeconds`/],
    [{ ...good, series: [] }, /`series`/],
    [{ ...good, series: [{ ...good.series[0], values: ["1"] }] }, /`series.0.values.0`/],
    [{ ...good, series: [{ ...good.series[0], statistic: "Median" }] }, /none of Average/],
    [
      { ...good, series: [good.series[0], { ...good.series[0], metric: "n", values: [1] }] },
      /has 1 values and others 3/,
    ],
    [{ ...good, series: [good.series[0], good.series[0]] }, /twice/],
    [[], /t.json is no trace/],
  ])("that is none is refused: %#", (data, message) => {
    expect(() => parseTrace(data, "t.json")).toThrow(message);
  });
});
