import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_LEVELS } from "../../../policies/reports/assess";
import { resource, type Sample, tags } from "../samplePlan";
import { by, judge } from "./judge";

const hidden: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };

describe("undecided", () => {
  it("is one violation per hidden property, naming the rules it kept from deciding", () => {
    const report = judge(hidden);
    const violations = by(report, "undecided");
    expect(violations).toHaveLength(1);
    expect(violations[0]?.level).toBe("mandatory");
    expect(violations[0]?.message).toMatch(
      /^pool-floor, connection-budget, acquire-timeout, timeout-order, [a-z, -]+ could not be decided for api/,
    );
    expect(report.verdict).toBe("rejected");
  });

  it("advises what mends it: a tag that names the database, or a library that can be read", () => {
    const second = resource("aws:rds/instance:Instance", "reports", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const fixes = (changes: Partial<Sample>) => by(judge(changes), "undecided").map(({ fix }) => fix);
    expect(fixes({ extra: [second] }).join()).toContain("Set the tag `poolproof:database`");
    const library = fixes({ tags: tags({ "poolproof:pool-library": "c3p0" }) });
    expect(library.length).toBeGreaterThan(0);
    expect(library.join()).not.toContain("poolproof:database");
  });

  it("warns where the settings say so", () => {
    const report = judge(hidden, { undecided: "warn" });
    expect(by(report, "undecided").map(({ level }) => level)).toEqual(["advisory"]);
    expect(report.verdict).toBe("accepted");
    expect(report.undecided.length).toBeGreaterThan(0);
  });

  it("does not reject for the sake of rules that are advisory themselves", () => {
    const advisory = Object.fromEntries(
      Object.keys(DEFAULT_LEVELS).map((rule) => [rule, "advisory" as const]),
    );
    const report = judge(hidden, {}, { ...advisory, undecided: "mandatory" });
    expect(report.verdict).toBe("accepted");
    expect(
      judge(hidden, {}, { ...advisory, "pool-floor": "mandatory", undecided: "mandatory" }).verdict,
    ).toBe("rejected");
  });

  it("leaves a disabled rule out of the report", () => {
    const { "pool-floor": _, ...levels } = DEFAULT_LEVELS;
    const report = judge({ environment: { DB_POOL_MAX: "3" } }, {}, levels);
    expect(by(report, "pool-floor")).toEqual([]);
    expect(judge(hidden, {}, levels).undecided.map(({ rule }) => rule)).not.toContain("pool-floor");
  });

  it("says what hides it, and what mends it: the rule's own advice, or to make the property known", () => {
    const [own] = by(judge(hidden), "undecided");
    expect(own).toMatchObject({ observed: null, allowed: null, unit: null });
    expect(own?.fix).toMatch(/^Pass what only the deployment knows through `secrets`/);
    const percent = by(judge({ service: { deploymentMaximumPercent: UNKNOWN } }), "undecided");
    expect(percent.map(({ fix }) => fix)).toContain(
      'Make `deploymentMaximumPercent` known at preview, or set `undecided` to "warn" in the policy configuration',
    );
  });

  it("only warns where the policy itself only warns, and says nothing where it is disabled", () => {
    const levels = { ...DEFAULT_LEVELS, undecided: "advisory" as const };
    expect(by(judge(hidden, {}, levels), "undecided").map(({ level }) => level)).toEqual(["advisory"]);
    const { undecided: _, ...disabled } = DEFAULT_LEVELS;
    expect(by(judge(hidden, {}, disabled), "undecided")).toEqual([]);
    expect(judge(hidden, {}, disabled).undecided.length).toBeGreaterThan(0);
  });
});
