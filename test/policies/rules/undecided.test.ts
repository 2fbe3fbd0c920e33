import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_LEVELS } from "../../../policies/reports/assess";
import { runbook, runbooksFor } from "../../../policies/rules/rule";
import { limitTo } from "../auroraPlan";
import { environment, type Sample, SERVICE, tags } from "../samplePlan";
import { by, judge } from "./judge";

const HIDDEN: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
const MALFORMED: Partial<Sample> = { service: { deploymentMaximumPercent: "many" } };
const ADVISORY = Object.fromEntries(Object.keys(DEFAULT_LEVELS).map((rule) => [rule, "advisory" as const]));
const levels = (changed: typeof DEFAULT_LEVELS) => ({ ...DEFAULT_LEVELS, ...changed });
const shown = (report: ReturnType<typeof judge>) => by(report, "undecided").map(({ level }) => level);

describe("a property that is hidden", () => {
  it("is one finding, whatever number of rules it keeps from deciding, and rejects by that alone", () => {
    const report = judge(HIDDEN);
    expect(by(report, "undecided")).toMatchObject([
      { level: "mandatory", resource: SERVICE, observed: null, allowed: null, unit: null },
    ]);
    expect(report.undecided.map(({ rule, property }) => [rule, property])).toEqual(
      expect.arrayContaining([
        ["pool-floor", "containerDefinitions"],
        ["connection-budget", "containerDefinitions"],
      ]),
    );
    expect(report.verdict).toBe("rejected");
  });

  it("only warns where the settings say so, and is listed all the same", () => {
    const report = judge(HIDDEN, { undecided: "warn" });
    expect(shown(report)).toEqual(["advisory"]);
    expect(report.verdict).toBe("accepted");
    expect(report.undecided.length).toBeGreaterThan(0);
  });

  it("does not reject for the sake of rules that are advisory themselves", () => {
    const strict = { ...ADVISORY, undecided: "mandatory" as const };
    expect(judge(HIDDEN, {}, strict).verdict).toBe("accepted");
    expect(judge(HIDDEN, {}, { ...strict, "pool-floor": "mandatory" }).verdict).toBe("rejected");
  });

  it("is nothing to a rule that is disabled", () => {
    const { "pool-floor": _, ...others } = DEFAULT_LEVELS;
    expect(by(judge({ environment: environment({ DB_POOL_MAX: "3" }) }, {}, others), "pool-floor")).toEqual(
      [],
    );
    expect(judge(HIDDEN, {}, others).undecided.map(({ rule }) => rule)).not.toContain("pool-floor");
  });

  it("only warns where the policy itself only warns, and is no finding where it is disabled", () => {
    expect(shown(judge(HIDDEN, {}, levels({ undecided: "advisory" })))).toEqual(["advisory"]);
    const { undecided: _, ...disabled } = DEFAULT_LEVELS;
    const report = judge(HIDDEN, {}, disabled);
    expect(shown(report)).toEqual([]);
    expect(report.undecided.length).toBeGreaterThan(0);
  });
});

describe("a value that is wrong in the plan itself", () => {
  const about = (report: ReturnType<typeof judge>) =>
    report.violations.filter(({ observed }) => observed === '"many"');

  it("is one finding of a rule that it keeps from deciding, and hides nothing", () => {
    const report = judge(MALFORMED);
    expect(about(report)).toMatchObject([
      { rule: "connection-budget", level: "mandatory", resource: SERVICE },
    ]);
    expect(report.undecided).toEqual([]);
  });

  it("is rejected even where what the preview hides only warns", () => {
    const report = judge({ environment: { WEB_CONCURRENCY: "0", DB_POOL_MAX: "12" } }, { undecided: "warn" });
    expect(report.violations.filter(({ observed }) => observed === "0")).toMatchObject([
      { level: "mandatory" },
    ]);
    expect(report.verdict).toBe("rejected");
  });

  it("is of the strictest rule that it keeps from deciding", () => {
    const zero = { environment: { WEB_CONCURRENCY: "0", DB_POOL_MAX: "12" } };
    const of = (changed: typeof DEFAULT_LEVELS) =>
      judge(zero, {}, levels(changed)).violations.find(({ observed }) => observed === "0");
    expect(of({})).toMatchObject({ rule: "pool-floor", level: "mandatory" });
    expect(of({ "pool-floor": "advisory" })).toMatchObject({ rule: "connection-budget", level: "mandatory" });
  });

  it("only warns where every rule that it concerns only warns", () => {
    const report = judge(MALFORMED, {}, ADVISORY);
    expect(about(report)).toMatchObject([{ level: "advisory" }]);
    expect(report.verdict).toBe("accepted");
  });
});

describe("what a rule leaves to another one", () => {
  const open = (changes: Partial<Sample>, changed: typeof DEFAULT_LEVELS = {}) => {
    const report = judge(changes, {}, levels(changed));
    return { rules: report.undecided.map(({ rule }) => rule), verdict: report.verdict };
  };
  const LIMIT = { parameters: limitTo("LEAST("), environment: environment({ DB_POOL_MAX: "4000" }) };
  const DEMAND = { tags: tags({ "poolproof:db-hold-ms": undefined }) };
  const REQUEST = { environment: environment({ REQUEST_TIMEOUT_MS: "0" }) };

  it.each<[string, string, string, Partial<Sample>]>([
    ["an unreadable limit", "connection-budget", "max-connections", LIMIT],
    ["missing demand", "pool-floor", "demand-declared", DEMAND],
    ["a request without an end", "drain-order", "timeout-order", REQUEST],
  ])("is not listed, unless the other one only warns or is disabled: %s", (_what, rule, other, changes) => {
    expect(open(changes).rules).not.toContain(rule);
    expect(open(changes).verdict).toBe("rejected");
    expect(open(changes, { [other]: "advisory" })).toMatchObject({
      rules: expect.arrayContaining([rule]),
      verdict: "rejected",
    });
    const { [other]: _, ...disabled } = DEFAULT_LEVELS;
    expect(judge(changes, {}, disabled).undecided.map((each) => each.rule)).toContain(rule);
  });
});

describe("the page of a rule", () => {
  it("lies at this repository's root", () => {
    expect(runbook("pool-floor")).toBe("docs/runbooks/pool-floor.md");
  });

  it.each([
    ["/srv/shop/node_modules/poolproof/dist/rules", "node_modules/poolproof/docs/runbooks"],
    [
      "/srv/shop/node_modules/.pnpm/poolproof@1.0.0/node_modules/poolproof/dist/rules",
      "node_modules/poolproof/docs/runbooks",
    ],
    ["C:\\shop\\node_modules\\poolproof\\dist\\rules", "node_modules/poolproof/docs/runbooks"],
    ["/shop/node_modules/@acme/poolproof/dist/rules", "node_modules/@acme/poolproof/docs/runbooks"],
    ["/srv/poolproof/policies/dist/rules", "docs/runbooks"],
  ])("lies in the package where it is installed: %s", (folder, expected) => {
    expect(runbooksFor(folder)).toBe(expected);
  });
});
