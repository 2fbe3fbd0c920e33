import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPointwise, parseMath } from "../../../../policies/model/cloudwatch/mathParser";
import {
  evaluateMath,
  type MathReading,
  parseMetricMath,
} from "../../../../policies/model/cloudwatch/metricMath";

const N = Number.NaN;
type Series = { readonly [id: string]: readonly number[] };

const metrics: Series = {
  metric1: [30, 20, 0, 0],
  metric2: [20, N, 20, N],
  empty: [N, N, N, N],
};

function overTime(text: string, series: Series = metrics, reading?: MathReading): readonly (number | null)[] {
  const ids = new Map(Object.entries(series).map(([id, values]) => [id, Float64Array.from(values)]));
  const length = Object.values(series)[0]?.length ?? 0;
  const input = { ids, metricIds: [...ids.keys()], length, periodSeconds: 60, reading };
  return [...evaluateMath(parseMath(text), input)].map((value) => (Number.isNaN(value) ? null : value));
}

function atOnePoint(text: string, values: { readonly [id: string]: number } = {}): number {
  const parsed = parseMetricMath(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.evaluate(values);
}

const problemOf = (text: string): string | undefined => {
  const parsed = parseMetricMath(text);
  return "problem" in parsed ? parsed.problem : undefined;
};

describe("AWS's own examples of metric math", () => {
  it.each([
    ["(metric1 < metric2)", [0, 0, 1, 0]],
    ["(metric1 >= 30)", [1, 0, 0, 0]],
    ["(metric1 > 15 AND metric2 > 15)", [1, 0, 0, 0]],
  ])("%s is %o", (text, expected) => {
    expect(overTime(text)).toEqual(expected);
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
    expect(overTime(text, choice)).toEqual(expected);
  });
});

describe("arithmetic", () => {
  it.each([
    ["metric1 + 2 * 3", [36, 26, 6, 6]],
    ["-metric1 ^ 2", [-900, -400, -0, -0]],
    ["100 * metric2 / metric1", [2000 / 30, 0, null, null]],
  ])("%s over time is %o", (text, expected) => {
    expect(overTime(text)).toEqual(expected);
  });

  it("takes what one series lacks for 0, and what both lack for missing", () => {
    expect(overTime("metric1 + metric2")).toEqual([50, 20, 20, 0]);
    expect(overTime("metric2 + empty")).toEqual([20, null, 20, null]);
    expect(overTime("metric2 + 1")).toEqual([21, null, 21, null]);
  });

  it("drops it instead, read as people report it", () => {
    const dropped = { missingOperand: "dropped", fillsWithin: undefined } as const;
    expect(overTime("metric1 + metric2", metrics, dropped)).toEqual([50, null, 20, null]);
  });

  it.each([
    ["1 + 2 * 3", 7],
    ["2 ^ 3 ^ 2", 512],
    ["-2 ^ 2", -4],
    ["+3 - -2", 5],
    ["1e3 + .5", 1000.5],
    ["1 < 2 && 2 <= 2 || 0", 1],
    ["IF(2 > 1, 5, 6)", 5],
    ["IF(0, 5, 6)", 6],
    ["MIN(4, 2)", 2],
    ["SUM([1, 2, 3])", 6],
    ["AVG([1, 2, 3])", 2],
    ["MAX([1, 2], 7, [3])", 7],
    ["ABS(-4) + CEIL(1.2) + FLOOR(1.8)", 7],
  ])("%s at one point is %d", (text, expected) => {
    expect(atOnePoint(text)).toBe(expected);
  });

  it.each([
    ["OR", [0, 1, 1, 1]],
    ["||", [0, 1, 1, 1]],
    ["AND", [0, 0, 0, 1]],
    ["&&", [0, 0, 0, 1]],
    ["<", [0, 1, 0, 0]],
    [">", [0, 0, 1, 1]],
    ["<=", [1, 1, 0, 0]],
    [">=", [1, 0, 1, 1]],
    ["==", [1, 0, 0, 0]],
    ["!=", [0, 1, 1, 1]],
  ])("%s of 0 0, 0 7, 7 0, 7 -2 is %j: 0 alone is false", (operator, expected) => {
    const pairs = [
      { a: 0, b: 0 },
      { a: 0, b: 7 },
      { a: 7, b: 0 },
      { a: 7, b: -2 },
    ];
    expect(pairs.map((pair) => atOnePoint(`a ${operator} b`, pair))).toEqual(expected);
  });

  it("agrees with JavaScript on positive numbers", () => {
    const operator = fc.constantFrom("+", "-", "*", "/");
    const term = fc.array(fc.tuple(fc.integer({ min: 1, max: 99 }), operator), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(term, fc.integer({ min: 1, max: 99 }), (parts, last) => {
        const text = parts.map(([number, sign]) => `${number} ${sign} `).join("") + last;
        expect(atOnePoint(text)).toBeCloseTo(Function(`return ${text}`)() as number, 9);
      }),
    );
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
    expect(overTime(text, gaps)).toEqual(expected);
  });

  it("with REPEAT and LINEAR depends on more than its own moment", () => {
    expect(isPointwise(parseMath("IF(FILL(m, 0) > 1, m)"))).toBe(true);
    expect(isPointwise(parseMath("1 + FILL(m, REPEAT)"))).toBe(false);
    expect(isPointwise(parseMath("IF(m, FILL(m, LINEAR))"))).toBe(false);
  });

  it("leaves empty what had nothing for long, read that way", () => {
    const reading = { missingOperand: "zero", fillsWithin: 2 } as const;
    expect(overTime("FILL(m, 0)", gaps, reading)).toEqual([null, 10, 0, null, 40, 0]);
  });

  it("leaves a value at one point as it is, and fills where there is none", () => {
    expect(atOnePoint("FILL(used, REPEAT)", { used: 7 })).toBe(7);
    expect(atOnePoint("FILL(used, LINEAR) + FILL(5, 0)", { used: 7 })).toBe(12);
    expect(atOnePoint("FILL(used / limit, 9)", { used: 7, limit: 0 })).toBe(9);
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
    ["SUM(requests - [errors4xx, errors5xx])", [189, 400, 597]],
    ["requests / PERIOD(requests)", [100 / 60, 200 / 60, 5]],
  ])("%s is %o", (text, expected) => {
    const rounded = (values: readonly (number | null)[]) =>
      values.map((value) => value && Math.round(value * 1e9) / 1e9);
    expect(rounded(overTime(text, series))).toEqual(rounded(expected));
  });
});

describe("what is not replayed is refused by name", () => {
  it.each([
    ["ANOMALY_DETECTION_BAND(metric1, 2)", /^ANOMALY_DETECTION_BAND is outside the metric math/],
    ["RATE(metric1)", /^RATE is outside/],
    ['SEARCH("x", "Average")', /^SEARCH is outside/],
    ["SELECT AVG(x) FROM y", /^SELECT is outside/],
    ["FIL(metric1, 0)", /^FIL is outside .* did you mean FILL\?/],
    ["metric1 +", /unexpected the end/],
    ["metric1 metric2", /unexpected metric2/],
    ["metric1 # 2", /`#` in/],
    ["IF(metric1)", /IF takes two or three arguments/],
    ["SUM(metric1, metric2)", /SUM takes one/],
    ["SUM(metric1)", /how much data CloudWatch retrieves/],
    ["METRICS()", /no single time series/],
    ["1 + 1", /no single time series/],
    ["SUM([metric1, 5])", /cannot hold the number 5/],
    ["SUM([metric1] + [metric1, metric2])", /different lengths/],
    ["FILL(metric2, [metric1])", /cannot fill with a list/],
    ["IF(metric1, METRICS())", /IF takes single series/],
    ["PERIOD(metric1 + 1)", /PERIOD takes the id of a metric/],
    ["nobody + 1", /names nobody, and it has metric1, metric2, empty/],
    ["FILL(5, 0)", /FILL fills a time series/],
  ])("%s", (text, message) => {
    expect(() => overTime(text)).toThrow(message);
  });
});

describe("an expression at one point", () => {
  it("reads its ids once each, in their order", () => {
    expect(parseMetricMath("100 * (FILL(target, 0) + used) / (limit + used)")).toMatchObject({
      ids: ["target", "used", "limit"],
    });
    expect(atOnePoint("100 * used / limit", { used: 3, limit: 12 })).toBe(25);
  });

  it("has no value where it divides by 0 or an id has none", () => {
    expect(atOnePoint("1 / 0")).toBeNaN();
    expect(atOnePoint("used + 1")).toBeNaN();
    expect(atOnePoint("used + 1", { constructor: 1 } as never)).toBeNaN();
    // As between two series over time: what one lacks counts as 0.
    expect(atOnePoint("used / limit + used", { used: 3, limit: 0 })).toBe(3);
  });

  it.each([
    ["RATE(used)", "RATE is outside"],
    ["ANOMALY_DETECTION_BAND(used, 2)", "ANOMALY_DETECTION_BAND"],
    ["SUM(METRICS())", "METRICS"],
    ["SEARCH('{AWS/RDS}', 'Sum')", "SEARCH"],
    ["constructor(1)", "constructor"],
    ["used +", "the end"],
    ["(used", "`)` should be"],
    ["MAX([1, 2)", "`]` should be"],
    ["MAX(1 2)", "`)` should be"],
    ["[used, limit]", "unexpected ["],
    ["used used", "unexpected used"],
    ["used $ 2", "`$` in"],
    ["", "the end"],
  ])("is not computed from %s, and says why", (text, why) => {
    expect(problemOf(text)).toContain(why);
  });

  it("nests as deeply and reads as far as is allowed, and no further", () => {
    expect(atOnePoint(`${"(".repeat(59)}1${")".repeat(59)}`)).toBe(1);
    expect(problemOf(`${"(".repeat(60)}1${")".repeat(60)}`)).toBe("it is nested too deeply");
    // What was closed again is not nested.
    expect(atOnePoint(Array.from({ length: 100 }, () => "(1)").join("+"))).toBe(100);
    expect(atOnePoint(`${" ".repeat(2047)}1`)).toBe(1);
    expect(problemOf(`${" ".repeat(2048)}1`)).toBe("it is longer than 2048 characters");
    expect(problemOf("-".repeat(2000))).toContain("nested too deeply");
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        parseMetricMath(text);
      }),
    );
  });
});

/** Expressions that are read in both forms, over the ids a, b and c. */
const anyExpression = fc.letrec<{ value: string; list: string }>((tie) => ({
  list: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((ids) => `[${ids}]`),
  value: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom("a", "b", "c"),
    fc.constantFrom("0", "1", "2.5", "1e2"),
    fc
      .tuple(
        tie("value"),
        fc.constantFrom("+", "-", "*", "/", "^", "<", ">=", "==", "AND", "OR"),
        tie("value"),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    tie("value").map((value) => `-${value}`),
    fc.array(tie("value"), { minLength: 2, maxLength: 3 }).map((parts) => `IF(${parts})`),
    fc.tuple(fc.constantFrom("a", "b", "c"), tie("value")).map((parts) => `FILL(${parts})`),
    fc
      .tuple(fc.constantFrom("SUM", "AVG", "MIN", "MAX"), tie("list"))
      .map(([name, list]) => `${name}(${list})`),
  ),
})).value;

describe("whatever the expression", () => {
  const number = fc.constantFrom(-1, 0, 0.5, 3, 100);
  it("each moment over time is what the expression is at that point", () => {
    const moments = fc.array(fc.record({ a: number, b: number, c: number }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyExpression, moments, (text, values) => {
        fc.pre(text.length <= 2048);
        const series = Object.fromEntries(
          (["a", "b", "c"] as const).map((id) => [id, values.map((moment) => moment[id])]),
        );
        // A number joined to a metric is a series.
        const points = values.map((moment) => atOnePoint(`IF(a == a, ${text}) + 0 * a`, moment));
        expect(overTime(`IF(a == a, ${text}) + 0 * a`, series)).toEqual(
          points.map((value) => (Number.isNaN(value) ? null : value)),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
