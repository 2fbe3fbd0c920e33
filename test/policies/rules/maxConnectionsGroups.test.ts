import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { maxConnections } from "../../../policies/rules/database/maxConnections";
import { type AuroraSample, auroraPlan, CLUSTER_GROUP, limitTo } from "../auroraPlan";
import { GROUP, resource, type Sample, samplePlan, urn } from "../samplePlan";
import { findings } from "./judge";

const find = (changes: Partial<Sample>) => findings(maxConnections, samplePlan(changes));
const aurora = (changes: Partial<AuroraSample>, settings: Partial<Settings> = {}) =>
  findings(maxConnections, { resources: auroraPlan(changes) }, settings);

describe("max-connections, of connections kept back,", () => {
  const NAMES = ["rds.rds_superuser_reserved_connections", "reserved_connections"];
  const kept = (name: string, value: PropertyValue) => {
    const parameter: PropertyValue = { name, value, applyMethod: "pending-reboot" };
    return find({ parameters: [...limitTo("400"), parameter] });
  };

  it.each(NAMES)("takes any whole number for %s", (name) => {
    for (const value of ["0", "2", " 2", "2 ", "10", "123456789", 4]) {
      expect(kept(name, value), `${name} = ${value}`).toEqual({ violations: [], undecided: [] });
    }
  });

  it.each(NAMES)("rejects anything else for %s", (name) => {
    for (const value of ["two", "-2", "+2", "2x", "2.5", "1234567890", "", '"2']) {
      expect(kept(name, value).violations, `${name} = ${value}`).toEqual([
        {
          resource: GROUP,
          text: `\`${name}\` is ${JSON.stringify(value)}, not a whole number: RDS would refuse it, and what is left for clients cannot be computed.`,
          fix: `Set \`${name}\` to a whole number, 2 is RDS's own`,
          observed: value,
          allowed: null,
          unit: "connections",
        },
      ]);
    }
    expect(kept(name, ["2"]).violations).toMatchObject([{ observed: "a structure" }]);
  });

  it("is undecided about a number that is hidden in the group, and not about a group of another stack", () => {
    expect(kept("reserved_connections", UNKNOWN)).toEqual({
      violations: [],
      undecided: [
        {
          resource: GROUP,
          property: "parameters.reserved_connections",
          reason: "`parameters.reserved_connections` is not known before the deployment",
        },
      ],
    });
    const cluster = { dbClusterParameterGroupName: "someone-elses" };
    const elsewhere = aurora({ parameters: undefined, cluster }, { confirmedMaxConnections: 400 });
    expect(elsewhere).toEqual({ violations: [], undecided: [] });
  });
});

describe("max-connections, of how a static parameter is applied,", () => {
  const STATIC = ["max_connections", "rds.rds_superuser_reserved_connections", "reserved_connections"];
  const applied = (name: string, applyMethod: PropertyValue, database: Sample["database"] = {}) =>
    find({ parameters: [{ name, value: "10", applyMethod }], database });

  it.each(STATIC)("rejects %s at once", (name) => {
    for (const method of ["immediate", null]) {
      expect(applied(name, method), `${name}, ${method}`).toEqual({
        violations: [expect.objectContaining({ resource: GROUP, observed: "immediate" })],
        undecided: [],
      });
    }
    expect(applied(name, "pending-reboot")).toEqual({ violations: [], undecided: [] });
  });

  it.each(STATIC)("is undecided about %s where the method is hidden", (name) => {
    expect(applied(name, UNKNOWN)).toEqual({
      violations: [],
      undecided: [
        {
          resource: GROUP,
          property: `parameters.${name}.applyMethod`,
          reason: `\`parameters.${name}.applyMethod\` is not known before the deployment`,
        },
      ],
    });
  });

  it("goes by the group's family before the engine, which need not be known", () => {
    expect(applied("max_connections", "immediate", { engine: UNKNOWN }).violations).toHaveLength(1);
    const group = (family: PropertyValue, engine: PropertyValue) =>
      findings(maxConnections, {
        resources: [
          resource("aws:rds/parameterGroup:ParameterGroup", "group", {
            name: "group",
            family,
            parameters: [{ name: "max_connections", value: "400" }],
          }),
          resource("aws:rds/instance:Instance", "db", {
            engine,
            instanceClass: "db.m7g.large",
            parameterGroupName: "group",
          }),
        ],
      }).violations;
    expect(group("mysql8.0", UNKNOWN)).toEqual([]);
    expect(group(UNKNOWN, "mysql")).toEqual([]);
    expect(group(UNKNOWN, "postgres")).toHaveLength(1);
    expect(group(UNKNOWN, UNKNOWN)).toEqual([]);
  });
});

describe("max-connections, of a cluster whose instance has a group of its own,", () => {
  const members = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };
  const other = [{ name: "statement_timeout", value: "30000" }];
  const places = (changes: Partial<AuroraSample>) =>
    aurora({ members, ...changes }).violations.map(({ resource: of, fix }) => [of, fix.split(" to ")[0]]);

  it("blames the group that sets the value, once", () => {
    const clusters = [CLUSTER_GROUP, "Set `max_connections` in cluster parameter group `aurora-params`"];
    expect(places({ parameters: limitTo("3"), memberParameters: { a: other } })).toEqual([clusters]);
    const own = urn("aws:rds/parameterGroup:ParameterGroup", "a-params");
    expect(places({ parameters: limitTo("400"), memberParameters: { a: limitTo("3") } })).toEqual([
      [own, "Set `max_connections` in parameter group `a-params`"],
    ]);
  });

  it("says of the cluster's group alone how its parameters are applied and what they keep back", () => {
    const parameters = [
      { name: "max_connections", value: "400" },
      { name: "reserved_connections", value: "two", applyMethod: "pending-reboot" },
    ];
    expect(places({ parameters, memberParameters: { a: other } }).map(([of]) => of)).toEqual([
      CLUSTER_GROUP,
      CLUSTER_GROUP,
    ]);
  });
});
