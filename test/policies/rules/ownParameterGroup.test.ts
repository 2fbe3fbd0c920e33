import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { ownParameterGroup } from "../../../policies/rules/database/ownParameterGroup";
import { auroraPlan, CLUSTER, limitTo } from "../auroraPlan";
import { DATABASE, resource } from "../samplePlan";
import { by, findings, judge, judgePlan, only } from "./judge";

const RULE = "own-parameter-group";
const withGroup = (parameterGroupName: PropertyValue | undefined, dependencies: readonly string[] = []) => {
  const properties: PropertyMap = {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.large",
    ...(parameterGroupName === undefined ? {} : { parameterGroupName }),
  };
  const made: PlanResource["propertyDependencies"] =
    dependencies.length > 0 ? { parameterGroupName: dependencies } : {};
  return judgePlan({
    resources: [resource("aws:rds/instance:Instance", "db", properties, made)],
  });
};

describe(RULE, () => {
  it("accepts a group of the stack, and one of another stack", () => {
    expect(by(judge(), RULE)).toEqual([]);
    expect(by(withGroup("someone-elses"), RULE)).toEqual([]);
  });

  it.each<[PropertyValue | undefined]>([
    [undefined],
    [UNKNOWN],
    ["default.postgres17"],
  ])("warns of %s", (name) => {
    expect(only(withGroup(name), RULE)).toMatchObject({ resource: DATABASE, level: "advisory" });
  });

  it.each<[PropertyValue | undefined, string, string | null]>([
    ["default.postgres17", "only AWS's default `default.postgres17`, which", "default.postgres17"],
    [undefined, "only AWS's default, which", null],
  ])("names the default group it found: %s", (name, shown, observed) => {
    const violation = only(withGroup(name), RULE);
    expect(violation.message).toContain(`db has no parameter group of its own, ${shown} nobody can edit: `);
    expect(violation).toMatchObject({ observed, allowed: null, unit: null });
    expect(violation.fix).toBe(
      "Give it a parameter group with `max_connections` and the timeouts, and name it in `parameterGroupName`",
    );
  });

  it("takes a group of the stack for one's own, while its name is not known as well", () => {
    const group = resource("aws:rds/parameterGroup:ParameterGroup", "group", {
      name: UNKNOWN,
      family: "postgres17",
    });
    const properties: PropertyMap = { engine: "postgres", engineVersion: "17", parameterGroupName: UNKNOWN };
    const database = resource("aws:rds/instance:Instance", "db", properties, {
      parameterGroupName: [group.urn],
    });
    expect(findings(ownParameterGroup, { resources: [group, database] })).toEqual({
      violations: [],
      undecided: [],
    });
  });

  it("is undecided about a name that only the deployment knows", () => {
    const report = withGroup(UNKNOWN, ["urn:pulumi:test::shop::other:Thing::made"]);
    expect(by(report, RULE)).toEqual([]);
    expect(report.undecided).toContainEqual(expect.objectContaining({ rule: RULE, resource: DATABASE }));
  });

  it("asks a cluster for a cluster parameter group, unless every instance has one of its own", () => {
    const of = (changes: Parameters<typeof auroraPlan>[0]) =>
      judgePlan({ resources: auroraPlan({ parameters: undefined, ...changes }) });
    const violation = only(of({}), RULE);
    expect(violation.resource).toBe(CLUSTER);
    expect(violation.fix).toContain("cluster parameter group");
    expect(violation.fix).toContain("`dbClusterParameterGroupName`");
    expect(by(of({ memberParameters: { "aurora-0": limitTo("500") } }), RULE)).toEqual([]);
    const members = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };
    expect(by(of({ members, memberParameters: { b: limitTo("500") } }), RULE)).toHaveLength(1);
    expect(by(of({ parameters: [] }), RULE)).toEqual([]);
    expect(by(of({ members: {} }), RULE)).toHaveLength(1);
  });

  it("asks nothing of a database elsewhere", () => {
    const report = judgePlan({ resources: [] }, { databases: [{ name: "warehouse", maxConnections: 90 }] });
    expect(by(report, RULE)).toEqual([]);
  });
});
