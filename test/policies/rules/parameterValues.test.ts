import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { parameterValues } from "../../../policies/rules/database/parameterValues";
import { auroraPlan, CLUSTER_GROUP } from "../auroraPlan";
import { GROUP, resource, samplePlan } from "../samplePlan";
import { by, findings, judge, judgePlan, only } from "./judge";

const RULE = "parameter-values";
const limit = { name: "max_connections", value: "400", applyMethod: "pending-reboot" };
const withParameter = (name: PropertyValue, value: PropertyValue, applyMethod?: string) =>
  judge({ parameters: [limit, { name, value, ...(applyMethod === undefined ? {} : { applyMethod }) }] });
const undecided = (report: ReturnType<typeof judge>) => report.undecided.filter(({ rule }) => rule === RULE);

describe(RULE, () => {
  it.each([
    ["statement_timeout", "30000", "immediate"],
    ["statement_timeout", 30_000, undefined],
    ["log_lock_waits", true, undefined],
    ["shared_preload_libraries", "pg_stat_statements", "pending-reboot"],
    ["shared_buffers", "{DBInstanceClassMemory/32768}", "pending-reboot"],
    ["rds.force_ssl", "1", "immediate"],
    ["auto_explain.log_min_duration", "10 s", undefined],
  ])("accepts %s = %j with applyMethod %s", (name, value, method) => {
    const report = withParameter(name, value, method);
    expect([...by(report, RULE), ...undecided(report)]).toEqual([]);
    expect(report.verdict).toBe("accepted");
  });

  it("accepts a dynamic parameter that waits for a reboot, as AWS does", () => {
    expect(by(withParameter("statement_timeout", "30000", "pending-reboot"), RULE)).toEqual([]);
  });

  it("rejects a name that the version lacks, with the nearest one", () => {
    const violation = only(withParameter("statment_timeout", "30000"), RULE);
    expect(violation).toMatchObject({ resource: GROUP, level: "mandatory", observed: "statment_timeout" });
    expect(violation.message).toContain("the nearest name is `statement_timeout`");
    expect(violation.fix).toContain("Write `statement_timeout` instead");
  });

  it("says from which version on a parameter exists", () => {
    const resources = [
      resource("aws:rds/parameterGroup:ParameterGroup", "group", {
        name: "group",
        family: "postgres15",
        parameters: [{ name: "transaction_timeout", value: "5000" }],
      }),
      resource("aws:rds/instance:Instance", "db", {
        engine: "postgres",
        engineVersion: "15",
        instanceClass: "db.m7g.large",
        parameterGroupName: "group",
      }),
    ];
    expect(only(judgePlan({ resources }), RULE).message).toContain("PostgreSQL 17 and later has it");
  });

  it("rejects what RDS does not let anyone set", () => {
    const report = withParameter("superuser_reserved_connections", "5", "pending-reboot");
    expect(only(report, RULE).message).toContain("cannot be changed on RDS");
  });

  it("rejects a value with a unit, and says which unit it counts in", () => {
    const violation = only(withParameter("statement_timeout", "30s"), RULE);
    expect(violation).toMatchObject({ observed: "30s", allowed: { min: 0, max: 2_147_483_647 }, unit: "ms" });
    expect(violation.message).toContain("not a plain number of ms");
    expect(violation.fix).toContain("a whole number of ms from 0 to 2147483647");
  });

  it.each([
    ["authentication_timeout", "601"],
    ["log_statement", "everything"],
    ["autovacuum", "perhaps"],
    ["work_mem", "{DBInstanceClassMemory/"],
    ["work_mem", ["64"]],
  ])("rejects %s = %j", (name, value) => {
    expect(only(withParameter(name, value), RULE).message).toContain(`\`${name}\``);
  });

  it("shows the start of a long value, not all of it", () => {
    const { message } = only(withParameter("work_mem", "x".repeat(5000)), RULE);
    expect(message.length).toBeLessThan(500);
  });

  it.each([
    [undefined],
    ["immediate"],
    ["Immediate"],
  ])("rejects a static parameter with applyMethod %s", (method) => {
    const violation = only(withParameter("max_worker_processes", "8", method), RULE);
    expect(violation.message).toContain("cannot use immediate apply method for static parameter");
    expect(violation.observed).toBe("immediate");
  });

  it("leaves the limit and its reservations to max-connections", () => {
    const parameters = [
      { name: "max_connections", value: "ten" },
      { name: "rds.rds_superuser_reserved_connections", value: "two" },
      { name: "reserved_connections", value: "none" },
    ];
    const report = judge({ parameters });
    expect(by(report, RULE)).toEqual([]);
    expect(by(report, "max-connections").length).toBeGreaterThan(2);
  });

  it("goes on past what it cannot see, and lists it", () => {
    const parameters: readonly PropertyValue[] = [
      limit,
      { name: "work_mem", value: UNKNOWN },
      { name: "max_worker_processes", value: "8", applyMethod: UNKNOWN },
      { name: "application_name", value: UNKNOWN },
      { name: "lock_timeout", value: "soon" },
    ];
    const report = judge({ parameters });
    expect(only(report, RULE).message).toContain("`lock_timeout`");
    expect(undecided(report).map(({ property }) => property)).toEqual([
      "parameters.work_mem",
      "parameters.max_worker_processes.applyMethod",
    ]);
    expect(undecided(judge({ parameters: UNKNOWN })).map(({ property }) => property)).toEqual(["parameters"]);
  });

  it("judges by the family where the database's version is not known", () => {
    const report = judge({
      parameters: [limit, { name: "transaction_timeouts", value: "1" }],
      database: { engineVersion: UNKNOWN },
    });
    expect(only(report, RULE).observed).toBe("transaction_timeouts");
  });

  it("says what is wrong in a group once, however many databases use it", () => {
    const second = resource(
      "aws:rds/instance:Instance",
      "second",
      {
        engine: "postgres",
        engineVersion: "17",
        instanceClass: "db.m7g.large",
        parameterGroupName: "db-params-1234567",
      },
      { parameterGroupName: [GROUP] },
    );
    const parameters = [limit, { name: "lock_timeout", value: "soon" }];
    expect(by(judge({ parameters, extra: [second] }), RULE)).toHaveLength(1);
  });

  it("looks at cluster parameter groups", () => {
    const resources = auroraPlan({ parameters: [{ name: "statement_timeout", value: "-5" }] });
    const violation = only(judgePlan({ resources }), RULE);
    expect(violation.resource).toBe(CLUSTER_GROUP);
    expect(violation.message).toContain("cluster parameter group aurora-params");
  });

  it("judges the few parameters of MySQL and MariaDB that decide about connections", () => {
    const mysql = (name: string, value: string) =>
      judgePlan({
        resources: [
          resource("aws:rds/parameterGroup:ParameterGroup", "group", {
            name: "group",
            family: "mysql8.0",
            parameters: [{ name, value }],
          }),
          resource("aws:rds/instance:Instance", "db", {
            engine: "mysql",
            engineVersion: "8.0.42",
            instanceClass: "db.m7g.large",
            parameterGroupName: "group",
          }),
        ],
      });
    expect(by(mysql("wait_timeout", "300"), RULE)).toEqual([]);
    expect(by(mysql("innodb_buffer_pool_size", "whatever"), RULE)).toEqual([]);
    expect(only(mysql("wait_timeout", "0"), RULE).allowed).toEqual({ min: 1, max: 31_536_000 });
  });
});

describe(`${RULE}, by itself,`, () => {
  const find = (name: string, value: PropertyValue, applyMethod: PropertyValue = "immediate") =>
    findings(parameterValues, samplePlan({ parameters: [{ name, value, applyMethod }] }));
  const A_REFUSAL = "RDS would refuse the group, and the deployment would stop half-way.";

  it.each<[string, PropertyValue, string, string | number, object | null, string | null]>([
    ["authentication_timeout", 601, "outside 1 to 600 s", 601, { min: 1, max: 600 }, "s"],
    ["authentication_timeout", "0", "outside 1 to 600 s", "0", { min: 1, max: 600 }, "s"],
    ["checkpoint_completion_target", "2", "outside 0 to 1", "2", { min: 0, max: 1 }, null],
    ["work_mem", Number.NaN, "not a whole number", "NaN", { min: 64, max: 2_147_483_647 }, "kB"],
    ["log_statement", "everything", "none of none, ddl, mod, all", "everything", null, null],
    ["autovacuum", "perhaps", "neither 1 nor 0", "perhaps", null, null],
    ["autovacuum", 7, "neither 1 nor 0", 7, null, null],
  ])("says of %s = %j that it is %s", (name, value, problem, observed, allowed, unit) => {
    expect(find(name, value)).toEqual({
      violations: [
        {
          resource: GROUP,
          text: `\`${name}\` in parameter group db-params is "${String(value)}", ${problem}: ${A_REFUSAL}`,
          fix: expect.stringMatching(`^Set \`${name}\` in parameter group \`db-params\` to `),
          observed,
          allowed,
          unit,
        },
      ],
      undecided: [],
    });
  });

  it("shows no structure", () => {
    const [violation] = find("work_mem", ["64"]).violations;
    expect(violation?.text).toBe(
      `\`work_mem\` in parameter group db-params is "a structure", not a plain value: ${A_REFUSAL}`,
    );
    expect(violation?.observed).toBe("a structure");
  });

  it("asks to remove a name that is like no other, and one of a later version", () => {
    expect(find("zzzzqqqqxxxx", "1").violations).toEqual([
      {
        resource: GROUP,
        text: '`zzzzqqqqxxxx` in parameter group `db-params` is no parameter of postgres 17: RDS would refuse the group with "Could not find parameter with name: zzzzqqqqxxxx".',
        fix: "Remove `zzzzqqqqxxxx` in parameter group `db-params`",
        observed: "zzzzqqqqxxxx",
        allowed: null,
        unit: null,
      },
    ]);
  });

  it.each([
    ["application_name", "immediate"],
    ["max_worker_processes", "pending-reboot"],
  ])("lists %s where the group gives it no value at all", (name, method) => {
    const property = `parameters.${name}`;
    expect(find(name, null, method)).toEqual({
      violations: [],
      undecided: [
        {
          resource: GROUP,
          property,
          reason: `\`${property}\` is without a value, not a value`,
          malformed: { shown: "without a value", expected: "a value" },
        },
      ],
    });
  });

  it("has nothing undecided about an apply method that nobody set", () => {
    expect(find("max_worker_processes", "8", null).undecided).toEqual([]);
  });

  it.each<[PropertyValue, PropertyValue, number]>([
    ["postgres17", UNKNOWN, 1],
    [UNKNOWN, "postgres", 1],
    [UNKNOWN, UNKNOWN, 0],
  ])("goes by the family %s before the engine %s", (family, engine, found) => {
    const resources = [
      resource("aws:rds/parameterGroup:ParameterGroup", "group", {
        name: "group",
        family,
        parameters: [{ name: "lock_timeout", value: "soon" }],
      }),
      resource("aws:rds/instance:Instance", "db", {
        engine,
        engineVersion: "17",
        instanceClass: "db.m7g.large",
        parameterGroupName: "group",
      }),
    ];
    const { violations, undecided: hidden } = findings(parameterValues, { resources });
    expect(violations.map(({ observed }) => observed)).toEqual(["soon"].slice(0, found));
    expect(hidden).toEqual([]);
  });
});
