import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { parameterGroupFamily } from "../../../policies/rules/database/parameterGroupFamily";
import { auroraPlan, CLUSTER_GROUP, limitTo } from "../auroraPlan";
import { DATABASE, GROUP, resource } from "../samplePlan";
import { by, findings, judgePlan, only } from "./judge";

const RULE = "parameter-group-family";
const of = (engine: PropertyValue, engineVersion: PropertyValue | undefined, family: PropertyValue) =>
  judgePlan({
    resources: [
      resource("aws:rds/parameterGroup:ParameterGroup", "db-params", { name: "db-params", family }),
      resource("aws:rds/instance:Instance", "db", {
        engine,
        ...(engineVersion === undefined ? {} : { engineVersion }),
        instanceClass: "db.m7g.large",
        parameterGroupName: "db-params",
      }),
    ],
  });
const undecided = (report: ReturnType<typeof of>) => report.undecided.filter(({ rule }) => rule === RULE);

describe(RULE, () => {
  it.each([
    ["postgres", "17", "postgres17"],
    ["postgres", "17.4", "Postgres17"],
    ["mysql", "8.0.42", "mysql8.0"],
    ["mysql", "8", "mysql8.4"],
    ["mysql", "8 ", "mysql8.4"],
    ["mariadb", "10.11", "mariadb10.11"],
  ])("accepts for %s %s the family %s", (engine, version, family) => {
    const report = of(engine, version, family);
    expect([...by(report, RULE), ...undecided(report)]).toEqual([]);
  });

  it.each([
    ["postgres", "17", "postgres16", "postgres17"],
    ["postgres", "17", "aurora-postgresql17", "postgres17"],
    ["postgres", "17", "postgres17.4", "postgres17"],
    ["mysql", "8.4.5", "mysql8.0", "mysql8.4"],
    ["mariadb", "11.4", "mysql8.0", "mariadb11.4"],
    ["postgres", "17", "oracle-ee-19", "postgres17"],
  ])("rejects for %s %s the family %s: it takes %s", (engine, version, family, expected) => {
    const report = of(engine, version, family);
    const violation = only(report, RULE);
    expect(violation).toMatchObject({ resource: GROUP, level: "mandatory", observed: family });
    expect(violation.fix).toContain(`to ${expected}`);
    expect(report.verdict).toBe("rejected");
  });

  it("rejects another engine's family even while the version is not known", () => {
    expect(only(of("postgres", undefined, "mysql8.0"), RULE).fix).toContain("a family of postgres");
  });

  it.each<[string, PropertyValue | undefined, string]>([
    ["postgres", undefined, "postgres17"],
    ["postgres", UNKNOWN, "postgres17"],
    ["mysql", "9", "mysql8.0"],
  ])("is undecided for %s of version %s", (engine, version, family) => {
    const report = of(engine, version, family);
    expect(by(report, RULE)).toEqual([]);
    expect(undecided(report)).toEqual([expect.objectContaining({ property: "engineVersion" })]);
  });

  it("says which version it lacks, and that of the family that would fit", () => {
    const open = (engineVersion: PropertyValue) =>
      findings(parameterGroupFamily, {
        resources: [
          resource("aws:rds/parameterGroup:ParameterGroup", "group", { name: "group", family: "mysql8.0" }),
          resource("aws:rds/instance:Instance", "db", {
            engine: "mysql",
            engineVersion,
            parameterGroupName: "group",
          }),
        ],
      }).undecided;
    const entry = (reason: string) => [
      {
        resource: DATABASE,
        property: "engineVersion",
        reason,
        fix: "Set `engineVersion` of `db` to the version of family mysql8.0",
      },
    ];
    const why = "`engineVersion` is not known, and AWS refuses a parameter group of another major version";
    expect(open(UNKNOWN)).toEqual(entry(why));
    expect(open(null)).toEqual(entry(why));
    expect(open("9")).toEqual(entry('`engineVersion` "9" does not say which family it belongs to'));
  });

  it.each<[PropertyValue, string, string, string]>([
    ["17", "postgres 17", "Set `family` of parameter group `db-params` to postgres17", "mysql8.0"],
    [UNKNOWN, "postgres", "Set `family` of parameter group `db-params` to a family of postgres", "mysql8.0"],
  ])("says of version %s that the database runs %s", (version, runs, fix, family) => {
    const report = of("postgres", version, family);
    expect(only(report, RULE)).toMatchObject({ fix, observed: "mysql8.0", allowed: null, unit: null });
    expect(only(report, RULE).message).toContain(
      `parameter group db-params is of family "mysql8.0", and db runs ${runs}: AWS refuses the group`,
    );
  });

  it("says nothing where the engine is not known", () => {
    const families: readonly PropertyValue[] = ["postgres17", "mysql8.0", UNKNOWN];
    for (const family of families) {
      const report = of(UNKNOWN, "17", family);
      expect([...by(report, RULE), ...undecided(report)]).toEqual([]);
    }
  });

  it("is undecided about a family that only the deployment knows", () => {
    expect(undecided(of("postgres", "17", UNKNOWN))).toEqual([
      expect.objectContaining({ resource: GROUP, property: "family" }),
    ]);
  });

  it("reads the family of a default group from its name", () => {
    const named = (parameterGroupName: string) =>
      judgePlan({
        resources: [
          resource("aws:rds/instance:Instance", "db", {
            engine: "postgres",
            engineVersion: "17",
            instanceClass: "db.m7g.large",
            parameterGroupName,
          }),
        ],
      });
    expect(by(named("default.postgres17"), RULE)).toEqual([]);
    expect(only(named("default.postgres16"), RULE).fix).toBe("Give db a group of family postgres17");
    expect(by(named("someone-elses"), RULE)).toEqual([]);
  });

  it("looks at a cluster's group and at those of its instances, each once", () => {
    const aurora = (family: string) =>
      judgePlan({
        resources: auroraPlan({
          family,
          members: { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } },
          memberParameters: { b: limitTo("500") },
        }),
      });
    expect(by(aurora("aurora-postgresql16"), RULE)).toEqual([]);
    const resources = by(aurora("aurora-postgresql15"), RULE).map((violation) => violation.resource);
    expect(resources).toEqual([CLUSTER_GROUP, expect.stringContaining("b-params")]);
  });

  it("knows Aurora MySQL's versions", () => {
    const aurora = (family: string) =>
      judgePlan({
        resources: auroraPlan({
          cluster: { engine: "aurora-mysql", engineVersion: "8.0.mysql_aurora.3.08.2" },
          family,
        }),
      });
    expect(by(aurora("aurora-mysql8.0"), RULE)).toEqual([]);
    expect(only(aurora("aurora-mysql5.7"), RULE).fix).toContain("aurora-mysql8.0");
  });
});
