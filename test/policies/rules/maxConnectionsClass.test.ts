import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { maxConnections } from "../../../policies/rules/database/maxConnections";
import { type AuroraSample, auroraPlan, CLUSTER, limitTo, member } from "../auroraPlan";
import { DATABASE, type Sample, samplePlan } from "../samplePlan";
import { findings } from "./judge";

const find = (changes: Partial<Sample>, settings: Partial<Settings> = {}) =>
  findings(maxConnections, samplePlan(changes), settings);
const aurora = (changes: Partial<AuroraSample>) =>
  findings(maxConnections, { resources: auroraPlan(changes) });

describe("max-connections, of an instance class,", () => {
  const classes = (database: Sample["database"], settings: Partial<Settings> = {}) =>
    find({ database }, settings);

  it("names the near ones, and the command where a config key sets it", () => {
    const configKeys = { instanceClass: "shop:dbClass" };
    expect(classes({ instanceClass: "db.m7g.lagre" }, { configKeys }).violations).toEqual([
      {
        resource: DATABASE,
        text: '`instanceClass` of db is "db.m7g.lagre", which is no instance class known to AWS or this table: its memory, and with it how many connections it can carry, is unknown.',
        fix: "Set `shop:dbClass` to db.m7g.large or db.m6g.large or db.m7g.xlarge: `pulumi config set shop:dbClass db.m7g.large --stack test`. If AWS has it, give what `SHOW max_connections` says as `confirmedMaxConnections` in the policy configuration",
        observed: "db.m7g.lagre",
        allowed: null,
        unit: null,
      },
    ]);
  });

  it.each<[PropertyValue, string, number | string | null]>([
    ["something-far-from-any-class", '"something-far-from-any-class"', "something-far-from-any-class"],
    ["", '""', ""],
    [7, "7", 7],
    [["db.m7g.large"], "a list", null],
  ])("says once of %j that it is none, with an example", (instanceClass, shown, observed) => {
    for (const parameters of [limitTo("400"), []]) {
      expect(find({ parameters, database: { instanceClass } })).toEqual({
        violations: [
          {
            resource: DATABASE,
            text: `\`instanceClass\` of db is ${shown}, which is no instance class known to AWS or this table: its memory, and with it how many connections it can carry, is unknown.`,
            fix: "Set `instanceClass` to a class such as db.m7g.large. If AWS has it, give what `SHOW max_connections` says as `confirmedMaxConnections` in the policy configuration",
            observed,
            allowed: null,
            unit: null,
          },
        ],
        undecided: [],
      });
    }
  });

  it("is not mended by a confirmed limit where it is no text at all", () => {
    expect(classes({ instanceClass: 7 }, { confirmedMaxConnections: 400 }).violations).toHaveLength(1);
    expect(classes({ instanceClass: "db.m99.large" }, { confirmedMaxConnections: 400 }).violations).toEqual(
      [],
    );
  });

  it("is undecided where it is hidden, even beside an explicit limit, and no matter where nobody sets it", () => {
    expect(classes({ instanceClass: UNKNOWN })).toEqual({
      violations: [],
      undecided: [
        {
          resource: DATABASE,
          property: "instanceClass",
          reason: "`instanceClass` is not known before the deployment",
        },
      ],
    });
    expect(classes({ instanceClass: null })).toEqual({ violations: [], undecided: [] });
  });

  it("of a cluster's instance does not matter beside an explicit limit while it is hidden", () => {
    const members: AuroraSample["members"] = { a: { instanceClass: UNKNOWN } };
    expect(aurora({ members, parameters: limitTo("400") })).toEqual({ violations: [], undecided: [] });
  });

  it("goes by the property that has it: the cluster's own of a Multi-AZ cluster, else the instance's", () => {
    const told = (changes: Partial<AuroraSample>) =>
      aurora({ parameters: limitTo("400"), ...changes }).violations.map(({ resource: of, text }) => [
        of,
        text.split(",")[0],
      ]);
    const cluster = { engine: "postgres", engineVersion: "16.4", dbClusterInstanceClass: "db.m6gd.lagre" };
    expect(told({ cluster, family: "postgres16", members: {} })).toEqual([
      [CLUSTER, '`dbClusterInstanceClass` of aurora is "db.m6gd.lagre"'],
    ]);
    expect(told({ members: { a: { instanceClass: "db.r6g.lagre" } } })).toEqual([
      [member("a"), '`instanceClass` of a is "db.r6g.lagre"'],
    ]);
  });

  it("db.serverless is one, whose capacity must be one that AWS has", () => {
    const of = (maxCapacity: PropertyValue) =>
      aurora({
        cluster: { serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity } },
        members: { a: { instanceClass: "db.serverless" }, b: { instanceClass: "db.serverless" } },
      });
    expect(of(256)).toEqual({ violations: [], undecided: [] });
    expect(of(257)).toEqual({
      violations: [
        {
          resource: CLUSTER,
          text: "`serverlessv2ScalingConfiguration.maxCapacity` of aurora is 257, not a number of ACU from 1 to 256: RDS would refuse it.",
          fix: "Set `serverlessv2ScalingConfiguration.maxCapacity` to a number of ACU from 1 to 256",
          observed: 257,
          allowed: null,
          unit: null,
        },
      ],
      undecided: [],
    });
  });
});
