import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type ExceptionRequest, type Settings } from "../../../policies/plan/settings";
import { assess, type Levels } from "../../../policies/reports/assess";
import type { Report } from "../../../policies/reports/report";
import { by, only } from "../rules/judge";
import { environment, type Sample, SERVICE, samplePlan, tags } from "../samplePlan";

/** Enough rules to except one of; what others find of the sample is their own tests' matter. */
const LEVELS: Levels = {
  "pool-floor": "mandatory",
  "connection-budget": "mandatory",
  "acquire-timeout": "mandatory",
  "demand-declared": "mandatory",
  undecided: "mandatory",
};

const TODAY = new Date("2026-06-15T12:00:00Z");

const WHOLE: ExceptionRequest = {
  rule: "pool-floor",
  resource: "api",
  reason: "replaced next week",
  owner: "team auth",
  expires: "2026-07-01",
};

interface Case {
  readonly sample?: Partial<Sample>;
  readonly settings?: Partial<Settings>;
  readonly levels?: Levels;
  readonly now?: Date;
}

/** Judges the outage with one exception; without a sample of its own, the pool is too small. */
function judged(
  exception: Partial<ExceptionRequest>,
  { sample, settings, levels, now = TODAY }: Case = {},
): Report {
  const plan = samplePlan(sample ?? { environment: environment({ DB_POOL_MAX: "3" }) });
  const exceptions = [{ ...WHOLE, ...exception }];
  return assess(
    plan,
    { ...DEFAULT_SETTINGS, exceptions, ...settings },
    levels ?? LEVELS,
    undefined,
    undefined,
    now,
  );
}

const statuses = (report: Report): string[] => report.exceptions.map(({ status }) => status);

describe("an exception that holds", () => {
  it("takes its finding out of the verdict and keeps it in the report, with who answers for it", () => {
    const report = judged({});
    expect([report.verdict, report.violations]).toEqual(["accepted", []]);
    expect(report.exceptions).toEqual([
      {
        ...WHOLE,
        status: "active",
        findings: [expect.objectContaining({ rule: "pool-floor", level: "mandatory", resource: SERVICE })],
      },
    ]);
    expect(report.exceptions[0]?.findings[0]?.message).toContain("`pool.max` is 3, below the floor of 11");
  });

  it.each([SERVICE, "*", "a*i", "urn:pulumi:test::*::api"])("names its resource as %s", (resource) => {
    expect(judged({ resource }).verdict).toBe("accepted");
  });

  it.each(["ap", "API", "pi", "urn:pulumi:prod::*", "a.i"])("does not lift another's: %s", (resource) => {
    const report = judged({ resource });
    expect([report.verdict, statuses(report)]).toEqual(["rejected", ["unused"]]);
  });

  it("lifts the findings of its rule alone", () => {
    const sample = { environment: environment({ DB_POOL_MAX: "3", DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }) };
    const report = judged({}, { sample });
    expect(report.verdict).toBe("rejected");
    expect(by(report, "pool-floor")).toEqual([]);
    expect(by(report, "acquire-timeout")).toHaveLength(1);
  });

  it("holds through its last day in UTC, and no longer", () => {
    const on = (time: string): string[] =>
      statuses(judged({ expires: "2026-07-01" }, { now: new Date(time) }));
    expect(on("2026-07-01T00:00:00Z")).toEqual(["active"]);
    expect(on("2026-07-01T23:59:59.999Z")).toEqual(["active"]);
    expect(on("2026-07-02T00:00:00Z")).toEqual(["expired"]);
  });

  it("is agreed on for 180 days at most", () => {
    expect(statuses(judged({ expires: "2026-12-12" }))).toEqual(["active"]);
    const late = judged({ expires: "2026-12-13" });
    expect(statuses(late)).toEqual(["malformed"]);
    expect(only(late, "poolproof-settings").message).toContain(
      "181 days ahead, and 180 is the most (2026-12-12)",
    );
  });

  it("holds exactly from today to 180 days ahead, whatever the day", () => {
    const days = fc.date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(days, fc.integer({ min: -400, max: 400 }), (now, ahead) => {
        const expires = new Date(now.getTime() + ahead * 86_400_000).toISOString().slice(0, 10);
        const expected = ahead < 0 ? "expired" : ahead > 180 ? "malformed" : "active";
        expect(statuses(judged({ expires }, { now }))).toEqual([expected]);
      }),
      { numRuns: 60 },
    );
  });

  it("that overlaps another lists the finding once, and neither is called unused", () => {
    const report = judged({}, { settings: { exceptions: [WHOLE, { ...WHOLE, resource: "*" }] } });
    expect(statuses(report)).toEqual(["active", "active"]);
    expect(report.exceptions.map(({ findings }) => findings.length)).toEqual([1, 0]);
  });
});

describe("an exception that does not hold", () => {
  const cases: [Partial<ExceptionRequest>, Partial<Settings>, string, string][] = [
    [{ expires: "2026-06-14" }, {}, "expired", "team auth answers for, ended on 2026-06-14, 1 day ago"],
    [{ expires: "2026-02-30" }, {}, "malformed", "2026-02-30 is not a calendar date"],
    [
      { owner: "", malformed: "owner: must not be empty" },
      {},
      "malformed",
      "Entry 1 of `exceptions` lifts nothing: owner",
    ],
    [{}, { neverExcepted: ["pool-floor"] }, "forbidden", "`neverExcepted`"],
  ];

  it.each(cases)("%j lifts nothing and is a violation of its own", (exception, settings, status, says) => {
    const report = judged(exception, { settings });
    expect([report.verdict, statuses(report)]).toEqual(["rejected", [status]]);
    expect(by(report, "pool-floor")).toHaveLength(1);
    expect(report.exceptions[0]?.findings).toEqual([]);
    const violation = only(report, "poolproof-settings");
    expect(violation).toMatchObject({ level: "mandatory", docs: "docs/runbooks/poolproof-settings.md" });
    expect(violation.resource).toBe("urn:pulumi:test::shop::pulumi:pulumi:Stack::shop-test");
    expect(violation.message).toContain(says);
  });

  it("rejects a stack that is otherwise safe: one that fits nothing would hide the next finding", () => {
    const report = judged({}, { sample: {} });
    expect([report.verdict, statuses(report)]).toEqual(["rejected", ["unused"]]);
    expect(only(report, "poolproof-settings").message).toContain("fits no finding of this stack");
  });

  it("counts as the policy configuration says the settings' policy does", () => {
    const levels: Levels = { ...LEVELS, "poolproof-settings": "advisory" };
    expect(judged({}, { sample: {}, levels }).verdict).toBe("accepted");
  });
});

describe("an exception for what a rule cannot decide", () => {
  const sample: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
  const rules = [
    ...new Set(judged({ rule: "undecided", resource: "*" }, { sample }).undecided.map(({ rule }) => rule)),
  ];

  it("by `undecided` lifts it for every rule, and the report still lists it", () => {
    const report = judged({ rule: "undecided", resource: "*" }, { sample });
    expect([report.verdict, report.violations]).toEqual(["accepted", []]);
    expect(rules).toContain("pool-floor");
    expect(report.exceptions[0]?.findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(rules));
  });

  it("by a rule's id leaves what the other rules cannot decide", () => {
    const report = judged({ rule: "pool-floor" }, { sample });
    expect(report.verdict).toBe("rejected");
    for (const { message } of by(report, "undecided")) expect(message).not.toMatch(/^[^:]*pool-floor/);
    expect(by(report, "undecided")).not.toEqual([]);
  });

  it("does not lift it for a rule that is never excepted", () => {
    const settings = { neverExcepted: ["pool-floor"] };
    const report = judged({ rule: "undecided", resource: "*" }, { sample, settings });
    expect(report.verdict).toBe("rejected");
    expect(only(report, "undecided").message).toMatch(/^pool-floor could not be decided/);
    expect(statuses(report)).toEqual(["active"]);
  });

  // Else an exception for the missing demand would let a starved pool through that nothing ever judged.
  it("is needed where the violation that stood for it is lifted", () => {
    const undeclared = {
      environment: environment({ DB_POOL_MAX: "3" }),
      tags: tags({ "poolproof:peak-requests-per-second": undefined }),
    };
    const report = judged(
      { rule: "demand-declared", resource: "*" },
      { sample: undeclared, settings: { neverExcepted: ["pool-floor"] } },
    );
    expect(by(report, "demand-declared")).toEqual([]);
    expect(report.verdict).toBe("rejected");
    expect(only(report, "undecided").message).toMatch(/^pool-floor/);
  });

  it("lifts what is malformed too, for the rules it names", () => {
    const malformed = { environment: environment({ DB_POOL_ACQUIRE_TIMEOUT_MS: "soon" }) };
    const without = judged({ rule: "pool-floor", resource: "nothing" }, { sample: malformed });
    expect(by(without, "acquire-timeout")).toHaveLength(1);
    const report = judged({ rule: "acquire-timeout" }, { sample: malformed });
    expect(by(report, "acquire-timeout")).toEqual([]);
    expect(report.exceptions[0]?.findings.map(({ rule }) => rule)).toEqual(["acquire-timeout"]);
  });
});

describe("what people write into an exception", () => {
  it("never reaches a message as a control character", () => {
    const hostile = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(hostile, hostile, (resource, owner) => {
        for (const expires of ["2026-01-01", "2026-07-01"]) {
          const report = judged({ resource, owner, expires });
          for (const { message } of report.violations) {
            expect(message).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
