import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type PulumiException, type Settings } from "../../../policies/plan/settings";
import { DEFAULT_LEVELS, type Levels } from "../../../policies/reports/assess";
import { type PolicySet, reportFor, withPulumiExceptions } from "../../../policies/reports/pulumiExceptions";
import { FORMATS, render } from "../../../policies/reports/render";
import type { Report } from "../../../policies/reports/report";
import { by } from "../rules/judge";
import { DATABASE, environment, type Sample, SERVICE, samplePlan, tags } from "../samplePlan";

/** Enough rules to except one of; what others find of the sample is their own tests' matter. */
const LEVELS: Levels = {
  "poolproof-settings": "mandatory",
  "pool-floor": "mandatory",
  "connection-budget": "mandatory",
  "acquire-timeout": "mandatory",
  "demand-declared": "mandatory",
  undecided: "mandatory",
};

const TODAY = new Date("2026-06-15T12:00:00Z");
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

interface Case {
  readonly sample?: Partial<Sample>;
  readonly settings?: Partial<Settings>;
  readonly levels?: Levels;
}

function judged(
  exceptions: readonly PulumiException[],
  { sample = STARVED, settings, levels = LEVELS }: Case = {},
): Report {
  const policies: PolicySet = {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    levels,
    pulumiExceptions: exceptions,
  };
  return reportFor(samplePlan(sample), policies, undefined, undefined, TODAY);
}

const statuses = (report: Report) =>
  report.exceptions.map(({ id, rule, status, findings }) => [id, rule, status, findings.length]);
const rulesOf = (report: Report) => report.violations.map(({ rule, level }) => `${rule}: ${level}`);

describe("an exception of Pulumi's own", () => {
  it("takes its finding out of the verdict and keeps it in the report, permanent and without an owner", () => {
    const report = judged([exception("EXC-1", on("pool-floor", SERVICE))]);
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
    const report = judged([]);
    expect(report).toEqual(judged([]));
    expect(statuses(report)).toEqual([]);
    expect(rulesOf(report)).toEqual(["pool-floor: mandatory"]);
  });

  it("matches by its rule and its whole URN alone", () => {
    const others = ["api", "*", SERVICE.replace("api", "API"), `${SERVICE} `, SERVICE.slice(0, -1), DATABASE];
    for (const target of others) {
      expect([target, judged([exception("a", on("pool-floor", target))]).verdict]).toEqual([
        target,
        "rejected",
      ]);
    }
    expect(judged([exception("a", on("acquire-timeout", SERVICE))]).verdict).toBe("rejected");
  });

  it("has its rule and its target in one entry of `match`", () => {
    const apart = exception("a", on("pool-floor", DATABASE), on("connection-budget", SERVICE));
    expect(by(judged([apart]), "pool-floor")).toHaveLength(1);
    const together = exception("a", on(["pool-floor", "acquire-timeout"], SERVICE));
    expect(judged([together], { sample: TWO }).verdict).toBe("accepted");
  });

  it("lists a finding with the first that matches it; the second is not called unused", () => {
    const report = judged([
      exception("EXC-9", on("pool-floor", SERVICE)),
      exception("EXC-10", on("pool-floor", [SERVICE, SERVICE])),
    ]);
    expect(statuses(report)).toEqual([
      ["EXC-9", "pool-floor", "active", 1],
      ["EXC-10", "pool-floor", "active", 0],
    ]);
    expect(report.verdict).toBe("accepted");
  });

  it("is applied after those of poolproof-settings, whose findings it may match as well", () => {
    const own = { rule: "pool-floor", resource: "api", reason: "r", owner: "o", expires: "2026-07-01" };
    const report = judged([exception("a", on("pool-floor", SERVICE))], { settings: { exceptions: [own] } });
    expect([report.verdict, report.violations]).toEqual(["accepted", []]);
    expect(statuses(report)).toEqual([
      [undefined, "pool-floor", "active", 1],
      ["a", "pool-floor", "active", 0],
    ]);
  });

  it("lifts a warning too, and leaves the other findings their level", () => {
    const levels: Levels = { ...LEVELS, "acquire-timeout": "advisory" };
    const report = judged([exception("a", on("acquire-timeout", SERVICE))], { sample: TWO, levels });
    expect(rulesOf(report)).toEqual(["pool-floor: mandatory"]);
  });

  it("finds a client that only the policy configuration describes under the stack, as the engine does", () => {
    const settings = {
      clients: [{ name: "jobs", poolMax: 400, instances: 2, database: "db", acquireTimeoutMs: 0 }],
    };
    const exceptions = [exception("a", on("acquire-timeout", ROOT))];
    const without = judged([], { sample: {}, settings });
    const jobs = by(without, "acquire-timeout").map(({ resource }) => resource);
    expect(jobs).toEqual(["urn:pulumi:test::shop::poolproof:declared:Client::jobs"]);
    expect(by(judged(exceptions, { sample: {}, settings }), "acquire-timeout")).toEqual([]);
    const byName = judged([exception("a", on("acquire-timeout", jobs))], { sample: {}, settings });
    expect(by(byName, "acquire-timeout")).toHaveLength(1);
    expect(statuses(byName)).toEqual([["a", "acquire-timeout", "unused", 0]]);
  });
});

describe("an exception of Pulumi's own that does not hold", () => {
  it("is a violation of poolproof-settings where it matches nothing: each rule and target counts", () => {
    const report = judged([exception("EXC-1", on(["pool-floor", "connection-budget"], [SERVICE, DATABASE]))]);
    expect(statuses(report)).toEqual([
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
    const report = judged([exception("a", on("pool-floor", [SERVICE, prod]))]);
    expect([report.verdict, rulesOf(report)]).toEqual(["accepted", ["poolproof-settings: advisory"]]);
    expect(report.violations[0]?.message).toContain(prod);
    const project = SERVICE.replace("::shop::", "::store::");
    expect(rulesOf(judged([exception("a", on("pool-floor", project))]))).toEqual([
      "pool-floor: mandatory",
      "poolproof-settings: advisory",
    ]);
  });

  it("counts as the policy configuration says the settings' policy does", () => {
    const levels: Levels = { ...LEVELS, "poolproof-settings": "advisory" };
    const report = judged([exception("a", on("pool-floor", SERVICE))], { sample: {}, levels });
    expect([report.verdict, rulesOf(report)]).toEqual(["accepted", ["poolproof-settings: advisory"]]);
  });
});

describe("a rule that is never excepted", () => {
  const settings = { neverExcepted: ["pool-floor"] };

  it("keeps its finding, and the exception for it is a violation, with or without a finding", () => {
    const exceptions = [exception("EXC-1", on(["pool-floor", "acquire-timeout"], SERVICE))];
    const report = judged(exceptions, { sample: TWO, settings });
    expect(rulesOf(report)).toEqual(["poolproof-settings: mandatory", "pool-floor: mandatory"]);
    expect(statuses(report)).toEqual([
      ["EXC-1", "pool-floor", "forbidden", 0],
      ["EXC-1", "acquire-timeout", "active", 1],
    ]);
    const safe = judged([exception("EXC-1", on("pool-floor", SERVICE))], { sample: {}, settings });
    expect([safe.verdict, statuses(safe)]).toEqual(["rejected", [["EXC-1", "pool-floor", "forbidden", 0]]]);
  });

  it("is not passed over because what it cannot decide is excepted", () => {
    const sample: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
    const hidden = judged([], { sample });
    const targets = [...new Set(by(hidden, "undecided").map(({ resource }) => resource))];
    const floor = hidden.undecided
      .filter(({ rule }) => rule === "pool-floor")
      .map(({ resource }) => resource);
    expect(floor).not.toEqual([]);
    const exceptions = [exception("a", on("undecided", targets))];
    expect(judged(exceptions, { sample }).verdict).toBe("accepted");
    const report = judged(exceptions, { sample, settings });
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
    const report = judged(exceptions, { sample, settings });
    expect(rulesOf(report)).toEqual(["poolproof-settings: mandatory", "demand-declared: mandatory"]);
    expect(statuses(report)).toEqual([["a", "demand-declared", "forbidden", 0]]);

    const free = judged(exceptions, { sample });
    expect([free.verdict, statuses(free)]).toEqual(["accepted", [["a", "demand-declared", "active", 1]]]);
    expect(free.undecided.map(({ rule }) => rule)).toContain("pool-floor");
    expect(judged([], { sample }).undecided.map(({ rule }) => rule)).not.toContain("pool-floor");
  });
});

describe("what people read of it", () => {
  const report = judged([exception("EXC-7", on("pool-floor", SERVICE))]);

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
    const left: Report = JSON.parse(JSON.stringify(judged([])));
    expect(withPulumiExceptions(left, policies, place)).toEqual(report);
  });
});
