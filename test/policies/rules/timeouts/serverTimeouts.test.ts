import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../policies/plan/plan";
import { DEFAULT_SETTINGS } from "../../../../policies/plan/settings";
import { readStack } from "../../../../policies/plan/stack";
import {
  dialectOf,
  groupsInForce,
  majorOf,
  serverFlag,
  serverNumber,
} from "../../../../policies/rules/database/parameterGroups";
import { SERVER_TIMEOUTS } from "../../../../policies/rules/timeouts/sides";
import { type AuroraSample, auroraPlan, CLUSTER, CLUSTER_GROUP } from "../../auroraPlan";
import { DATABASE, samplePlan, urn } from "../../samplePlan";

/** Reads `timeout`, or another parameter, of a group that gives it a value, or gives none. */
function read<T>(value: PropertyValue | undefined, as: (group: Group, name: string) => T): T[] {
  const parameters: readonly PropertyMap[] = value === undefined ? [] : [{ name: "setting", value }];
  return readStack(samplePlan({ parameters })).databases.map(({ parameters: group }) => as(group, "setting"));
}
type Group = ReturnType<typeof groupsInForce>[number];

describe("a server's number", () => {
  const number = (value: PropertyValue | undefined) =>
    read(value, (group, name) => serverNumber(group, name, { value: 60, of: "RDS's default" }));

  it.each<[PropertyValue, number]>([
    ["0", 0],
    [0, 0],
    [" 30 ", 30],
    ["1.5", 1.5],
  ])("is what the group sets: %j", (value, expected) => {
    expect(number(value)).toEqual([{ state: "known", value: expected }]);
  });

  it("is the server's default where the group sets none", () => {
    expect(number(undefined)).toEqual([{ state: "known", value: 60, assumed: "RDS's default" }]);
  });

  it.each<[PropertyValue, string]>([
    ["-1", "-1"],
    [-0.5, "-0.5"],
    ["a minute", '"a minute"'],
    [["60"], "a list"],
  ])("is malformed below 0, and where it is none: %j", (value, shown) => {
    expect(number(value)).toMatchObject([
      { state: "malformed", property: "parameters.setting", shown, expected: "a number, 0 or more" },
    ]);
  });

  it("is hidden with its value", () => {
    expect(number(UNKNOWN)).toMatchObject([{ state: "unknown", property: "parameters.setting" }]);
  });
});

describe("a server's switch", () => {
  const flag = (value: PropertyValue | undefined) =>
    read(value, (group, name) => serverFlag(group, name, { value: false, of: "PostgreSQL's default" }));

  it.each<[PropertyValue, boolean]>([
    ["1", true],
    [1, true],
    [true, true],
    ["ON", true],
    [" yes ", true],
    ["0", false],
    [0, false],
    [false, false],
    ["Off", false],
    ["no", false],
  ])("%j is %s", (value, expected) => {
    expect(flag(value)).toEqual([{ state: "known", value: expected }]);
  });

  it("is the server's default where the group sets none", () => {
    expect(flag(undefined)).toEqual([{ state: "known", value: false, assumed: "PostgreSQL's default" }]);
  });

  it.each<[PropertyValue, string]>([
    ["perhaps", '"perhaps"'],
    ["", '""'],
    [2, "2"],
    [["1"], "a list"],
    [{ on: true }, "an object"],
  ])("is malformed in any other spelling: %j", (value, shown) => {
    expect(flag(value)).toMatchObject([
      { state: "malformed", property: "parameters.setting", shown, expected: "1 or 0" },
    ]);
  });
});

describe("the parameter groups in force", () => {
  const urns = (changes: Partial<AuroraSample>) =>
    readStack({ resources: auroraPlan(changes) }).databases.map((database) =>
      groupsInForce(database).map((group) => group.resource.urn),
    );
  const members = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };
  const own = (name: string) => urn("aws:rds/parameterGroup:ParameterGroup", `${name}-params`);

  it("are the cluster's once, and each instance's own in its place", () => {
    expect(urns({ members })).toEqual([[CLUSTER_GROUP]]);
    expect(urns({ members, memberParameters: { a: [] } })).toEqual([[own("a"), CLUSTER_GROUP]]);
    expect(urns({ members, memberParameters: { a: [], b: [] } })).toEqual([[own("a"), own("b")]]);
    expect(urns({ members: {} })).toEqual([[CLUSTER_GROUP]]);
    expect(urns({ members, parameters: undefined })).toEqual([[CLUSTER]]);
  });

  it("are none of a database that the policy configuration describes", () => {
    const { databases } = readStack(
      { resources: [] },
      { ...DEFAULT_SETTINGS, databases: [{ name: "warehouse" }] },
    );
    expect(databases.map(groupsInForce)).toEqual([[]]);
  });
});

describe("a database's major version", () => {
  it.each<[PropertyValue, number | undefined]>([
    ["17.4", 17],
    ["17", 17],
    [UNKNOWN, undefined],
    [null, undefined],
  ])("of %s is %s", (engineVersion, major) => {
    const { databases } = readStack(samplePlan({ database: { engineVersion } }));
    expect(databases.map(({ resource: { urn: of } }) => of)).toEqual([DATABASE]);
    expect(databases.map(majorOf)).toEqual([major]);
  });
});

describe("dialectOf", () => {
  it.each([
    ["postgres", "postgres"],
    ["aurora-postgresql", "postgres"],
    ["mysql", "mysql"],
    ["aurora-mysql", "mysql"],
    // Aurora MySQL 5.6, before there was another Aurora.
    ["aurora", "mysql"],
    ["mariadb", "mariadb"],
    [undefined, "postgres"],
  ])("takes %s for %s, whose parameters bound its statements", (engine, dialect) => {
    expect(dialectOf(engine)).toBe(dialect);
    expect(SERVER_TIMEOUTS[dialectOf(engine)].statement.name).toBe(
      { postgres: "statement_timeout", mysql: "max_execution_time", mariadb: "max_statement_time" }[dialect],
    );
  });
});
