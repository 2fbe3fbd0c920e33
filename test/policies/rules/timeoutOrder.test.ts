import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { DATABASE, environment, resource, SAFE, type Sample, samplePlan, tags, urn } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

/** The client's timeouts alone: the group sets the limit and nothing else. */
const timeouts = (changes: { [name: string]: string | undefined }) =>
  judge({
    environment: environment(changes),
    parameters: [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }],
  });
const dynamic = (name: string, value: string) => ({ name, value, applyMethod: "immediate" });
const groupWith = (name: string, value: string) => [
  { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
  dynamic(name, value),
];

describe("timeout-order", () => {
  it("accepts timeouts that end from the inside out", () => {
    expect(by(judge(), "timeout-order")).toEqual([]);
  });

  it.each([
    [
      "lock = statement",
      { DB_LOCK_TIMEOUT_MS: "2000" },
      "lock timeout of api is 2000 ms, not below the statement timeout of 2000 ms",
    ],
    [
      "statement + 100 > query",
      { DB_QUERY_TIMEOUT_MS: "2099" },
      "statement timeout + 100 ms of api is 2100 ms, above the client query timeout of 2099 ms",
    ],
    [
      "1.1 × acquire + query > request",
      { REQUEST_TIMEOUT_MS: "3599" },
      "is 3600 ms, above the request timeout of 3599 ms",
    ],
    [
      "request = load balancer idle",
      { REQUEST_TIMEOUT_MS: "60000" },
      "request timeout of api is 60000 ms, not below the load balancer idle timeout of 60000 ms",
    ],
  ])("rejects %s with both numbers", (_name, changes, text) => {
    const violation = only(timeouts(changes), "timeout-order");
    expect(violation.message).toContain(text);
    expect(violation.unit).toBe("ms");
  });

  it.each([
    ["at the limit of 2100 ms", { DB_QUERY_TIMEOUT_MS: "2100" }],
    ["at the limit of 3600 ms", { REQUEST_TIMEOUT_MS: "3600" }],
    ["one below the load balancer", { REQUEST_TIMEOUT_MS: "59999" }],
  ])("accepts a value %s", (_name, changes) => {
    expect(by(timeouts(changes), "timeout-order")).toEqual([]);
  });

  it("takes the parameter group's value where the client sends none, since 0 is not sent", () => {
    const changes = { DB_STATEMENT_TIMEOUT_MS: "0" };
    expect(by(timeouts(changes), "timeout-order").length).toBeGreaterThan(0);
    const withGroup = judge({
      environment: environment(changes),
      parameters: groupWith("statement_timeout", "2000"),
    });
    expect(by(withGroup, "timeout-order")).toEqual([]);
  });

  it("rejects a timeout that never ends, naming the variable that would end it", () => {
    const violation = only(timeouts({ DB_LOCK_TIMEOUT_MS: undefined }), "timeout-order");
    expect(violation.message).toContain(
      "`DB_LOCK_TIMEOUT_MS` (not set) of api never ends, so nothing around it can outlast it",
    );
    expect(violation.fix).toMatch(/to 1000 ms, or `lock_timeout` in the database's parameter group$/);
    expect(by(timeouts({ DB_LOCK_TIMEOUT_MS: "1000" }), "timeout-order")).toEqual([]);
  });

  it("makes one finding of all that never end, with values that fit together", () => {
    const nothing = {
      DB_LOCK_TIMEOUT_MS: undefined,
      DB_STATEMENT_TIMEOUT_MS: "0",
      DB_QUERY_TIMEOUT_MS: undefined,
    };
    const violation = only(timeouts(nothing), "timeout-order");
    expect(violation.message).toContain(
      "`DB_LOCK_TIMEOUT_MS` (not set), `DB_STATEMENT_TIMEOUT_MS` (0) and `DB_QUERY_TIMEOUT_MS` (not set) of api never end",
    );
    const values = [
      ...violation.fix.matchAll(/`(DB_\w+)` of container `api` in task definition `api-task` to (\d+) ms/g),
    ];
    expect(values.map(([, name]) => name)).toEqual(Object.keys(nothing));
    const followed = Object.fromEntries(values.map(([, name = "", ms]) => [name, ms]));
    expect(by(timeouts(followed), "timeout-order")).toEqual([]);
  });

  it("has values for a worker that has no load balancer and no request", () => {
    const names = [
      "DB_LOCK_TIMEOUT_MS",
      "DB_STATEMENT_TIMEOUT_MS",
      "DB_QUERY_TIMEOUT_MS",
      "REQUEST_TIMEOUT_MS",
    ];
    const bare = environment(Object.fromEntries(names.map((name) => [name, undefined])));
    const parameters = [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }];
    const report = judge({ service: { loadBalancers: [] }, environment: bare, parameters });
    expect(only(report, "timeout-order").fix).toMatch(
      /^Set `DB_LOCK_TIMEOUT_MS` .* to 2000 ms, or .*; set .* to 5000 ms$/,
    );
  });

  it("says so where the values around leave no room", () => {
    const tight = { DB_LOCK_TIMEOUT_MS: undefined, DB_STATEMENT_TIMEOUT_MS: "1" };
    const [, endless] = by(timeouts({ ...tight, DB_QUERY_TIMEOUT_MS: "50" }), "timeout-order");
    expect(endless?.fix).toMatch(/^Give `DB_LOCK_TIMEOUT_MS` an end below what is around/);
  });

  it("names the config keys behind the variables, each with its command", () => {
    const configKeys = { DB_LOCK_TIMEOUT_MS: "shop:lockMs", DB_QUERY_TIMEOUT_MS: "shop:queryMs" };
    const environmentOf = environment({ DB_LOCK_TIMEOUT_MS: undefined, DB_QUERY_TIMEOUT_MS: undefined });
    const parameters = [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }];
    const { fix } = only(judge({ environment: environmentOf, parameters }, { configKeys }), "timeout-order");
    expect(fix).toContain("Set `shop:lockMs` to 1000 ms: `pulumi config set shop:lockMs 1000 --stack test`;");
    expect(fix).toContain(
      "set `shop:queryMs` to 2500 ms: `pulumi config set shop:queryMs 2500 --stack test`",
    );
  });

  describe("of libraries that read no such variable", () => {
    const bare = (library: string, changes: Partial<Sample> = {}) =>
      judge({
        environment: { DB_POOL_SIZE: "12", REQUEST_TIMEOUT_MS: "8000", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000" },
        tags: tags({ "poolproof:pool-library": library }),
        parameters: [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }],
        ...changes,
      });

    it.each([
      ["hikaricp", "the driver's `socketTimeout` in the JDBC URL"],
      ["sqlalchemy", "the driver's own limit, such as `command_timeout` of asyncpg"],
    ])("%s: sets the server's in the group, and the driver's by its own name", (library, how) => {
      const { fix } = only(bare(library), "timeout-order");
      expect(fix).toContain(
        "Set `lock_timeout` in parameter group `db-params` to 2000 ms; set `statement_timeout`",
      );
      expect(fix).toContain(`end a query after 5000 ms by ${how}`);
      expect(fix).toContain("give it as `values.queryTimeoutMs` of api under `pools`");
      expect(fix).not.toContain("DB_");
      const followed = judge(
        {
          environment: {
            DB_POOL_SIZE: "12",
            REQUEST_TIMEOUT_MS: "8000",
            HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000",
          },
          tags: tags({ "poolproof:pool-library": library }),
          parameters: [
            { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
            dynamic("lock_timeout", "2000"),
            dynamic("statement_timeout", "4000"),
          ],
        },
        { pools: [{ client: "api", values: { queryTimeoutMs: 5000, acquireTimeoutMs: 1000 } }] },
      );
      expect(by(followed, "timeout-order")).toEqual([]);
    });

    it("prisma: sets the parameter of its URL, in seconds", () => {
      const url = (more: string) => ({
        DATABASE_URL: `postgres://u@h/d?connection_limit=12&pool_timeout=1${more}`,
        REQUEST_TIMEOUT_MS: "8000",
        HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000",
      });
      const { fix } = only(bare("prisma", { environment: url("") }), "timeout-order");
      expect(fix).toMatch(/set `socket_timeout in DATABASE_URL` of container `api` .* to 5 s$/);
      const group = [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }];
      const parameters = [...group, dynamic("lock_timeout", "2000"), dynamic("statement_timeout", "4000")];
      const followed = bare("prisma", { environment: url("&socket_timeout=5"), parameters });
      expect(by(followed, "timeout-order")).toEqual([]);
    });

    it("go-database-sql: the request's context ends a query as it ends the wait", () => {
      const { fix } = only(bare("go-database-sql"), "timeout-order");
      expect(fix).toMatch(/^Set `lock_timeout` .*; set `statement_timeout` [^;]*$/);
    });
  });

  it("leaves a wait that outlasts the request alone to the rule on that wait", () => {
    const report = timeouts({ DB_POOL_ACQUIRE_TIMEOUT_MS: "9000" });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(by(report, "acquire-timeout")).toHaveLength(1);
  });

  it("adds the work besides the database that the settings declare", () => {
    expect(by(judge({}, { otherWorkMs: 4400 }), "timeout-order")).toEqual([]);
    expect(by(judge({}, { otherWorkMs: 4401 }), "timeout-order")).toHaveLength(1);
  });

  it("leaves out the load balancer where there is none", () => {
    const report = judge({
      service: { loadBalancers: [] },
      environment: environment({ REQUEST_TIMEOUT_MS: "61000" }),
    });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(report.undecided).toEqual([]);
    const endless = environment({ REQUEST_TIMEOUT_MS: undefined });
    expect(by(judge({ service: { loadBalancers: [] }, environment: endless }), "timeout-order")).toEqual([]);
  });

  it("is undecided about a load balancer whose idle timeout is unknown", () => {
    const report = judge({ idleTimeout: UNKNOWN });
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: "timeout-order", property: "idleTimeout" }),
    );
  });

  it("leaves the server's keep-alive to the rule of its own", () => {
    expect(by(timeouts({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "1" }), "timeout-order")).toEqual([]);
    expect(by(timeouts({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "soon" }), "timeout-order")).toEqual([]);
  });

  describe("with MySQL and MariaDB", () => {
    const none = environment({ DB_LOCK_TIMEOUT_MS: undefined, DB_STATEMENT_TIMEOUT_MS: undefined });
    const server = (engine: string, parameters: readonly (readonly [string, string])[]) =>
      judge({
        database: { engine, engineVersion: "8.0" },
        environment: none,
        parameters: [
          { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
          ...parameters.map(([name, value]) => ({ name, value, applyMethod: "immediate" })),
        ],
      });

    it("reads MySQL's own parameters, in their own units", () => {
      const report = server("mysql", [
        ["innodb_lock_wait_timeout", "1"],
        ["max_execution_time", "2000"],
      ]);
      expect(by(report, "timeout-order")).toEqual([]);
    });

    it("takes what the client sets for its own session first", () => {
      const report = judge({ database: { engine: "mysql", engineVersion: "8.0" } });
      expect(by(report, "timeout-order")).toEqual([]);
    });

    it("takes MySQL's default of 50 s for a lock where the group sets none", () => {
      const violation = only(server("mysql", [["max_execution_time", "2000"]]), "timeout-order");
      expect(violation.message).toContain(
        "lock timeout of api is 50000 ms, not below the statement timeout of 2000 ms",
      );
      expect(violation.fix).toContain(
        "`max_execution_time` in parameter group `db-params` to at least 50001 ms",
      );
      expect(violation.fix).toContain("or lower `innodb_lock_wait_timeout`");
    });

    it("asks for MySQL's own statement limit, never for PostgreSQL's", () => {
      const violation = only(server("mysql", [["statement_timeout", "2000"]]), "timeout-order");
      expect(violation.message).toContain("`max_execution_time` (not set) of api never ends");
      // MySQL's own 50 s for a lock would be in the way of any statement limit.
      expect(violation.fix).toBe(
        "Set `innodb_lock_wait_timeout` in parameter group `db-params` to 1 s; set `max_execution_time` in parameter group `db-params` to 2000 ms",
      );
      const followed = server("mysql", [
        ["innodb_lock_wait_timeout", "1"],
        ["max_execution_time", "2000"],
      ]);
      expect(by(followed, "timeout-order")).toEqual([]);
    });

    it("reads MariaDB's statement limit in seconds", () => {
      const parameters = (seconds: string) =>
        [
          ["innodb_lock_wait_timeout", "1"],
          ["max_statement_time", seconds],
        ] as const;
      expect(by(server("mariadb", parameters("2")), "timeout-order")).toEqual([]);
      expect(only(server("mariadb", parameters("2.5")), "timeout-order").message).toContain(
        "statement timeout + 100 ms of api is 2600 ms, above the client query timeout of 2500 ms",
      );
    });
  });

  describe("behind an RDS Proxy", () => {
    const PROXY = urn("aws:rds/proxy:Proxy", "proxy");
    const proxy = [
      resource("aws:rds/proxy:Proxy", "proxy", { endpoint: UNKNOWN }),
      resource(
        "aws:rds/proxyTarget:ProxyTarget",
        "target",
        { dbProxyName: "proxy" },
        { dbProxyName: [PROXY], dbInstanceIdentifier: [DATABASE] },
      ),
    ];
    const containerDefinitions = JSON.stringify([
      {
        name: "api",
        environment: Object.entries(SAFE.environment).map(([name, value]) => ({ name, value })),
      },
    ]);
    const through = (parameters: Sample["parameters"], settings: Partial<Settings> = {}) => {
      const plan = samplePlan({ extra: proxy, parameters, taskDefinition: { containerDefinitions } });
      const resources = plan.resources.map((each) =>
        each.type.endsWith(":TaskDefinition")
          ? { ...each, propertyDependencies: { containerDefinitions: [PROXY] } }
          : each,
      );
      return judgePlan({ resources }, settings);
    };
    const limit = { name: "max_connections", value: "400", applyMethod: "pending-reboot" };

    it("does not count what the client sends when it connects, and says why", () => {
      const violation = only(through([limit]), "timeout-order");
      expect(violation.message).toContain(
        "`lock_timeout` (not set) and `statement_timeout` (not set) of api (what counts is the server's: the RDS Proxy in between refuses `DB_LOCK_TIMEOUT_MS` and `DB_STATEMENT_TIMEOUT_MS`",
      );
      expect(violation.fix).toContain("`lock_timeout` in parameter group `db-params` to 1000 ms");
      expect(violation.fix).toContain("`ALTER ROLE`");
    });

    it("counts what the policy configuration says the role was given", () => {
      const pools = [{ client: "api", values: { statementTimeoutMs: 2000, lockTimeoutMs: 1500 } }];
      expect(by(through([limit], { pools }), "timeout-order")).toEqual([]);
      const tooLong = [{ client: "api", values: { statementTimeoutMs: 2401, lockTimeoutMs: 1500 } }];
      expect(by(through([limit], { pools: tooLong }), "timeout-order")).toHaveLength(1);
    });

    it("counts the parameter group's values", () => {
      const group = [limit, dynamic("statement_timeout", "2000"), dynamic("lock_timeout", "1500")];
      expect(by(through(group), "timeout-order")).toEqual([]);
      const tooLong = [limit, dynamic("statement_timeout", "2401"), dynamic("lock_timeout", "1500")];
      expect(only(through(tooLong), "timeout-order").message).toContain(
        "statement timeout + 100 ms of api is 2501 ms, above the client query timeout of 2500 ms",
      );
    });
  });

  it.each([
    ["soon", '"soon"'],
    ["-5", "-5"],
    ["NaN", '"NaN"'],
  ])("rejects a query timeout of %j, naming it", (value, shown) => {
    expect(by(timeouts({ DB_QUERY_TIMEOUT_MS: value }), "timeout-order")[0]?.message).toContain(
      `\`DB_QUERY_TIMEOUT_MS\` of api is ${shown}`,
    );
  });
});
