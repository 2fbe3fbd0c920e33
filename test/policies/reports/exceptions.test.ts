import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import {
  DEFAULT_SETTINGS,
  type ExceptionRequest,
  type PulumiException,
  type Settings,
} from "../../../policies/plan/settings";
import { assess, DEFAULT_LEVELS, type Levels } from "../../../policies/reports/assess";
import { type PolicySet, reportFor, withPulumiExceptions } from "../../../policies/reports/pulumiExceptions";
import { FORMATS, render } from "../../../policies/reports/render";
import type { Report } from "../../../policies/reports/report";
import { by, only } from "../rules/judge";
import { DATABASE, environment, type Sample, SERVICE, samplePlan, tags } from "../samplePlan";

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

const ROOT = "urn:pulumi:test::shop::pulumi:pulumi:Stack::shop-test";

const STARVED: Partial<Sample> = { environment: environment({ DB_POOL_MAX: "3" }) };
/** Two findings: the pool, and a wait without an end. */
const TWO: Partial<Sample> = {
  environment: environment({ DB_POOL_MAX: "3", DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }),
};

type Match = PulumiException["match"][number];

const on = (policies: string | readonly string[], targets: string | readonly string[]): Match => ({
  policies: [policies].flat(),
  targets: [targets].flat(),
});

const exception = (id: string, ...match: readonly Match[]): PulumiException => ({
  id,
  reason: `because of ${id}`,
  match,
});

interface PulumiCase {
  readonly sample?: Partial<Sample>;
  readonly settings?: Partial<Settings>;
  readonly levels?: Levels;
}

function judgedByPulumi(
  exceptions: readonly PulumiException[],
  { sample = STARVED, settings, levels = LEVELS }: PulumiCase = {},
): Report {
  const policies: PolicySet = {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    levels,
    pulumiExceptions: exceptions,
  };
  return reportFor(samplePlan(sample), policies, undefined, undefined, TODAY);
}

const entries = (report: Report) =>
  report.exceptions.map(({ id, rule, status, findings }) => [id, rule, status, findings.length]);
const rulesOf = (report: Report) => report.violations.map(({ rule, level }) => `${rule}: ${level}`);

describe("an exception of Pulumi's own", () => {
  it("takes its finding out of the verdict and keeps it in the report, permanent and without an owner", () => {
    const report = judgedByPulumi([exception("EXC-1", on("pool-floor", SERVICE))]);
    expect([report.verdict, report.violations]).toEqual(["accepted", []]);
    expect(report.exceptions).toEqual([
      {
        id: "EXC-1",
        rule: "pool-floor",
        resource: SERVICE,
        reason: "because of EXC-1",
        owner: "not given",
        expires: "never",
        status: "active",
        findings: [expect.objectContaining({ rule: "pool-floor", level: "mandatory", resource: SERVICE })],
      },
    ]);
  });

  it("that does not exist leaves the report as it is", () => {
    const report = judgedByPulumi([]);
    expect(report).toEqual(judgedByPulumi([]));
    expect(entries(report)).toEqual([]);
    expect(rulesOf(report)).toEqual(["pool-floor: mandatory"]);
  });

  it("matches by its rule and its whole URN alone", () => {
    const others = ["api", "*", SERVICE.replace("api", "API"), `${SERVICE} `, SERVICE.slice(0, -1), DATABASE];
    for (const target of others) {
      expect([target, judgedByPulumi([exception("a", on("pool-floor", target))]).verdict]).toEqual([
        target,
        "rejected",
      ]);
    }
    expect(judgedByPulumi([exception("a", on("acquire-timeout", SERVICE))]).verdict).toBe("rejected");
  });

  it("has its rule and its target in one entry of `match`", () => {
    const apart = exception("a", on("pool-floor", DATABASE), on("connection-budget", SERVICE));
    expect(by(judgedByPulumi([apart]), "pool-floor")).toHaveLength(1);
    const together = exception("a", on(["pool-floor", "acquire-timeout"], SERVICE));
    expect(judgedByPulumi([together], { sample: TWO }).verdict).toBe("accepted");
  });

  it("lists a finding with the first that matches it; the second is not called unused", () => {
    const report = judgedByPulumi([
      exception("EXC-9", on("pool-floor", SERVICE)),
      exception("EXC-10", on("pool-floor", [SERVICE, SERVICE])),
    ]);
    expect(entries(report)).toEqual([
      ["EXC-9", "pool-floor", "active", 1],
      ["EXC-10", "pool-floor", "active", 0],
    ]);
    expect(report.verdict).toBe("accepted");
  });

  it("is applied after those of poolproof-settings, whose findings it may match as well", () => {
    const own = { rule: "pool-floor", resource: "api", reason: "r", owner: "o", expires: "2026-07-01" };
    const report = judgedByPulumi([exception("a", on("pool-floor", SERVICE))], {
      settings: { exceptions: [own] },
    });
    expect([report.verdict, report.violations]).toEqual(["accepted", []]);
    expect(entries(report)).toEqual([
      [undefined, "pool-floor", "active", 1],
      ["a", "pool-floor", "active", 0],
    ]);
  });

  it("lifts a warning too, and leaves the other findings their level", () => {
    const levels: Levels = { ...LEVELS, "acquire-timeout": "advisory" };
    const report = judgedByPulumi([exception("a", on("acquire-timeout", SERVICE))], { sample: TWO, levels });
    expect(rulesOf(report)).toEqual(["pool-floor: mandatory"]);
  });

  it("finds a client that only the policy configuration describes under the stack, as the engine does", () => {
    const settings = {
      clients: [{ name: "jobs", poolMax: 400, instances: 2, database: "db", acquireTimeoutMs: 0 }],
    };
    const exceptions = [exception("a", on("acquire-timeout", ROOT))];
    const without = judgedByPulumi([], { sample: {}, settings });
    const jobs = by(without, "acquire-timeout").map(({ resource }) => resource);
    expect(jobs).toEqual(["urn:pulumi:test::shop::poolproof:declared:Client::jobs"]);
    expect(by(judgedByPulumi(exceptions, { sample: {}, settings }), "acquire-timeout")).toEqual([]);
    const byName = judgedByPulumi([exception("a", on("acquire-timeout", jobs))], { sample: {}, settings });
    expect(by(byName, "acquire-timeout")).toHaveLength(1);
    expect(entries(byName)).toEqual([["a", "acquire-timeout", "unused", 0]]);
  });
});

describe("an exception of Pulumi's own that does not hold", () => {
  it("is a violation of poolproof-settings where it matches nothing: each rule and target counts", () => {
    const report = judgedByPulumi([
      exception("EXC-1", on(["pool-floor", "connection-budget"], [SERVICE, DATABASE])),
    ]);
    expect(entries(report)).toEqual([
      ["EXC-1", "pool-floor", "active", 1],
      ["EXC-1", "pool-floor", "unused", 0],
      ["EXC-1", "connection-budget", "unused", 0],
      ["EXC-1", "connection-budget", "unused", 0],
    ]);
    expect(rulesOf(report)).toEqual(["poolproof-settings: mandatory"]);
    expect(report.violations[0]).toMatchObject({
      resource: ROOT,
      docs: "docs/runbooks/poolproof-settings.md",
    });
    expect(report.violations[0]?.message).toContain(DATABASE);
    expect(report.verdict).toBe("rejected");
  });

  it("only warns of targets in another stack, which the same file may serve", () => {
    const prod = SERVICE.replace(":test::", ":prod::");
    const report = judgedByPulumi([exception("a", on("pool-floor", [SERVICE, prod]))]);
    expect([report.verdict, rulesOf(report)]).toEqual(["accepted", ["poolproof-settings: advisory"]]);
    expect(report.violations[0]?.message).toContain(prod);
    const project = SERVICE.replace("::shop::", "::store::");
    expect(rulesOf(judgedByPulumi([exception("a", on("pool-floor", project))]))).toEqual([
      "pool-floor: mandatory",
      "poolproof-settings: advisory",
    ]);
  });

  it("counts as the policy configuration says the settings' policy does", () => {
    const levels: Levels = { ...LEVELS, "poolproof-settings": "advisory" };
    const report = judgedByPulumi([exception("a", on("pool-floor", SERVICE))], { sample: {}, levels });
    expect([report.verdict, rulesOf(report)]).toEqual(["accepted", ["poolproof-settings: advisory"]]);
  });
});

describe("a rule that is never excepted", () => {
  const settings = { neverExcepted: ["pool-floor"] };

  it("keeps its finding, and the exception for it is a violation, with or without a finding", () => {
    const exceptions = [exception("EXC-1", on(["pool-floor", "acquire-timeout"], SERVICE))];
    const report = judgedByPulumi(exceptions, { sample: TWO, settings });
    expect(rulesOf(report)).toEqual(["poolproof-settings: mandatory", "pool-floor: mandatory"]);
    expect(entries(report)).toEqual([
      ["EXC-1", "pool-floor", "forbidden", 0],
      ["EXC-1", "acquire-timeout", "active", 1],
    ]);
    const safe = judgedByPulumi([exception("EXC-1", on("pool-floor", SERVICE))], { sample: {}, settings });
    expect([safe.verdict, entries(safe)]).toEqual(["rejected", [["EXC-1", "pool-floor", "forbidden", 0]]]);
  });

  it("is not passed over because what it cannot decide is excepted", () => {
    const sample: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
    const hidden = judgedByPulumi([], { sample });
    const targets = [...new Set(by(hidden, "undecided").map(({ resource }) => resource))];
    const floor = hidden.undecided
      .filter(({ rule }) => rule === "pool-floor")
      .map(({ resource }) => resource);
    expect(floor).not.toEqual([]);
    const exceptions = [exception("a", on("undecided", targets))];
    expect(judgedByPulumi(exceptions, { sample }).verdict).toBe("accepted");
    const report = judgedByPulumi(exceptions, { sample, settings });
    expect([report.verdict, by(report, "poolproof-settings").length]).toEqual(["rejected", 1]);
    for (const { status, resource } of report.exceptions) {
      expect([resource, status]).toEqual([resource, floor.includes(resource) ? "forbidden" : "active"]);
    }
  });

  // Missing demand is one finding for all rules that need it: lifted by the engine, no rule would say that the pool was
  // never judged.
  it("is not passed over because the finding that stood for it is excepted", () => {
    const sample = { ...STARVED, tags: tags({ "poolproof:peak-requests-per-second": undefined }) };
    const exceptions = [exception("a", on("demand-declared", SERVICE))];
    const report = judgedByPulumi(exceptions, { sample, settings });
    expect(rulesOf(report)).toEqual(["poolproof-settings: mandatory", "demand-declared: mandatory"]);
    expect(entries(report)).toEqual([["a", "demand-declared", "forbidden", 0]]);

    const free = judgedByPulumi(exceptions, { sample });
    expect([free.verdict, entries(free)]).toEqual(["accepted", [["a", "demand-declared", "active", 1]]]);
    expect(free.undecided.map(({ rule }) => rule)).toContain("pool-floor");
    expect(judgedByPulumi([], { sample }).undecided.map(({ rule }) => rule)).not.toContain("pool-floor");
  });
});

describe("what people read of it", () => {
  const report = judgedByPulumi([exception("EXC-7", on("pool-floor", SERVICE))]);

  it.each(
    FORMATS,
  )("names the exception, its reason and that it has neither an end nor an owner: %s", (format) => {
    const text = render(report, format, { color: false, width: 400, levels: DEFAULT_LEVELS });
    expect(text).toContain("EXC-7");
    expect(text).toContain("because of EXC-7");
    expect(text).toContain("not given");
    expect(text).toMatch(/permanent|never/);
    expect(text).toContain("below the floor of 11");
  });

  it("is the same where the report is all there is, as the engine's pack leaves it", () => {
    const policies = {
      settings: DEFAULT_SETTINGS,
      levels: LEVELS,
      pulumiExceptions: [exception("EXC-7", on("pool-floor", SERVICE))],
    };
    const place = { stack: "test", project: "shop" };
    const left: Report = JSON.parse(JSON.stringify(judgedByPulumi([])));
    expect(withPulumiExceptions(left, policies, place)).toEqual(report);
  });
});
