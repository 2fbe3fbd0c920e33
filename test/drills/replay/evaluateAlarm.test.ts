import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlarmSettings, AlarmState, MissingDataTreatment } from "../../../drills/replay/alarm";
import { evaluateAlarm } from "../../../drills/replay/evaluateAlarm";

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;

/** `0` is within the threshold, `X` breaches it, `-` is missing; the newest is on the right. */
function datapoints(row: string): (number | null)[] {
  return row.split(" ").map((one) => (one === "-" ? null : one === "X" ? 2 : 0));
}

function alarm(m: number, n: number, treatMissingData: MissingDataTreatment): AlarmSettings {
  return {
    id: "table",
    statistic: "Average",
    periodSeconds: 300,
    evaluationPeriods: n,
    datapointsToAlarm: m,
    comparison: "GreaterThanThreshold",
    threshold: 1,
    treatMissingData,
  };
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

  it("takes what is shorter than N as filled up with missing data", () => {
    expect(evaluateAlarm(alarm(3, 3, "breaching"), datapoints("X"), "OK")).toBe("ALARM");
    expect(evaluateAlarm(alarm(3, 3, "missing"), [], "OK")).toBe(INSUFFICIENT);
  });
});

describe("a datapoint", () => {
  it("is data when it is 0", () => {
    const below = { ...alarm(1, 1, "notBreaching"), comparison: "LessThanThreshold", threshold: 1 } as const;
    expect(evaluateAlarm(below, [0], "OK")).toBe("ALARM");
    expect(evaluateAlarm(below, [null], "ALARM")).toBe("OK");
  });

  it.each([
    ["GreaterThanThreshold", ["OK", "OK", "ALARM"]],
    ["GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]],
    ["LessThanThreshold", ["ALARM", "OK", "OK"]],
    ["LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]],
  ] as const)("is compared by %s", (comparison, states) => {
    const one = { ...alarm(1, 1, "missing"), comparison, threshold: 5 };
    expect([4, 5, 6].map((value) => evaluateAlarm(one, [value], "OK"))).toEqual(states);
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
    const none = { ...alarm(2, 3, "missing"), ...change } as AlarmSettings;
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
  settings: AlarmSettings,
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
