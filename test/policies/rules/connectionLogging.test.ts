import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { DATABASE, GROUP } from "../samplePlan";
import { by, judge, only } from "./judge";

const RULE = "connection-logging";
const set = (values: { readonly [name: string]: unknown }, engineVersion = "17") => ({
  database: { engineVersion },
  parameters: [
    { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
    ...Object.entries(values).map(([name, value]) => ({ name, value: value as string })),
  ],
});

describe("connection-logging", () => {
  it("accepts a group that logs and a log that leaves the instance", () => {
    expect(by(judge(), RULE)).toEqual([]);
  });

  it("advises once for everything that is off, and never rejects", () => {
    const report = judge(set({ log_connections: "0", log_lock_waits: "off" }));
    const violation = only(report, RULE);
    expect([violation.resource, violation.level]).toEqual([GROUP, "advisory"]);
    expect(violation.message).toContain("`log_connections`, `log_lock_waits` of db-params are off");
    expect(report.verdict).toBe("accepted");
  });

  it.each([
    ["18", "all", 0],
    ["18", "receipt,authentication", 0],
    ["18", "1", 0],
    ["18", "", 1],
    ["18", "off", 1],
    ["17", "on", 0],
  ])("reads log_connections of PostgreSQL %s as %j", (version, value, violations) => {
    expect(by(judge(set({ log_connections: value }, version)), RULE)).toHaveLength(violations);
  });

  it("rejects a list where PostgreSQL 17 takes a switch", () => {
    const report = judge(set({ log_connections: "all" }));
    expect(report.violations.map(({ message }) => message).join()).toContain('"all"');
  });

  it("advises a log that stays on the instance", () => {
    const violation = only(judge({ database: { enabledCloudwatchLogsExports: ["upgrade"] } }), RULE);
    expect(violation.resource).toBe(DATABASE);
    expect(violation.message).toContain('does not hold "postgresql"');
    expect(by(judge({ database: { enabledCloudwatchLogsExports: [] } }), RULE)).toHaveLength(1);
  });

  it("asks MySQL for its error log alone", () => {
    const mysql = (logs: readonly string[]) =>
      judge({ database: { engine: "mysql", engineVersion: "8.4", enabledCloudwatchLogsExports: logs } });
    expect(by(mysql(["error"]), RULE)).toEqual([]);
    expect(only(mysql(["slowquery"]), RULE).message).toContain('does not hold "error"');
  });

  it("is undecided about a switch that the preview does not know", () => {
    expect(judge(set({ log_disconnections: UNKNOWN })).undecided).toContainEqual(
      expect.objectContaining({ rule: RULE, resource: GROUP }),
    );
  });

  it("is a finding of the group and one of the instance, with what to set", () => {
    const off = judge(set({ log_connections: "0", log_disconnections: "0" }));
    expect(only(off, RULE)).toMatchObject({
      observed: "log_connections, log_disconnections",
      allowed: null,
      unit: null,
      fix: "Set `log_connections`, `log_disconnections` in parameter group `db-params` to 1",
    });
    const one = only(judge(set({ log_lock_waits: "0" })), RULE);
    expect(one.message).toMatch(/^`log_lock_waits` of db-params is off: when connections fail or queue/);
    expect(one.fix).toBe("Set `log_lock_waits` in parameter group `db-params` to 1");
    expect(
      only(judge({ database: { enabledCloudwatchLogsExports: ["upgrade", "iam"] } }), RULE),
    ).toMatchObject({
      observed: "upgrade, iam",
      fix: 'Set `enabledCloudwatchLogsExports` of db to ["postgresql"] or more',
    });
  });

  it.each([
    ["18", "receipt, Authorization", []],
    [
      "18",
      "receipt,everything",
      ["1, 0 or a list of receipt, authentication, authorization, setup_durations, all:"],
    ],
    [
      "18",
      "everything,receipt",
      ["1, 0 or a list of receipt, authentication, authorization, setup_durations, all:"],
    ],
    [undefined, "all", []],
    ["17", "receipt", ["1 or 0"]],
  ])("takes a list of aspects from PostgreSQL 18 on: %s, %j", (version, value, expected) => {
    const changes = set({ log_connections: value });
    const database: PropertyMap = { engineVersion: version ?? UNKNOWN };
    const wrong = judge({ ...changes, database }).violations.filter(({ message }) =>
      message.startsWith("`parameters.log_connections`"),
    );
    expect(wrong.map(({ rule }) => rule)).toEqual(expected.map(() => RULE));
    for (const [i, text] of expected.entries()) expect(wrong[i]?.message).toContain(`not ${text}`);
  });

  it("says nothing of MySQL's parameters, of a described database, or of one whose engine is hidden", () => {
    const switches = set({ log_connections: "0" });
    const mysql = { engine: "mysql", engineVersion: "8.4", enabledCloudwatchLogsExports: ["error"] };
    expect(by(judge({ ...switches, database: mysql }), RULE)).toEqual([]);
    const databases = [{ name: "elsewhere", engine: "postgres", maxConnections: 100 }];
    expect(by(judge({}, { databases }), RULE)).toEqual([]);
    const hidden = judge({ ...switches, database: { engine: 7 } });
    expect(by(hidden, RULE)).toEqual([]);
  });
});
