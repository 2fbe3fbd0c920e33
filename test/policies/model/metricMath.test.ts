import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMetricMath } from "../../../policies/model/metricMath";

function computed(text: string, values: { readonly [id: string]: number } = {}): number {
  const parsed = parseMetricMath(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.evaluate(values);
}

const problemOf = (text: string): string | undefined => {
  const parsed = parseMetricMath(text);
  return "problem" in parsed ? parsed.problem : undefined;
};

describe("metric math", () => {
  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 3 - 2", 5],
    ["100 / 10 / 5", 2],
    ["2 ^ 3 ^ 2", 512],
    ["-2 ^ 2", -4],
    ["2 * -3", -6],
    ["1e3 + .5", 1000.5],
    ["3 > 2", 1],
    ["3 > 2 AND 1 > 2", 0],
    ["3 > 2 OR 1 > 2", 1],
    ["1 < 2 && 2 <= 2 || 0", 1],
    ["2 == 2", 1],
    ["2 != 2", 0],
    ["IF(2 > 1, 5, 6)", 5],
    ["IF(0, 5, 6)", 6],
    ["MAX([1, 5, 3])", 5],
    ["MIN(4, 2)", 2],
    ["SUM([1, 2, 3])", 6],
    ["AVG([1, 2, 3])", 2],
    ["ABS(-4) + CEIL(1.2) + FLOOR(1.8)", 7],
  ])("%s is %d", (text, expected) => {
    expect(computed(text)).toBe(expected);
  });

  it.each([
    ["OR", [0, 1, 1, 1]],
    ["||", [0, 1, 1, 1]],
    ["AND", [0, 0, 0, 1]],
    ["&&", [0, 0, 0, 1]],
  ])("%s is true of two numbers, of which 0 alone is false: %j", (operator, expected) => {
    const pairs = [
      [0, 0],
      [0, 7],
      [7, 0],
      [7, -2],
    ];
    expect(pairs.map(([a, b]) => computed(`a ${operator} b`, { a: a ?? 0, b: b ?? 0 }))).toEqual(expected);
  });

  it.each([
    ["<", [1, 0, 0]],
    [">", [0, 0, 1]],
    ["<=", [1, 1, 0]],
    [">=", [0, 1, 1]],
    ["==", [0, 1, 0]],
    ["!=", [1, 0, 1]],
  ])("%s compares a number below, equal and above: %j", (operator, expected) => {
    expect([1, 2, 3].map((a) => computed(`a ${operator} 2`, { a }))).toEqual(expected);
  });

  it("has signs of its own, and lists in its arguments", () => {
    expect(computed("+3 - -2")).toBe(5);
    expect(computed("MAX([1, 2], 7, [3])")).toBe(7);
    expect(computed("FILL(used, LINEAR)", { used: 7 })).toBe(7);
    const parsed = parseMetricMath("FILL(used, LINEAR) + FILL(used, REPEAT)");
    expect(parsed).toMatchObject({ ids: ["used"] });
    expect(problemOf("MAX([1, 2)")).toBe("`]` is expected before )");
    expect(problemOf("MAX(1 2)")).toBe("`)` is expected before 2");
    expect(problemOf("used   $ 234567890123456")).toBe("`$ 2345678901` cannot be read");
  });

  it("nests as deeply and reads as far as is allowed, and no further", () => {
    expect(computed(`${"(".repeat(59)}1${")".repeat(59)}`)).toBe(1);
    expect(problemOf(`${"(".repeat(60)}1${")".repeat(60)}`)).toBe("it is nested too deeply");
    // What was closed again is not nested.
    expect(computed(Array.from({ length: 100 }, () => "(1)").join("+"))).toBe(100);
    expect(computed(`${" ".repeat(2047)}1`)).toBe(1);
    expect(problemOf(`${" ".repeat(2048)}1`)).toBe("it is longer than 2048 characters");
  });

  it("reads its ids once each, in their order", () => {
    const parsed = parseMetricMath("100 * (FILL(target, 0) + used) / (limit + used)");
    expect(parsed).toMatchObject({ ids: ["target", "used", "limit"] });
    expect(computed("100 * used / limit", { used: 3, limit: 12 })).toBe(25);
    expect(computed("FILL(used, REPEAT)", { used: 7 })).toBe(7);
  });

  it("has no value where it divides by 0 or an id has none, and what has no value breaches nothing", () => {
    expect(computed("1 / 0")).toBeNaN();
    expect(computed("used + 1")).toBeNaN();
    expect(computed("used + 1", { constructor: 1 } as never)).toBeNaN();
  });

  it.each([
    ["RATE(used)", "`RATE` has no value at one point in time"],
    ["ANOMALY_DETECTION_BAND(used, 2)", "`ANOMALY_DETECTION_BAND`"],
    ["SUM(METRICS())", "`METRICS`"],
    ["SEARCH('{AWS/RDS}', 'Sum')", "`SEARCH`"],
    ["constructor(1)", "`constructor`"],
    ["used +", "the end"],
    ["(used", "expected"],
    ["used used", "not expected"],
    ["used $ 2", "cannot be read"],
    ["", "the end"],
  ])("does not compute %s, and says why", (text, why) => {
    expect(problemOf(text)).toContain(why);
  });

  it("does not nest without end nor read without end", () => {
    expect(problemOf("(".repeat(2000))).toContain("nested too deeply");
    expect(problemOf("-".repeat(2000))).toContain("nested too deeply");
    expect(problemOf(`1${" + 1".repeat(2000)}`)).toContain("longer than 2048");
  });

  it("agrees with JavaScript on arithmetic of positive numbers", () => {
    const operator = fc.constantFrom("+", "-", "*", "/");
    const term = fc.array(fc.tuple(fc.integer({ min: 1, max: 99 }), operator), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(term, fc.integer({ min: 1, max: 99 }), (parts, last) => {
        const text = parts.map(([number, sign]) => `${number} ${sign} `).join("") + last;
        expect(computed(text)).toBeCloseTo(Function(`return ${text}`)() as number, 9);
      }),
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        parseMetricMath(text);
      }),
    );
  });
});
