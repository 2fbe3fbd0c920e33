import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { maxConnections } from "../../../policies/rules/database/maxConnections";
import { type AuroraSample, auroraPlan, CLUSTER, CLUSTER_GROUP, limitTo, member } from "../auroraPlan";
import { DATABASE, GROUP, resource, type Sample, samplePlan, urn } from "../samplePlan";
import { by, findings, judge, judgePlan, only } from "./judge";

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

const find = (changes: Partial<Sample>, settings: Partial<Settings> = {}) =>
  findings(maxConnections, samplePlan(changes), settings);
const aurora = (changes: Partial<AuroraSample>, settings: Partial<Settings> = {}) =>
  findings(maxConnections, { resources: auroraPlan(changes) }, settings);

describe("max-connections, of a value that RDS would refuse,", () => {
  const RANGE = { min: 6, max: 262_143 };
  const refused = (text: string, problem: string, observed: number | string = text) => ({
    resource: GROUP,
    text: `\`max_connections\` of db is ${JSON.stringify(text)}: ${problem}. Without a limit no pool can be bounded, and RDS would refuse the value or start without it.`,
    fix: "Set `max_connections` in parameter group `db-params` to a whole number from 6 to 262143",
    observed,
    allowed: RANGE,
    unit: "connections",
  });
  const outside = (value: number) => `${value} is outside what RDS accepts, 6 to 262143`;

  it.each<[string, string, number | string]>([
    ["5", outside(5), 5],
    ["262144", outside(262_144), 262_144],
    [" 5", outside(5), 5],
    ["5 ", outside(5), 5],
    [" 5 ", outside(5), 5],
    ["-1", outside(-1), -1],
    ["12345678", outside(12_345_678), 12_345_678],
    ["LEAST(3,9)", outside(3), "LEAST(3,9)"],
  ])("says of %j what is accepted, and reports it as a number where it is one", (value, problem, observed) => {
    expect(find({ parameters: limitTo(value) })).toEqual({
      violations: [refused(value, problem, observed)],
      undecided: [],
    });
  });

  it.each([
    ["5x", 2],
    ["ten", 1],
    ["1e9", 2],
    ["", 1],
  ])("counts from 1 where %j breaks, and reports it as it is written", (value, character) => {
    const [violation, ...others] = find({ parameters: limitTo(value) }).violations;
    expect(others).toEqual([]);
    expect(violation?.text).toContain(` (at character ${character}). Without a limit`);
    expect(violation?.observed).toBe(value);
  });

  it.each(["6", "262143"])("takes %s, the end of what RDS accepts", (value) => {
    expect(find({ parameters: limitTo(value) })).toEqual({ violations: [], undecided: [] });
  });

  it.each<[string, PropertyValue, string, string | number | null]>([
    ["a list", ["64"], "a list, not a number or a formula", null],
    ["an object", { of: 64 }, "an object, not a number or a formula", null],
    ["a switch", true, "true, not a number or a formula", null],
    ["no value", null, "without a value, not a value", null],
  ])("says of %s that it is no number", (_name, value, shown, observed) => {
    expect(find({ parameters: limitTo(value) })).toEqual({
      violations: [
        {
          resource: GROUP,
          text: `\`max_connections\` of db is ${shown}: RDS would refuse the parameter group.`,
          fix: "Set `max_connections` in parameter group `db-params` to a whole number",
          observed,
          allowed: null,
          unit: "connections",
        },
      ],
      undecided: [],
    });
  });

  it("names the Pulumi config key that sets it", () => {
    const [violation] = find(
      { parameters: limitTo("5") },
      { configKeys: { max_connections: "shop:maxConnections" } },
    ).violations;
    expect(violation?.fix).toBe("Set `shop:maxConnections` to a whole number from 6 to 262143");
  });

  it("asks for a new measurement where a confirmed number cannot be", () => {
    expect(find({ parameters: [] }, { confirmedMaxConnections: 9000 }).violations).toEqual([
      expect.objectContaining({
        fix: "Measure again with `SHOW max_connections` and correct `confirmedMaxConnections` in the policy configuration",
        allowed: RANGE,
      }),
    ]);
  });

  it("asks for a number in the policy configuration where that describes the database", () => {
    const databases = [{ name: "warehouse", maxConnections: 5 }];
    const [violation] = findings(maxConnections, { resources: [] }, { databases }).violations;
    expect(violation).toMatchObject({
      resource: urn("poolproof:declared:Database", "warehouse").replace("test::shop", "::"),
      fix: "Set `maxConnections` of database `warehouse` in the policy configuration to a whole number from 6 to 262143",
      observed: 5,
    });
  });
});

describe("max-connections, of a limit that is hidden,", () => {
  const hiddenBy = (changes: Partial<AuroraSample>, settings: Partial<Settings> = {}) =>
    aurora(changes, settings).undecided.map(({ resource: of, property }) => [of, property]);
  const two = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };

  it("names the parameter group where a value in it is", () => {
    expect(find({ parameters: limitTo(UNKNOWN) }).undecided).toContainEqual({
      resource: GROUP,
      property: "parameters.max_connections",
      reason: "`parameters.max_connections` is not known before the deployment",
    });
    expect(hiddenBy({ parameters: limitTo(UNKNOWN), members: two })).toEqual([
      [CLUSTER_GROUP, "parameters.max_connections"],
    ]);
  });

  it("names the cluster, once, where the cluster names a group of another stack", () => {
    const cluster = { dbClusterParameterGroupName: "someone-elses" };
    expect(hiddenBy({ parameters: undefined, cluster, members: two })).toEqual([
      [CLUSTER, "dbClusterParameterGroupName"],
    ]);
  });

  it("names the instance whose group or class is hidden", () => {
    const members: AuroraSample["members"] = { ...two, b: { instanceClass: UNKNOWN } };
    expect(hiddenBy({ members })).toEqual([[member("b"), "instanceClass"]]);
    const grouped = { ...two, b: { instanceClass: "db.r6g.large", dbParameterGroupName: "someone-elses" } };
    expect(hiddenBy({ members: grouped })).toEqual([[member("b"), "dbParameterGroupName"]]);
  });

  it("names the cluster where its engine or its capacity is", () => {
    expect(hiddenBy({ cluster: { engine: "neptune" }, members: two })).toEqual([[CLUSTER, "engine"]]);
    const cluster: AuroraSample["cluster"] = {
      serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity: UNKNOWN },
    };
    expect(hiddenBy({ cluster, members: { a: { instanceClass: "db.serverless" } } })).toEqual([
      [CLUSTER, "serverlessv2ScalingConfiguration.maxCapacity"],
    ]);
  });

  it("says which value a formula needs that the plan lacks", () => {
    expect(find({ parameters: limitTo("{AllocatedStorage/1073741824}") }).undecided).toEqual([
      {
        resource: GROUP,
        property: "parameters.max_connections",
        reason: "the formula needs AllocatedStorage, which is not known for db.m7g.4xlarge",
      },
    ]);
  });

  it("says that an engine is missing, or hidden, or no text", () => {
    const engine = (given: PropertyValue) => find({ database: { engine: given } }).undecided;
    expect(engine(null)).toEqual([{ resource: DATABASE, property: "engine", reason: "`engine` is not set" }]);
    const made = resource(
      "aws:rds/instance:Instance",
      "db",
      {},
      { engine: ["urn:pulumi:test::shop::a:B::c"] },
    );
    expect(findings(maxConnections, { resources: [made] }).undecided).toEqual([
      {
        resource: DATABASE,
        property: "engine",
        reason: "`engine` is not known before the deployment",
      },
    ]);
    expect(engine(7)).toEqual([
      {
        resource: DATABASE,
        property: "engine",
        reason: "`engine` is 7, not text",
        malformed: { shown: "7", expected: "text" },
      },
    ]);
  });
});
