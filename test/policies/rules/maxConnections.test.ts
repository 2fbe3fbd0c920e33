import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/property";
import { DATABASE, GROUP, resource } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

const limit = (value: PropertyValue, applyMethod: PropertyValue = "pending-reboot") =>
  judge({ parameters: [{ name: "max_connections", value, applyMethod }] });

describe("max-connections", () => {
  it("accepts a whole number and a formula", () => {
    expect(by(limit("400"), "max-connections")).toEqual([]);
    expect(by(limit(400), "max-connections")).toEqual([]);
    const formula = limit("LEAST({DBInstanceClassMemory/9531392},5000)");
    expect(by(formula, "max-connections")).toEqual([]);
    // 64 GiB × 0.88 / 9531392 = 6344, of which the formula takes 5000.
    expect(formula.budgets[0]).toMatchObject({ maxConnections: 5000, maxConnectionsSource: "estimated" });
  });

  it("names a malformed formula, and where it breaks", () => {
    const violation = only(limit("LEAST({DBInstanceClassMemory/9531392},"), "max-connections");
    expect(violation.resource).toBe(GROUP);
    expect(violation.message).toContain('is "LEAST({DBInstanceClassMemory/9531392},"');
    expect(violation.message).toMatch(/at character \d+/);
    expect(violation.allowed).toEqual({ min: 6, max: 262143 });
  });

  it.each(["5", "262144", "-1", "1e9", "ten", ""])("rejects %j", (value) => {
    const report = limit(value);
    expect(report.verdict).toBe("rejected");
    expect(only(report, "max-connections").message).toContain(JSON.stringify(value));
  });

  it("rejects an instance class that does not exist, with near names, even when the limit is explicit", () => {
    const violation = only(judge({ database: { instanceClass: "db.m7g.lagre" } }), "max-connections");
    expect(violation.resource).toBe(DATABASE);
    expect(violation.observed).toBe("db.m7g.lagre");
    expect(violation.message).toContain("db.m7g.large");
  });

  it.each([["immediate"], [undefined]])("rejects applyMethod %j for the static parameter", (method) => {
    const parameters = [
      { name: "max_connections", value: "400", ...(method ? { applyMethod: method } : {}) },
    ];
    const violation = only(judge({ parameters }), "max-connections");
    expect(violation.message).toContain("cannot use immediate apply method for static parameter");
    expect(violation.observed).toBe("immediate");
  });

  it("says so when a confirmed limit is more than the class can have", () => {
    const report = judge({ parameters: [] }, { confirmedMaxConnections: 9000 });
    expect(only(report, "max-connections").message).toContain("9000 was confirmed");
  });

  it("is undecided about a value, a group and a class that only the deployment knows", () => {
    expect(limit(UNKNOWN).undecided.map(({ property }) => property)).toContain("parameters.max_connections");
    expect(judge({ parameters: UNKNOWN }).undecided.map(({ property }) => property)).toContain("parameters");
    expect(
      judge({ parameters: [{ name: UNKNOWN, value: "1" }] }).undecided.map(({ property }) => property),
    ).toContain("parameters");
    const unknownClass = judge({ parameters: [], database: { instanceClass: UNKNOWN } });
    expect(unknownClass.undecided.map(({ property }) => property)).toContain("instanceClass");
    expect(unknownClass.verdict).toBe("rejected");
  });

  it("cannot see a parameter group that another stack owns", () => {
    const lonely = resource("aws:rds/instance:Instance", "db", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
      parameterGroupName: "someone-elses",
    });
    const report = judgePlan({ resources: [lonely] });
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: "max-connections", property: "parameterGroupName" }),
    );
  });

  it("estimates from the engine's default when AWS assigns the group", () => {
    const lonely = resource("aws:rds/instance:Instance", "db", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
      parameterGroupName: UNKNOWN,
    });
    const report = judgePlan({ resources: [lonely] });
    expect(report.undecided).toEqual([]);
    expect(report.budgets[0]).toMatchObject({ maxConnections: 793, maxConnectionsSource: "estimated" });
  });
});
