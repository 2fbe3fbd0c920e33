import { describe, expect, it } from "vitest";
import { Datapoints } from "../../../drills/replay/datapoints";
import { simulate } from "../../../drills/replay/simulate";
import type { TraceSeries } from "../../../drills/replay/trace";
import { METRIC, mathAlarm, metricAlarm, traceOf } from "./samples";

const datapointsOf = (...series: readonly Partial<TraceSeries>[]) =>
  new Datapoints({ ...traceOf([]), series: series.map((one) => ({ ...METRIC, values: [], ...one })) });
const over = (datapoints: Datapoints, statistic: string, seconds: number) => [
  ...datapoints.of({ ...METRIC, statistic }, seconds, "a"),
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
