import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { environment, GROUP, resource, SERVICE, tags, urn } from "../samplePlan";
import { PROXIED_PARAMETERS, proxyResources, throughProxy } from "../sampleProxy";
import { fromSecret } from "../sampleSecret";
import { by, judge, only } from "./judge";

const RULE = "idle-in-transaction";
const limit = { name: "max_connections", value: "400", applyMethod: "pending-reboot" };
const group = (value: unknown) => ({
  parameters: [limit, { name: "idle_in_transaction_session_timeout", value: value as string }],
});
const sends = (ms: string) => ({ environment: environment({ DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: ms }) });

describe("idle-in-transaction", () => {
  it.each(["1", "60000"])("accepts %s ms in the group", (ms) => {
    expect(by(judge(group(ms)), RULE)).toEqual([]);
  });

  it.each([
    ["60001", "is 60001 ms, above 60000 ms"],
    ["0", "is 0, which never ends one"],
  ])("rejects %s ms in the group, once", (ms, shown) => {
    const violation = only(judge(group(ms)), RULE);
    expect(violation.resource).toBe(GROUP);
    expect(violation.message).toContain(shown);
    expect(violation.allowed).toEqual({ min: 1, max: 60_000 });
  });

  it("is undecided about a group that the preview does not know", () => {
    expect(judge({ parameters: UNKNOWN }).undecided).toContainEqual(
      expect.objectContaining({ rule: RULE, resource: GROUP }),
    );
  });

  it("takes what the client sends before what the group says", () => {
    expect(by(judge({ ...group("0"), ...sends("30000") }), RULE)).toEqual([]);
    const violation = only(judge({ ...group("60000"), ...sends("90000") }), RULE);
    expect(violation.resource).toBe(SERVICE);
    expect(violation.message).toContain("`DB_IDLE_IN_TRANSACTION_TIMEOUT_MS` of api is 90000 ms");
  });

  it("shows what it finds, and how to set what holds: a client's variable, or the group's parameter", () => {
    const sent = only(judge({ ...group("60000"), ...sends("90000") }), RULE);
    expect(sent).toMatchObject({
      observed: 90_000,
      allowed: { min: 1, max: 60_000 },
      unit: "ms",
      fix: "Set `DB_IDLE_IN_TRANSACTION_TIMEOUT_MS` of container `api` in task definition `api-task` to 60000 ms or less",
    });
    expect(only(judge(group("0")), RULE)).toMatchObject({
      observed: 0,
      fix: "Set `idle_in_transaction_session_timeout` in parameter group `db-params` to 60000 or less (milliseconds)",
    });
  });

  it("takes the group's value where the client sends 0, which is to send none", () => {
    expect(by(judge({ ...group("60000"), ...sends("0") }), RULE)).toEqual([]);
    expect(only(judge({ ...group("0"), ...sends("0") }), RULE).resource).toBe(GROUP);
  });

  it("does not blame the group for a client whose own value a secret holds", () => {
    const report = judge({
      ...fromSecret("DB_IDLE_IN_TRANSACTION_TIMEOUT_MS", environment({})),
      ...group("0"),
    });
    expect(by(report, RULE)).toEqual([]);
    expect(report.undecided.filter(({ rule }) => rule === RULE)).toEqual([
      {
        rule: RULE,
        resource: SERVICE,
        property: "containerDefinitions",
        reason: "`DB_IDLE_IN_TRANSACTION_TIMEOUT_MS` comes from a secret",
      },
    ]);
  });

  it("does not blame the group for a client that overrides it with too long a time", () => {
    expect(only(judge({ ...group("0"), ...sends("90000") }), RULE).resource).toBe(SERVICE);
  });

  it("is undecided as well where a client's value is bad and a proxy may put the group's in its place", () => {
    const report = judge({ ...group("0"), ...sends("90000"), extra: proxyResources() });
    expect(only(report, RULE).resource).toBe(SERVICE);
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: RULE, resource: SERVICE, property: "containerDefinitions" }),
    );
  });

  it("blames the group where one client certainly relies on it, whatever another's proxy does", () => {
    const second = resource("aws:lambda/function:Function", "worker", {
      name: "worker-1234567",
      environment: {
        variables: { DB_POOL_MAX: "1", PGHOST: "db1234567.abcdefghijkl.eu-west-1.rds.amazonaws.com" },
      },
    });
    const report = judge({
      ...group("0"),
      ...sends("30000"),
      database: { identifier: "db1234567" },
      extra: [...proxyResources(), second],
    });
    expect(only(report, RULE).resource).toBe(GROUP);
  });

  it("takes the group's value behind a proxy, which refuses what a client sends", () => {
    const parameters = [
      ...(PROXIED_PARAMETERS as []),
      { name: "idle_in_transaction_session_timeout", value: "0" },
    ];
    const report = judge({ ...throughProxy({ DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: "30000" }), parameters });
    expect(only(report, RULE).resource).toBe(GROUP);
  });

  it("is undecided where a proxy may stand between and only the client's value is good", () => {
    const report = judge({ ...group("0"), ...sends("30000"), extra: proxyResources() });
    expect(by(report, RULE)).toEqual([]);
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: RULE, resource: SERVICE, property: "containerDefinitions" }),
    );
  });

  it("follows the policy configuration's bound", () => {
    expect(by(judge(group("60000"), { idleInTransactionMaxMs: 59_999 }), RULE)).toHaveLength(1);
    expect(by(judge(group("600000"), { idleInTransactionMaxMs: 600_000 }), RULE)).toEqual([]);
  });

  it("is nothing to MySQL", () => {
    expect(by(judge({ ...group("0"), database: { engine: "mysql", engineVersion: "8.4" } }), RULE)).toEqual(
      [],
    );
  });

  it("rejects RDS's own default of a day, also of a database that no client of this stack uses", () => {
    const second = resource("aws:rds/instance:Instance", "reports", {
      identifier: "reports",
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.m7g.large",
    });
    const report = judge({ extra: [second] });
    const violations = by(report, RULE);
    expect(violations.map((each) => each.resource)).toEqual([urn("aws:rds/instance:Instance", "reports")]);
    expect(violations[0]?.message).toContain("is 86400000 ms (RDS's default)");
  });

  it("rejects a value that is no number", () => {
    const report = judge(group("a minute"));
    expect(report.violations.map(({ message }) => message).join()).toContain('"a minute"');
    expect(report.verdict).toBe("rejected");
  });

  it("judges what is in force on each instance of a cluster: its own group before the cluster's", () => {
    const own = urn("aws:rds/parameterGroup:ParameterGroup", "own");
    const cluster = urn("aws:rds/cluster:Cluster", "orders");
    const report = judge({
      extra: [
        resource("aws:rds/cluster:Cluster", "orders", {
          clusterIdentifier: "orders",
          engine: "aurora-postgresql",
          engineVersion: "17.4",
        }),
        resource("aws:rds/parameterGroup:ParameterGroup", "own", {
          name: "own",
          family: "aurora-postgresql17",
          parameters: [{ name: "idle_in_transaction_session_timeout", value: "60000" }],
        }),
        resource(
          "aws:rds/clusterInstance:ClusterInstance",
          "orders-1",
          { identifier: "orders-1", instanceClass: "db.r6g.large", dbParameterGroupName: "own" },
          { clusterIdentifier: [cluster], dbParameterGroupName: [own] },
        ),
        resource(
          "aws:rds/clusterInstance:ClusterInstance",
          "orders-2",
          { identifier: "orders-2", instanceClass: "db.r6g.large" },
          { clusterIdentifier: [cluster] },
        ),
      ],
      tags: tags({ "poolproof:database": "db" }),
    });
    expect(by(report, RULE).map((each) => each.resource)).toEqual([cluster]);
  });
});
