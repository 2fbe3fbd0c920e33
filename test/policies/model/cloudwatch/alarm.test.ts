import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AlarmCondition,
  type AlarmState,
  BAND_COMPARISONS,
  breaches,
  COMPARISONS,
  evaluateAlarm as evaluateRange,
  isComparison,
  isPeriod,
  isStatistic,
  isUpward,
  longestWindow,
  type MissingDataTreatment,
} from "../../../../policies/model/cloudwatch/alarm";

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

/** The columns of AWS's tables. */
const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;

/** `0` is within the threshold, `X` breaches it, `-` is missing; the newest is on the right. */
function datapoints(row: string): (number | null)[] {
  return row.split(" ").map((one) => (one === "-" ? null : one === "X" ? 2 : 0));
}

function alarm(m: number, n: number, treatMissingData: MissingDataTreatment): AlarmCondition {
  return {
    evaluationPeriods: n,
    datapointsToAlarm: m,
    comparison: "GreaterThanThreshold",
    threshold: 1,
    treatMissingData,
  };
}

/** Oldest first; fewer than N are a range in which the older ones are missing. */
function evaluateAlarm(
  condition: AlarmCondition,
  datapoints: readonly (number | null)[],
  previous: AlarmState,
): AlarmState {
  const valueAt = (age: number) => datapoints[datapoints.length - 1 - age] ?? Number.NaN;
  return evaluateRange(
    condition,
    { periods: Math.max(datapoints.length, condition.evaluationPeriods), valueAt },
    previous,
  );
}

/** States in the tables' order: MISSING, IGNORE, BREACHING, NOT BREACHING; `kept` is "Retain current state". */
type Row = readonly [row: string, ...states: readonly (AlarmState | "kept")[]];

const INSUFFICIENT = "INSUFFICIENT_DATA";

const THREE_OF_THREE: readonly Row[] = [
  ["0 - X - X", "OK", "OK", "OK", "OK"],
  ["0 - - - -", "OK", "OK", "OK", "OK"],
  ["- - - - -", INSUFFICIENT, "kept", "ALARM", "OK"],
  ["0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["- - X - -", "ALARM", "kept", "ALARM", "OK"],
  // From earlier editions of the guide
  ["- - - - X", INSUFFICIENT, "kept", "ALARM", "OK"],
  ["X - - - -", "ALARM", "kept", "ALARM", "OK"],
];

const TWO_OF_THREE: readonly Row[] = [
  ["0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 - X - -", "OK", "OK", "ALARM", "OK"],
  ["- - - - 0", "OK", "OK", "ALARM", "OK"],
  ["- - - X -", "ALARM", "kept", "ALARM", "OK"],
  ["- - - - X", INSUFFICIENT, "kept", "ALARM", "OK"],
];

describe.each([
  ["3 of 3", 3, THREE_OF_THREE],
  ["2 of 3", 2, TWO_OF_THREE],
] as const)("AWS's table of missing data, %s", (_name, m, rows) => {
  const cells = rows.flatMap(([row, ...states]) =>
    TREATMENTS.map((treatment, column) => [row, treatment, states[column] ?? "kept"] as const),
  );
  it.each(cells)("%s with %s is %s", (row, treatment, expected) => {
    for (const previous of ["OK", "ALARM", INSUFFICIENT] as const) {
      expect(evaluateAlarm(alarm(m, 3, treatment), datapoints(row), previous)).toBe(
        expected === "kept" ? previous : expected,
      );
    }
  });
});

describe("one evaluation", () => {
  it.each([
    // Premature transitions to ALARM that are avoided, and false alarms
    [3, "missing", "- - - X -", "OK", INSUFFICIENT],
    [3, "ignore", "- - - X -", "OK", "OK"],
    [3, "missing", "- - - X 0", "OK", "OK"],
    [2, "ignore", "- - - X X", "OK", "ALARM"],
    // Reaches back for real datapoints instead of filling in missing ones
    [3, "breaching", "0 0 X - -", "ALARM", "OK"],
    [3, "notBreaching", "X X X - -", "OK", "ALARM"],
    // The same minutes are missing data in a range of N
    [3, "notBreaching", "X - -", "ALARM", "OK"],
    // Takes the newest N where none is missing, whatever came before
    [3, "missing", "X X X X 0 0 0", "ALARM", "OK"],
  ] as const)("of %d of 3 with %s: %s after %s is %s", (m, treatment, row, before, expected) => {
    expect(evaluateAlarm(alarm(m, 3, treatment), datapoints(row), before)).toBe(expected);
  });

  it("takes 0 for data", () => {
    const below = { ...alarm(1, 1, "notBreaching"), comparison: "LessThanThreshold" } as const;
    expect(evaluateAlarm(below, [0], "OK")).toBe("ALARM");
    expect(evaluateAlarm(below, [null], "ALARM")).toBe("OK");
  });

  it.each([
    [5, [0], "ALARM", "OK"],
    [3, [2, 2, 2], "OK", "ALARM"],
    [3, [2, 2], INSUFFICIENT, INSUFFICIENT],
    [3, [2, 2], "OK", "OK"],
  ] as const)("keeps the state that an unknown past leaves open: %d of 5, %j after %s is %s", (m, values, before, expected) => {
    const range = { periods: values.length, valueAt: (age: number) => values.at(-1 - age) ?? Number.NaN };
    expect(evaluateRange(alarm(m, 5, "breaching"), range, before)).toBe(expected);
  });

  it("takes M as N and missing data as missing, where they are not given", () => {
    const bare = { ...alarm(3, 3, "missing"), datapointsToAlarm: undefined, treatMissingData: undefined };
    const states = ["0 X X", "X X X", "- - -"].map((row) => evaluateAlarm(bare, datapoints(row), "OK"));
    expect(states).toEqual(["OK", "ALARM", INSUFFICIENT]);
  });

  it.each([
    [{ evaluationPeriods: 0 }, /evaluationPeriods is 0/],
    [{ evaluationPeriods: 2.5 }, /evaluationPeriods is 2.5/],
    [{ datapointsToAlarm: 4 }, /datapointsToAlarm is 4, .* from 1 to 3/],
    [{ datapointsToAlarm: 0 }, /datapointsToAlarm is 0/],
    [{ threshold: Number.NaN }, /threshold is not a number/],
    [{ threshold: undefined }, /threshold is not a number/],
    [{ comparison: "GreaterThanUpperThreshold" }, /comparison is GreaterThanUpperThreshold/],
    [{ treatMissingData: "bogus" }, /treatMissingData is bogus/],
  ])("is refused for what is no condition: %o", (change, message) => {
    const none = { ...alarm(2, 3, "missing"), ...change } as AlarmCondition;
    expect(() => evaluateAlarm(none, [1], "OK")).toThrow(message);
  });
});

/** The guide's rules said in another way: lists instead of counting. */
function plainly(
  settings: AlarmCondition,
  range: readonly (number | null)[],
  previous: AlarmState,
): AlarmState {
  const [n, m] = [settings.evaluationPeriods, settings.datapointsToAlarm ?? settings.evaluationPeriods];
  const breach = range.map((value) => (value === null ? undefined : value > settings.threshold));
  const real = breach.filter((one) => one !== undefined).slice(-n);
  const verdict = (window: readonly boolean[]): AlarmState =>
    window.filter(Boolean).length >= m ? "ALARM" : "OK";
  if (real.length === n) return verdict(real);
  const filled = (with_: boolean) => [...real, ...Array<boolean>(n - real.length).fill(with_)];
  switch (settings.treatMissingData) {
    case "breaching":
      return verdict(filled(true));
    case "notBreaching":
      return verdict(filled(false));
    default: {
      if (verdict(filled(false)) === "ALARM") return "ALARM";
      if (real.includes(false)) return "OK";
      if (settings.treatMissingData === "ignore") return previous;
      // The oldest breach, M periods old or older, with nothing but breaches and gaps since
      return breach.slice(0, Math.max(0, breach.length - m + 1)).includes(true) ? "ALARM" : INSUFFICIENT;
    }
  }
}

it("agrees with the guide's rules said in another way, whatever the datapoints", () => {
  const value = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 4 }));
  const condition = fc
    .record({
      n: fc.integer({ min: 1, max: 6 }),
      less: fc.nat(5),
      treatment: fc.constantFrom(...TREATMENTS),
      threshold: fc.integer({ min: -1, max: 5 }),
    })
    .map(({ n, less, treatment, threshold }) => ({
      ...alarm(Math.max(1, n - less), n, treatment),
      threshold,
    }));
  const before = fc.constantFrom<AlarmState>("OK", "ALARM", INSUFFICIENT);
  fc.assert(
    fc.property(condition, fc.array(value, { maxLength: 10 }), before, (one, range, previous) => {
      expect(evaluateAlarm(one, range, previous)).toBe(plainly(one, range, previous));
    }),
    { numRuns: 5000 },
  );
});
