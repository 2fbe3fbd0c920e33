import { describe, expect, it } from "vitest";
import type { Settings } from "../../../policies/plan/settings";
import { environment, resource, SAFE, type Sample, SERVICE, tags } from "../samplePlan";
import { proxyResources, throughProxy } from "../sampleProxy";
import { fromSecret } from "../sampleSecret";
import { by, judge, only } from "./judge";

type Changes = { readonly [name: string]: string };

/** A client on a library of its own, with what every rule of time but the ones under test is content with. */
const on = (
  library: string,
  variables: Changes,
  settings: Partial<Settings> = {},
  more: Partial<Sample> = {},
) =>
  judge(
    {
      environment: { DB_POOL_SIZE: "12", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000", ...variables },
      tags: tags({ "poolproof:pool-library": library }),
      parameters: group("1500", "2000"),
      ...more,
    },
    settings,
  );
const group = (lock: string, statement: string): Sample["parameters"] => [
  ...(SAFE.parameters as readonly []),
  { name: "lock_timeout", value: lock },
  { name: "statement_timeout", value: statement },
];
const undecidedBy = (report: ReturnType<typeof judge>) =>
  report.undecided.filter(({ rule }) => rule === "timeout-order");

describe("a query in Go, which its request's context ends", () => {
  const go = (variables: Changes, settings: Partial<Settings> = {}, more: Partial<Sample> = {}) =>
    on("go-database-sql", { REQUEST_TIMEOUT_MS: "8000", ...variables }, settings, more);

  it("has what the request's other work leaves, and the wait for a connection takes none of it", () => {
    expect(by(go({}, { otherWorkMs: 5900 }), "timeout-order")).toEqual([]);
    const { message, fix, observed, allowed } = only(go({}, { otherWorkMs: 5901 }), "timeout-order");
    expect(message).toContain(
      "The statement timeout + 100 ms of api is 2100 ms, above the client query timeout of 2099 ms",
    );
    expect({ observed, allowed }).toEqual({ observed: 2100, allowed: { min: null, max: 2099 } });
    expect(fix).toBe(
      "Set `REQUEST_TIMEOUT_MS` of container `api` in task definition `api-task` to at least 8001 ms, or lower `statement_timeout`",
    );
    const followed = go({ REQUEST_TIMEOUT_MS: "8001" }, { otherWorkMs: 5901 });
    expect(by(followed, "timeout-order")).toEqual([]);
  });

  it("is rejected where other work alone fills the request, and only a longer request mends it", () => {
    const of = (otherWorkMs: number) =>
      by(go({}, { otherWorkMs }, { parameters: group("1500", "2000") }), "timeout-order").map(
        ({ fix }) => fix,
      );
    expect(of(8000)[1]).toBe(
      "Set `REQUEST_TIMEOUT_MS` of container `api` in task definition `api-task` to at least 8001 ms",
    );
    expect(of(7999)).toHaveLength(1);
  });

  it.each(["8000", "9000"])("ends with the request although the program gives it %s ms", (query) => {
    expect(by(go({ DB_QUERY_TIMEOUT_MS: query }, { otherWorkMs: 5900 }), "timeout-order")).toEqual([]);
  });

  it("ends sooner where the program gives it less than the request has", () => {
    const { message, fix } = only(go({ DB_QUERY_TIMEOUT_MS: "2099" }), "timeout-order");
    expect(message).toContain("above the client query timeout of 2099 ms");
    expect(fix).toContain("Set `DB_QUERY_TIMEOUT_MS` of container `api`");
  });

  it("that the program bounds itself has to leave room for other work, and no wait is to be lowered", () => {
    const bounded = { DB_QUERY_TIMEOUT_MS: "7000" };
    expect(by(go(bounded, { otherWorkMs: 1000 }), "timeout-order")).toEqual([]);
    const { observed, fix } = only(go(bounded, { otherWorkMs: 1001 }), "timeout-order");
    expect(observed).toBe(8001);
    expect(fix).toBe(
      "Set `REQUEST_TIMEOUT_MS` of container `api` in task definition `api-task` to at least 8001 ms, or lower `DB_QUERY_TIMEOUT_MS`",
    );
  });

  it("is not yet decided where the request's timeout is hidden, rather than said to be endless", () => {
    const variables = { DB_POOL_SIZE: "12", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000" };
    const report = on("go-database-sql", {}, {}, fromSecret("REQUEST_TIMEOUT_MS", variables));
    expect(by(report, "timeout-order")).toEqual([]);
    expect(undecidedBy(report)).toEqual([
      {
        rule: "timeout-order",
        resource: SERVICE,
        property: "containerDefinitions",
        reason: "`REQUEST_TIMEOUT_MS` comes from a secret",
      },
    ]);
  });

  it("shares one finding with a request whose timeout is no time", () => {
    expect(only(go({ REQUEST_TIMEOUT_MS: "soon" }), "timeout-order").message).toMatch(
      /^`REQUEST_TIMEOUT_MS` of api is "soon"/,
    );
  });

  it("never ends where the request does not", () => {
    const { message } = only(go({ REQUEST_TIMEOUT_MS: "0" }), "timeout-order");
    expect(message).toMatch(
      /^`DB_QUERY_TIMEOUT_MS` \(not set\) and `REQUEST_TIMEOUT_MS` \(0\) of api never end/,
    );
  });

  it("takes no part of the request for a wait that the policy configuration bounds", () => {
    const pools = [{ client: "api", values: { acquireTimeoutMs: 7000 } }];
    expect(by(go({}, { pools }), "timeout-order")).toEqual([]);
  });
});

describe("a variable that a program on HikariCP reads itself", () => {
  it("is what a fix changes once it is set: nothing is to be done by the driver's own option", () => {
    const times = { REQUEST_TIMEOUT_MS: "8000", HIKARI_CONNECTION_TIMEOUT: "1000" };
    const { fix } = only(on("hikaricp", { ...times, DB_QUERY_TIMEOUT_MS: "2000" }), "timeout-order");
    expect(fix).toBe(
      "Set `DB_QUERY_TIMEOUT_MS` of container `api` in task definition `api-task` to at least 2100 ms, or lower `statement_timeout`",
    );
  });
});

describe("a limit on the server", () => {
  const sendsNone = { DB_STATEMENT_TIMEOUT_MS: undefined, DB_LOCK_TIMEOUT_MS: undefined };

  it("is what the group says where the client sends none, and is mended there, 0 included", () => {
    const { message, fix } = only(
      judge({ environment: environment(sendsNone), parameters: group("1500", "0") }),
      "timeout-order",
    );
    expect(message).toMatch(/^`statement_timeout` \(0\) of api never ends/);
    expect(fix).toBe("Set `statement_timeout` in parameter group `db-params` to 2000 ms");
  });

  it("is in a group that AWS's default has to give way to", () => {
    const { fix } = only(
      on(
        "hikaricp",
        { REQUEST_TIMEOUT_MS: "8000", HIKARI_CONNECTION_TIMEOUT: "1000", DB_QUERY_TIMEOUT_MS: "2500" },
        {},
        {
          extra: [
            resource("aws:rds/instance:Instance", "orders", {
              engine: "postgres",
              engineVersion: "17",
              instanceClass: "db.m7g.large",
              parameterGroupName: "default.postgres17",
            }),
          ],
          tags: tags({ "poolproof:pool-library": "hikaricp", "poolproof:database": "orders" }),
        },
      ),
      "timeout-order",
    );
    expect(fix).toBe(
      "Set `lock_timeout` in a parameter group of orders's own to 1000 ms; set `statement_timeout` in a parameter group of orders's own to 2000 ms",
    );
  });

  it("is not decided for a database that the policy configuration describes: its group is elsewhere", () => {
    const databases = [{ name: "warehouse", engine: "postgres", maxConnections: 400 }];
    const elsewhere = tags({ "poolproof:database": "warehouse" });
    const report = judge({ environment: environment(sendsNone), tags: elsewhere }, { databases });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(undecidedBy(report)).toEqual([
      {
        rule: "timeout-order",
        resource: SERVICE,
        property: "parameters",
        reason: "the parameter group of warehouse is not in this stack",
      },
    ]);
    expect(undecidedBy(judge({ tags: elsewhere }, { databases }))).toEqual([]);
  });

  it("is not decided where nothing says which database it is; what the client sends holds for any", () => {
    const second = resource("aws:rds/instance:Instance", "reports", {
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const own = judge({ extra: [second], environment: environment({ DB_LOCK_TIMEOUT_MS: "2000" }) });
    expect(only(own, "timeout-order").observed).toBe(2000);
    expect(undecidedBy(own)).toEqual([]);
    const none = judge({ extra: [second], environment: environment(sendsNone) });
    expect(by(none, "timeout-order")).toEqual([]);
    expect(undecidedBy(none)).toEqual([
      {
        rule: "timeout-order",
        resource: SERVICE,
        property: "tags",
        reason:
          "2 databases are in this stack and nothing says which one it uses; set the tag `poolproof:database`",
      },
    ]);
  });
});

describe("what a client sends when it connects", () => {
  it("is not decided where it may go through an RDS Proxy, which would refuse it", () => {
    const report = judge({ extra: proxyResources() });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(undecidedBy(report)).toEqual([
      {
        rule: "timeout-order",
        resource: SERVICE,
        property: "containerDefinitions",
        reason: "the stack has an RDS Proxy, and whether this pool goes through it is not said",
      },
    ]);
  });

  it("does not matter there where it sends none: the group's values hold either way", () => {
    const report = judge({
      extra: proxyResources(),
      environment: environment({ DB_STATEMENT_TIMEOUT_MS: undefined, DB_LOCK_TIMEOUT_MS: undefined }),
      parameters: group("1500", "2000"),
    });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(undecidedBy(report)).toEqual([]);
  });

  it("is told in a broken link's finding not to count, by the name of the variable that is refused", () => {
    const { message, fix } = only(judge(throughProxy({ DB_QUERY_TIMEOUT_MS: "2099" })), "timeout-order");
    expect(message).toContain(
      "The statement timeout + 100 ms of api is 2100 ms, above the client query timeout of 2099 ms (what counts is the server's: the RDS Proxy in between refuses `DB_STATEMENT_TIMEOUT_MS` when the client connects): the client gives up",
    );
    expect(fix).toBe(
      "Set `DB_QUERY_TIMEOUT_MS` of container `api` in task definition `api-task` to at least 2100 ms, or lower `statement_timeout`",
    );
  });

  it("holds through a proxy of MySQL, where the session sets it after it has connected", () => {
    const report = judge({
      ...throughProxy({ DB_LOCK_TIMEOUT_MS: "2000" }, { proxy: { engineFamily: "MYSQL" } }),
      parameters: SAFE.parameters,
      database: { engine: "mysql", engineVersion: "8.0" },
      tags: tags({ "poolproof:pool-library": "mysql2" }),
    });
    expect(only(report, "timeout-order").message).toContain(
      "The lock timeout of api is 2000 ms, not below the statement timeout of 2000 ms: a statement",
    );
  });
});
