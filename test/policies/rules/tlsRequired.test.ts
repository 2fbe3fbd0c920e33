import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { environment, GROUP, resource, type Sample, SERVICE, urn } from "../samplePlan";
import { PROXY, throughProxy } from "../sampleProxy";
import { by, judge, only } from "./judge";

const RULE = "tls-required";
const limit = { name: "max_connections", value: "400", applyMethod: "pending-reboot" };
const forced = (value: unknown) => ({
  parameters: [limit, { name: "rds.force_ssl", value: value as string }],
});
const runs = (engine: string, engineVersion: string | undefined) => ({
  database: engineVersion === undefined ? { engine } : { engine, engineVersion },
});

describe("tls-required", () => {
  it.each([
    ["postgres", "15.7", true],
    ["postgres", "14.12", false],
    ["mysql", "8.4", false],
    ["mariadb", "11.8", true],
    ["mariadb", "11.4", false],
    ["mariadb", "10.11", false],
  ])("knows AWS's default for %s %s", (engine, version, isRequired) => {
    expect(by(judge(runs(engine, version)), RULE)).toHaveLength(isRequired ? 0 : 1);
  });

  it.each([
    ["16.6", 1],
    ["17.4", 0],
  ])("knows that Aurora PostgreSQL %s has its own", (engineVersion, violations) => {
    const cluster = resource("aws:rds/cluster:Cluster", "orders", {
      clusterIdentifier: "orders",
      engine: "aurora-postgresql",
      engineVersion,
    });
    const found = by(judge({ extra: [cluster] }), RULE).filter(({ resource: of }) => of.endsWith("orders"));
    expect(found).toHaveLength(violations);
  });

  it("rejects a group that turns it off, and accepts one that turns it on", () => {
    const violation = only(judge(forced("0")), RULE);
    expect(violation.resource).toBe(GROUP);
    expect(violation.message).toContain("`rds.force_ssl` of db-params is off: the server takes connections");
    expect(violation.fix).toContain("in parameter group `db-params` to 1");
    const old = { ...forced("1"), ...runs("postgres", "14.12") };
    expect(by(judge(old), RULE)).toEqual([]);
  });

  it("asks MySQL for require_secure_transport", () => {
    const on = (value: string) => ({
      ...runs("mysql", "8.4"),
      parameters: [limit, { name: "require_secure_transport", value }],
    });
    expect(by(judge(on("ON")), RULE)).toEqual([]);
    expect(by(judge(on("1")), RULE)).toEqual([]);
    expect(only(judge(on("OFF")), RULE).message).toContain("`require_secure_transport` of db-params is off:");
  });

  it("rejects a proxy that takes plain connections, whatever the database requires", () => {
    const violation = only(judge(throughProxy({}, { proxy: { requireTls: false } })), RULE);
    expect(violation.resource).toBe(PROXY);
    expect(by(judge(throughProxy({}, { proxy: { requireTls: true } })), RULE)).toEqual([]);
    const hidden = judge(throughProxy({}, { proxy: { requireTls: "perhaps" } }));
    expect(
      by(hidden, RULE)
        .map(({ message }) => message)
        .join(),
    ).toContain('"perhaps", not true or false');
  });

  it.each([
    ["PGSSLMODE", "disable"],
    ["DB_SSLMODE", "disable"],
    ["DB_SSL", "false"],
    ["DATABASE_URL", "postgres://api:hunter2@db.internal:5432/shop?sslmode=disable"],
    ["SPRING_DATASOURCE_URL", "jdbc:mysql://db.internal/shop?useSSL=false&x=1"],
  ])("rejects a client whose %s turns it off, without showing a URL", (name, value) => {
    const report = judge({ environment: environment({ [name]: value }) });
    const violation = only(report, RULE);
    expect(violation.resource).toBe(SERVICE);
    expect(violation.message).toContain(`\`${name}\` of api turns TLS off`);
    expect(JSON.stringify(report)).not.toContain("hunter2");
  });

  it.each([
    ["PGSSLMODE", "verify-full"],
    ["DATABASE_URL", "postgres://db.internal/shop?sslmode=require"],
    ["DATABASE_URL", "postgres://db.internal/sslmode=disabled-things"],
  ])("accepts %s with %s", (name, value) => {
    expect(by(judge({ environment: environment({ [name]: value }) }), RULE)).toEqual([]);
  });

  it("is undecided about a value or a version that the preview does not know", () => {
    expect(judge(forced(UNKNOWN)).undecided).toContainEqual(
      expect.objectContaining({ rule: RULE, resource: GROUP, property: "parameters.rds.force_ssl" }),
    );
    const version = judge({
      extra: [
        resource(
          "aws:rds/instance:Instance",
          "made",
          { engine: "postgres", engineVersion: UNKNOWN },
          { engineVersion: [urn("aws:ssm/parameter:Parameter", "version")] },
        ),
      ],
    });
    expect(version.undecided).toContainEqual(
      expect.objectContaining({ rule: RULE, property: "engineVersion" }),
    );
  });

  it("rejects a value that is neither", () => {
    expect(
      judge(forced("yes please"))
        .violations.map(({ message }) => message)
        .join(),
    ).toContain('"yes please"');
  });

  it.each([
    ["mariadb", "11.10.2", true],
    ["mariadb", "11", false],
    ["mariadb", "12.0", true],
    ["mariadb", "12", true],
    ["mariadb", "11.7", false],
    ["mariadb", undefined, false],
    ["postgres", undefined, true],
    ["mysql", "12.0", false],
    ["mysql", undefined, false],
  ])("reads versions as numbers: %s %s", (engine, version, isRequired) => {
    const changes = runs(engine, version);
    const database =
      version === undefined ? { ...changes.database, engineVersion: undefined } : changes.database;
    const kept = Object.fromEntries(Object.entries(database).filter(([, value]) => value !== undefined));
    const absent = version === undefined ? { engineVersion: null } : {};
    expect(by(judge({ database: { ...kept, ...absent } as never }), RULE)).toHaveLength(isRequired ? 0 : 1);
  });

  it("is a finding of the group, with whose default it is", () => {
    expect(only(judge(forced("0")), RULE)).toMatchObject({
      observed: 0,
      allowed: { min: 1, max: 1 },
      unit: null,
    });
    expect(only(judge(forced("0")), RULE).message).toMatch(/^`rds\.force_ssl` of db-params is off: /);
    const old = only(judge(runs("postgres", "14.12")), RULE);
    expect(old.message).toMatch(/^`rds\.force_ssl` of db-params is off \(AWS's default for this version\): /);
  });

  it.each([
    [{ requireTls: false }, "false"],
    [{ requireTls: undefined }, "not set"],
  ])("says of a proxy whether it was told so: %j", (proxy, shown) => {
    const sample = throughProxy();
    const extra = (sample.extra ?? []).map((each) => {
      if (each.urn !== PROXY) return each;
      const { requireTls: _, ...others } = each.properties;
      return {
        ...each,
        properties: proxy.requireTls === undefined ? others : { ...others, requireTls: false },
      };
    });
    expect(only(judge({ ...sample, extra }), RULE)).toMatchObject({
      resource: PROXY,
      message: expect.stringContaining(
        `\`requireTls\` of proxy is ${shown}: the proxy takes connections without TLS`,
      ),
      fix: "Set `requireTls` of proxy `proxy` to true",
      observed: null,
      allowed: null,
    });
  });

  it("is undecided where the engine cannot be told, and has nothing to ask of a described database", () => {
    const listed = (report: ReturnType<typeof judge>) => report.undecided.filter(({ rule }) => rule === RULE);
    expect(listed(judge({ database: { engine: null } as never }))).toEqual([
      expect.objectContaining({ property: "engine", reason: "`engine` is not set" }),
    ]);
    const databases = [{ name: "elsewhere", maxConnections: 100 }];
    expect(listed(judge({}, { databases }))).toEqual([]);
    expect(by(judge({}, { databases }), RULE)).toEqual([]);
  });

  it("does not need the version of a server whose group says it", () => {
    const hidden: Partial<Sample> = { database: { engineVersion: UNKNOWN } };
    const listed = (report: ReturnType<typeof judge>) => report.undecided.filter(({ rule }) => rule === RULE);
    expect(listed(judge({ ...forced("1"), ...hidden }))).toEqual([]);
    expect(by(judge({ ...forced("0"), ...hidden }), RULE)).toHaveLength(1);
  });
});
