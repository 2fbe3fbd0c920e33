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

describe("avoiding premature transitions to ALARM", () => {
  it.each(["- - - - X", "- - - X -"])("%s does not go into ALARM at once, 3 of 3", (row) => {
    expect(evaluateAlarm(alarm(3, 3, "missing"), datapoints(row), "OK")).not.toBe("ALARM");
    expect(evaluateAlarm(alarm(3, 3, "ignore"), datapoints(row), "OK")).toBe("OK");
  });

  it.each(["- - - X 0", "- - X - 0"])("%s is a false alarm that was avoided", (row) => {
    expect(evaluateAlarm(alarm(3, 3, "missing"), datapoints(row), "OK")).toBe("OK");
  });

  it("goes into ALARM on M real breaches even where what is missing is ignored", () => {
    expect(evaluateAlarm(alarm(2, 3, "ignore"), datapoints("- - - X X"), "OK")).toBe("ALARM");
  });
});

describe("the evaluation range", () => {
  it("reaches back for real datapoints instead of filling in missing ones", () => {
    expect(evaluateAlarm(alarm(3, 3, "breaching"), datapoints("0 0 X - -"), "ALARM")).toBe("OK");
    expect(evaluateAlarm(alarm(3, 3, "breaching"), datapoints("0 X - -"), "OK")).toBe("OK");
    expect(evaluateAlarm(alarm(3, 3, "notBreaching"), datapoints("X X X - -"), "OK")).toBe("ALARM");
  });

  it("matters: the same minutes are missing data in a range of N", () => {
    expect(evaluateAlarm(alarm(3, 3, "notBreaching"), datapoints("X - -"), "ALARM")).toBe("OK");
    expect(evaluateAlarm(alarm(3, 3, "notBreaching"), datapoints("X X X - -"), "ALARM")).toBe("ALARM");
  });

  it("takes the newest N when none is missing, whatever came before", () => {
    expect(evaluateAlarm(alarm(3, 3, "missing"), datapoints("X X X X 0 0 0"), "ALARM")).toBe("OK");
  });

  it("takes what lies before it for unknown where it is shorter than N, and keeps the state that this leaves open", () => {
    const young = (m: number, values: readonly number[], previous: AlarmState) => {
      const valueAt = (age: number) => values[values.length - 1 - age] ?? Number.NaN;
      return evaluateRange(alarm(m, 5, "breaching"), { periods: values.length, valueAt }, previous);
    };
    expect(young(5, [0], "ALARM")).toBe("OK");
    expect(young(3, [2, 2, 2], "OK")).toBe("ALARM");
    expect(young(3, [2, 2], INSUFFICIENT)).toBe(INSUFFICIENT);
    expect(young(3, [2, 2], "OK")).toBe("OK");
  });
});

describe("a datapoint", () => {
  it("is data when it is 0", () => {
    const below = { ...alarm(1, 1, "notBreaching"), comparison: "LessThanThreshold", threshold: 1 } as const;
    expect(evaluateAlarm(below, [0], "OK")).toBe("ALARM");
    expect(evaluateAlarm(below, [null], "ALARM")).toBe("OK");
  });
});

describe("an alarm that is none", () => {
  it.each([
    [{ evaluationPeriods: 0 }, /evaluationPeriods is 0/],
    [{ evaluationPeriods: 2.5 }, /evaluationPeriods is 2.5/],
    [{ datapointsToAlarm: 4 }, /datapointsToAlarm is 4, not a whole number from 1 to 3/],
    [{ datapointsToAlarm: 0 }, /datapointsToAlarm is 0/],
    [{ threshold: Number.NaN }, /threshold is not a number/],
    [{ threshold: undefined }, /threshold is not a number/],
    [
      { comparison: "GreaterThanUpperThreshold" },
      /comparison is GreaterThanUpperThreshold, not one of Greater/,
    ],
    [{ treatMissingData: "bogus" }, /treatMissingData is bogus, not one of breaching/],
  ])("is refused by name: %o", (change, message) => {
    // As a file that nobody typed has it.
    const none = { ...alarm(2, 3, "missing"), ...change } as AlarmCondition;
    expect(() => evaluateAlarm(none, [1], "OK")).toThrow(message);
  });

  it("takes M as N and missing data as missing, where they are not given", () => {
    const bare = { ...alarm(3, 3, "missing"), datapointsToAlarm: undefined, treatMissingData: undefined };
    expect(evaluateAlarm(bare, datapoints("0 X X"), "OK")).toBe("OK");
    expect(evaluateAlarm(bare, datapoints("X X X"), "OK")).toBe("ALARM");
    expect(evaluateAlarm(bare, datapoints("- - -"), "OK")).toBe(INSUFFICIENT);
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

const value = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 4 }));
const settings = fc
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
const previous = fc.constantFrom<AlarmState>("OK", "ALARM", INSUFFICIENT);

describe("whatever the datapoints", () => {
  it("agrees with the guide's rules said in another way", () => {
    fc.assert(
      fc.property(settings, fc.array(value, { maxLength: 10 }), previous, (one, range, before) => {
        expect(evaluateAlarm(one, range, before)).toBe(plainly(one, range, before));
      }),
      { numRuns: 5000 },
    );
  });

  it("never goes into ALARM for a higher threshold when it did not for a lower one", () => {
    fc.assert(
      fc.property(
        settings,
        fc.array(value, { maxLength: 10 }),
        fc.constantFrom<AlarmState>("OK", INSUFFICIENT),
        fc.integer({ min: 1, max: 5 }),
        (one, range, before, higher) => {
          const raised = evaluateAlarm({ ...one, threshold: one.threshold + higher }, range, before);
          if (raised === "ALARM") expect(evaluateAlarm(one, range, before)).toBe("ALARM");
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("does not look at missing data's treatment when N real datapoints are there", () => {
    const real = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 6, maxLength: 10 });
    fc.assert(
      fc.property(settings, real, previous, (one, range, before) => {
        const states = TREATMENTS.map((treatMissingData) =>
          evaluateAlarm({ ...one, treatMissingData }, range, before),
        );
        expect(new Set(states).size).toBe(1);
      }),
    );
  });

  it("keeps no state but through `ignore`", () => {
    fc.assert(
      fc.property(settings, fc.array(value, { maxLength: 10 }), (one, range) => {
        const states = (["OK", "ALARM", INSUFFICIENT] as const).map((before) =>
          evaluateAlarm(one, range, before),
        );
        if (one.treatMissingData !== "ignore") expect(new Set(states).size).toBe(1);
      }),
    );
  });
});
