import { describe, expect, it } from "vitest";
import { evaluateMath, isPointwise, type MathReading } from "../../../drills/replay/math/evaluateMath";
import { parseMath } from "../../../drills/replay/math/parseMath";

const N = Number.NaN;
const metrics: { readonly [id: string]: readonly number[] } = {
  metric1: [30, 20, 0, 0],
  metric2: [20, N, 20, N],
  empty: [N, N, N, N],
};

function evaluated(
  text: string,
  series: { readonly [id: string]: readonly number[] } = metrics,
  reading?: MathReading,
): readonly (number | null)[] {
  const ids = Object.fromEntries(
    Object.entries(series).map(([id, values]) => [id, Float64Array.from(values)]),
  );
  const length = Object.values(series)[0]?.length ?? 0;
  const values = evaluateMath(parseMath(text, "alarm a"), {
    ids,
    metricIds: Object.keys(series),
    length,
    periodSeconds: 60,
    origin: "alarm a",
    reading,
  });
  return [...values].map((value) => (Number.isNaN(value) ? null : value));
}

describe("AWS's own examples of metric math", () => {
  it.each([
    ["(metric1 < metric2)", [0, 0, 1, 0]],
    ["(metric1 >= 30)", [1, 0, 0, 0]],
    ["(metric1 > 15 AND metric2 > 15)", [1, 0, 0, 0]],
  ])("%s is %o", (text, expected) => {
    expect(evaluated(text)).toEqual(expected);
  });

  const choice = {
    metric1: [1, 1, 0, 0, N],
    metric2: [30, N, 0, 0, 30],
    metric3: [0, 0, 20, N, 20],
  };
  it.each([
    ["IF(metric1, metric2, metric3)", [30, 0, 20, null, null]],
    ["IF(metric1, 5, metric3)", [5, 5, 20, null, null]],
    ["IF(metric1, metric2, 5)", [30, 0, 5, 5, null]],
    ["IF(metric1, metric2)", [30, 0, null, null, null]],
    ["IF(metric1 > 0, 10, 2)", [10, 10, 2, 2, null]],
    ["IF(0, metric2, metric3)", [0, 0, 20, null, 20]],
    ["IF(1, metric2, metric3)", [30, null, 0, 0, 30]],
  ])("%s is %o", (text, expected) => {
    expect(evaluated(text, choice)).toEqual(expected);
  });
});

describe("arithmetic", () => {
  it.each([
    ["metric1 + 2 * 3", [36, 26, 6, 6]],
    ["-metric1 ^ 2", [-900, -400, -0, -0]],
    ["(metric1 + 2) * 3", [96, 66, 6, 6]],
    ["metric1 - 10 - 5", [15, 5, -15, -15]],
    ["100 * metric2 / metric1", [2000 / 30, 0, null, null]],
    ["metric1 == 30 || metric1 != 0", [1, 1, 0, 0]],
    ["metric1 > 0 && metric1 <= 20", [0, 1, 0, 0]],
    ["metric1 * 1.5e1", [450, 300, 0, 0]],
  ])("%s is %o", (text, expected) => {
    expect(evaluated(text)).toEqual(expected);
  });

  it("takes what one series lacks for 0, and what both lack for missing", () => {
    expect(evaluated("metric1 + metric2")).toEqual([50, 20, 20, 0]);
    expect(evaluated("metric2 + empty")).toEqual([20, null, 20, null]);
    expect(evaluated("metric2 + 1")).toEqual([21, null, 21, null]);
  });

  it("drops it instead, read as people report it", () => {
    const dropped = { missingOperand: "dropped", fillsWithin: undefined } as const;
    expect(evaluated("metric1 + metric2", metrics, dropped)).toEqual([50, null, 20, null]);
  });
});

describe("FILL", () => {
  const gaps = { m: [N, 10, N, N, 40, N], other: [1, 2, 3, 4, 5, 6], none: [N, N, N, N, N, N] };
  it.each([
    ["FILL(m, 0)", [0, 10, 0, 0, 40, 0]],
    ["FILL(m, other)", [1, 10, 3, 4, 40, 6]],
    ["FILL(m, REPEAT)", [null, 10, 10, 10, 40, 40]],
    ["FILL(m, LINEAR)", [null, 10, 20, 30, 40, null]],
    ["FILL(none, 7)", [7, 7, 7, 7, 7, 7]],
    ["SUM(FILL([m, none], 1))", [2, 11, 2, 2, 41, 2]],
  ])("%s is %o", (text, expected) => {
    expect(evaluated(text, gaps)).toEqual(expected);
  });

  it("with REPEAT and LINEAR depends on more than its own moment", () => {
    expect(isPointwise(parseMath("IF(FILL(m, 0) > 1, m)", "a"))).toBe(true);
    expect(isPointwise(parseMath("1 + FILL(m, REPEAT)", "a"))).toBe(false);
    expect(isPointwise(parseMath("IF(m, FILL(m, LINEAR))", "a"))).toBe(false);
  });

  it("leaves empty what had nothing for long, read that way", () => {
    const reading = { missingOperand: "zero", fillsWithin: 2 } as const;
    expect(evaluated("FILL(m, 0)", gaps, reading)).toEqual([null, 10, 0, null, 40, 0]);
  });
});

describe("lists", () => {
  const series = { errors4xx: [1, N, 3], errors5xx: [10, N, N], requests: [100, 200, 300] };
  it.each([
    ["SUM(METRICS())", [111, 200, 303]],
    ['SUM(METRICS("errors"))', [11, null, 3]],
    ["AVG([errors4xx, errors5xx])", [5.5, null, 1.5]],
    ["MIN([errors4xx, errors5xx, requests])", [1, 200, 3]],
    ["MAX(METRICS())", [100, 200, 300]],
    ["SUM([errors4xx, errors5xx] / requests)", [0.11, 0, 0.01]],
    ["requests / PERIOD(requests)", [100 / 60, 200 / 60, 5]],
  ])("%s is %o", (text, expected) => {
    expect(evaluated(text, series).map((value) => value && Math.round(value * 1e9) / 1e9)).toEqual(
      expected.map((value) => value && Math.round(value * 1e9) / 1e9),
    );
  });
});

describe("what is not replayed is refused by name", () => {
  it.each([
    ["ANOMALY_DETECTION_BAND(metric1, 2)", /ANOMALY_DETECTION_BAND is outside the metric math/],
    ["RATE(metric1)", /RATE is outside/],
    ['SEARCH("x", "Average")', /SEARCH is outside/],
    ["FIL(metric1, 0)", /FIL is outside .* did you mean FILL\?/],
    ["metric1 +", /unexpected the end/],
    ["metric1 metric2", /unexpected metric2/],
    ["metric1 # 2", /`#` in/],
    ["IF(metric1)", /IF takes two or three arguments/],
    ["SUM(metric1)", /how much data CloudWatch retrieves/],
    ["METRICS()", /no single time series/],
    ["1 + 1", /no single time series/],
    ["nobody + 1", /names nobody, and it has metric1, metric2, empty/],
    ["FILL(5, 0)", /FILL fills a time series/],
  ])("%s", (text, message) => {
    expect(() => evaluated(text)).toThrow(message);
    expect(() => evaluated(text)).toThrow("alarm a");
  });
});
