import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { DATABASE, environment, GROUP, resource, SERVICE, tags, urn } from "../samplePlan";
import { PROXIED_PARAMETERS, PROXY, proxyResources, throughProxy } from "../sampleProxy";
import { fromSecret } from "../sampleSecret";
import { by, judge, only } from "./judge";

const session = (value: unknown) => ({
  parameters: [
    { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
    { name: "idle_session_timeout", value: value as string },
  ],
});
const mysql = (parameters: readonly { name: string; value: string }[] = []) => ({
  database: { engine: "mysql", engineVersion: "8.4" },
  tags: tags({ "poolproof:pool-library": "mysql2" }),
  parameters: [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }, ...parameters],
});

describe("idle-order", () => {
  it("accepts any pool where the server closes nothing, as PostgreSQL does by default", () => {
    const never = environment({ DB_POOL_IDLE_TIMEOUT_MS: "0" });
    expect(by(judge({ environment: never }), "idle-order")).toEqual([]);
    expect(by(judge({ environment: never, ...session("0") }), "idle-order")).toEqual([]);
  });

  it("accepts a pool that closes before the server does, and rejects it at equality", () => {
    expect(by(judge(session("10001")), "idle-order")).toEqual([]);
    const violation = only(judge(session("10000")), "idle-order");
    expect(violation.message).toContain(
      "The pool of api closes an idle connection after 10000 ms, and the server db does after 10000 ms",
    );
    expect(violation.allowed).toEqual({ min: 1, max: 9999 });
    expect(violation.resource).toBe(SERVICE);
  });

  it("rejects a pool that never closes, wherever a limit exists", () => {
    const never = environment({ DB_POOL_IDLE_TIMEOUT_MS: "0" });
    const violation = only(judge({ environment: never, ...session("600000") }), "idle-order");
    expect(violation.message).toContain("never closes an idle connection");
    expect(violation.observed).toBe(0);
  });

  it("takes the longest life of a connection for the bound where it is the shorter one", () => {
    const life = environment({ DB_POOL_IDLE_TIMEOUT_MS: "0", DB_POOL_MAX_LIFETIME_MS: "300000" });
    expect(by(judge({ environment: life, ...session("300001") }), "idle-order")).toEqual([]);
    expect(by(judge({ environment: life, ...session("300000") }), "idle-order")).toHaveLength(1);
  });

  it("knows that MySQL closes after eight hours unless told otherwise", () => {
    const idle = (ms: string) => ({ environment: environment({ DB_POOL_IDLE_TIMEOUT_MS: ms }), ...mysql() });
    expect(by(judge(idle("28799999")), "idle-order")).toEqual([]);
    expect(only(judge(idle("28800000")), "idle-order").message).toContain("after 28800000 ms");
    const minute = mysql([{ name: "wait_timeout", value: "60" }]);
    expect(
      by(
        judge({ ...minute, ...{ environment: environment({ DB_POOL_IDLE_TIMEOUT_MS: "60000" }) } }),
        "idle-order",
      ),
    ).toHaveLength(1);
  });

  it("asks the proxy and not the server behind it", () => {
    const late = { DB_POOL_IDLE_TIMEOUT_MS: "1800000" };
    const violation = only(judge(throughProxy(late)), "idle-order");
    expect(violation.message).toContain("and the RDS Proxy proxy does after 1800000 ms");
    expect(by(judge(throughProxy(late, { proxy: { idleClientTimeout: 1801 } })), "idle-order")).toEqual([]);
  });

  it("does not ask the server behind a proxy, which keeps connections of its own", () => {
    const parameters = [...(PROXIED_PARAMETERS as []), { name: "idle_session_timeout", value: "5000" }];
    expect(by(judge({ ...throughProxy(), parameters }), "idle-order")).toEqual([]);
  });

  it("is undecided where only one of the two breaks it and nothing says which one is met", () => {
    const report = judge({ ...session("5000"), extra: proxyResources() });
    expect(by(report, "idle-order")).toEqual([]);
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: "idle-order", resource: SERVICE, property: "containerDefinitions" }),
    );
  });

  it("is undecided about an idle limit that the preview does not know", () => {
    const hidden = judge(session(UNKNOWN));
    expect(hidden.undecided).toContainEqual(expect.objectContaining({ rule: "idle-order", resource: GROUP }));
    const proxy = judge(throughProxy({}, { proxy: { idleClientTimeout: "soon" } }));
    expect(by(proxy, "idle-order").map(({ resource }) => resource)).toEqual([PROXY]);
  });

  it("rejects an idle limit that is no number", () => {
    const report = judge(session("ten"));
    expect(report.verdict).toBe("rejected");
    expect(report.violations.map(({ message }) => message).join()).toContain('is "ten"');
  });

  it("is one finding with both numbers, what it leads to and the values that are allowed", () => {
    const fix =
      "Set `DB_POOL_IDLE_TIMEOUT_MS` of container `api` in task definition `api-task` to a value above 0 and below 10000 ms";
    expect(only(judge(session("10000")), "idle-order")).toEqual({
      rule: "idle-order",
      level: "mandatory",
      resource: SERVICE,
      message: `The pool of api closes an idle connection after 10000 ms, and the server db does after 10000 ms: the pool hands out a connection that has just been closed, and the request fails. ${fix} (docs/runbooks/idle-order.md).`,
      observed: 10_000,
      allowed: { min: 1, max: 9_999 },
      unit: "ms",
      fix,
      docs: "docs/runbooks/idle-order.md",
    });
  });

  it("says of a pool that never closes whether somebody set that", () => {
    const never = judge({ environment: environment({ DB_POOL_IDLE_TIMEOUT_MS: "0" }), ...session("600000") });
    expect(only(never, "idle-order").message).toContain("(`DB_POOL_IDLE_TIMEOUT_MS` is 0)");
    const unset = judge({ environment: { MYSQL_POOL_SIZE: "12" }, ...mysql() });
    expect(only(unset, "idle-order")).toMatchObject({
      message: expect.stringContaining("(`DB_POOL_IDLE_TIMEOUT_MS` is not set)"),
      observed: 0,
      fix: expect.stringMatching(/ms \(mysql2's `idleTimeout`, with `maxIdle` below `connectionLimit`\)$/),
    });
  });

  it.each([
    "DB_POOL_IDLE_TIMEOUT_MS",
    "DB_POOL_MAX_LIFETIME_MS",
  ])("is undecided where a secret holds %s, which may close a connection in time", (name) => {
    const report = judge({ ...fromSecret(name, environment({})), ...session("5000") });
    expect(by(report, "idle-order")).toEqual([]);
    expect(report.undecided.filter(({ rule }) => rule === "idle-order")).toEqual([
      {
        rule: "idle-order",
        resource: SERVICE,
        property: "containerDefinitions",
        reason: `\`${name}\` comes from a secret`,
      },
    ]);
    const inTime = judge({
      ...fromSecret(name, environment({ DB_POOL_MAX_LIFETIME_MS: "4000", DB_POOL_IDLE_TIMEOUT_MS: "4000" })),
      ...session("5000"),
    });
    expect(inTime.undecided.filter(({ rule }) => rule === "idle-order")).toEqual([]);
  });

  it("rejects a pool's own time that is no time, and does not take it for never", () => {
    const variables = environment({ DB_POOL_IDLE_TIMEOUT_MS: "soon" });
    expect(only(judge({ environment: variables, ...session("5000") }), "idle-order").message).toContain(
      '`DB_POOL_IDLE_TIMEOUT_MS` of api is "soon", not a number of milliseconds, 0 or more',
    );
  });

  it("asks nothing of a client that the policy configuration describes", () => {
    const clients = [
      {
        name: "reports",
        database: "db",
        library: "node-postgres",
        poolMax: 2,
        instances: 1,
        acquireTimeoutMs: 1000,
      },
    ];
    const report = judge(
      { environment: environment({ DB_POOL_IDLE_TIMEOUT_MS: "4000" }), ...session("5000") },
      { clients },
    );
    expect(report.coverage.clients).toHaveLength(2);
    expect(by(report, "idle-order")).toEqual([]);
  });

  it("says nothing of a server whose engine only the deployment knows: connection-budget does", () => {
    const report = judge({ ...session("5000"), database: { engine: UNKNOWN } });
    expect(by(report, "idle-order")).toEqual([]);
    expect(report.undecided.map(({ rule }) => rule)).toContain("connection-budget");
    expect(report.undecided.map(({ rule }) => rule)).not.toContain("idle-order");
  });

  it("is broken by one instance of a cluster that closes sooner than the others", () => {
    const own = urn("aws:rds/parameterGroup:ParameterGroup", "own");
    const cluster = urn("aws:rds/cluster:Cluster", "orders");
    const instance = (name: string, more: { [name: string]: string }, from = {}) =>
      resource(
        "aws:rds/clusterInstance:ClusterInstance",
        name,
        { identifier: name, instanceClass: "db.r6g.large", ...more },
        { clusterIdentifier: [cluster], ...from },
      );
    const report = judge({
      tags: tags({ "poolproof:database": "orders" }),
      extra: [
        resource("aws:rds/cluster:Cluster", "orders", {
          clusterIdentifier: "orders",
          engine: "aurora-postgresql",
          engineVersion: "17.4",
        }),
        resource("aws:rds/parameterGroup:ParameterGroup", "own", {
          name: "own",
          family: "aurora-postgresql17",
          parameters: [{ name: "idle_session_timeout", value: "5000" }],
        }),
        instance("orders-1", { dbParameterGroupName: "own" }, { dbParameterGroupName: [own] }),
        instance("orders-2", {}),
      ],
    });
    expect(only(report, "idle-order")).toMatchObject({ observed: 10_000, allowed: { min: 1, max: 4_999 } });
  });

  describe("with an RDS Proxy in the stack", () => {
    const late = { DB_POOL_IDLE_TIMEOUT_MS: "1800000" };

    it("is broken whichever of the two a pool meets, where both close first", () => {
      const report = judge({ ...session("5000"), environment: environment(late), extra: proxyResources() });
      expect(only(report, "idle-order").message).toContain("and the server db does after 5000 ms");
    });

    it("does not ask it of a pool that connects to the server itself", () => {
      const container = {
        name: "api",
        environment: Object.entries(environment(late)).map(([name, value]) => ({ name, value })),
        secrets: [
          { name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/itself" },
        ],
      };
      const itself: PropertyMap = { name: "/shop/db/itself", value: UNKNOWN };
      const report = judge({
        taskDefinition: { containerDefinitions: JSON.stringify([container]) },
        extra: [
          ...proxyResources(),
          resource("aws:ssm/parameter:Parameter", "itself", itself, { value: [DATABASE] }),
        ],
      });
      expect(by(report, "idle-order")).toEqual([]);
      expect(report.undecided.filter(({ rule }) => rule === "idle-order")).toEqual([]);
    });

    it("asks the one that the pool goes through, not another before the same database", () => {
      const other = urn("aws:rds/proxy:Proxy", "readers");
      const sample = throughProxy();
      const report = judge({
        ...sample,
        extra: [
          resource("aws:rds/proxy:Proxy", "readers", {
            name: "readers-1234567",
            endpoint: UNKNOWN,
            requireTls: true,
            idleClientTimeout: 5,
          }),
          resource(
            "aws:rds/proxyTarget:ProxyTarget",
            "readers-target",
            { dbProxyName: "readers-1234567", dbInstanceIdentifier: "db1234567" },
            { dbProxyName: [other], dbInstanceIdentifier: [DATABASE] },
          ),
          ...(sample.extra ?? []),
        ],
      });
      expect(by(report, "idle-order")).toEqual([]);
      expect(report.undecided.filter(({ rule }) => rule === "idle-order")).toEqual([]);
    });
  });
});
