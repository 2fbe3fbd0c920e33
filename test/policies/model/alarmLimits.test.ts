import { describe, expect, it } from "vitest";
import {
  BAND_COMPARISONS,
  breaches,
  COMPARISONS,
  isComparison,
  isPeriod,
  isStatistic,
  isUpward,
  longestWindow,
} from "../../../policies/model/alarmLimits";

describe("what CloudWatch takes for an alarm", () => {
  it.each([
    ["GreaterThanThreshold", [false, false, true]],
    ["GreaterThanOrEqualToThreshold", [false, true, true]],
    ["LessThanThreshold", [true, false, false]],
    ["LessThanOrEqualToThreshold", [true, true, false]],
  ] as const)("%s breaches below, at and above the threshold: %j", (comparison, expected) => {
    expect([4, 5, 6].map((value) => breaches(value, comparison, 5))).toEqual(expected);
    expect(breaches(Number.NaN, comparison, 5)).toBe(false);
  });

  it("compares with a number, upwards or downwards, or with a band", () => {
    expect(COMPARISONS.map(isComparison)).toEqual([true, true, true, true]);
    expect(COMPARISONS.map(isUpward)).toEqual([true, true, false, false]);
    expect(BAND_COMPARISONS.some(isComparison)).toBe(false);
    expect(isComparison("greaterThanThreshold")).toBe(false);
    expect(isUpward(undefined)).toBe(false);
  });

  it.each([
    ..."Average,Maximum,Minimum,Sum,SampleCount".split(","),
    ..."p99,p99.9,p0,p100,p5.0123456789,P90,IQM,tm99,wm1,tc90,ts90".split(","),
    "TM(5%:95%)",
    "PR(:300)",
    "TC(0.5:0.7)",
    "ts(80%:)",
  ])("knows the statistic %s", (text) => {
    expect(isStatistic(text)).toBe(true);
  });

  it.each([
    ..."average,Mean,p101,p,p99.,p1.12345678901,xp99,p99x,iqmx,pr99,tm,IQM(5:9),p100.5".split(","),
    "",
    "TM()",
    "TM(5%:95%",
    "TM((5))",
    "xTM(5:9)",
    "TM(5:9)x",
    `PR(:${"3".repeat(40)})`,
  ])("knows no statistic %s", (text) => {
    expect(isStatistic(text)).toBe(false);
  });

  it.each([
    [10, true],
    [20, true],
    [30, true],
    [60, true],
    [3_600, true],
    [0, false],
    [-60, false],
    [40, false],
    [90, false],
    [60.5, false],
    [Number.POSITIVE_INFINITY, false],
  ])("a period of %d seconds: %s", (seconds, expected) => {
    expect(isPeriod(seconds)).toBe(expected);
  });

  it("watches a day with periods under an hour, a week with longer ones", () => {
    expect([10, 60, 3_540].map(longestWindow)).toEqual([86_400, 86_400, 86_400]);
    expect([3_600, 86_400].map(longestWindow)).toEqual([604_800, 604_800]);
  });
});
