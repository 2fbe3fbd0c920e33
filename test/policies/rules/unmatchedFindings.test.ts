import { describe, expect, it } from "vitest";
import type { Settings } from "../../../policies/plan/settings";
import { environment, resource, samplePlan } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

const RULE = "poolproof-settings";
const one = (settings: Partial<Settings>) => only(judge({}, settings), RULE);
const found = (settings: Partial<Settings>) => by(judge({}, settings), RULE);
const database = (name: string, properties: object = {}) =>
  resource("aws:rds/instance:Instance", name, {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.large",
    ...properties,
  });
const network = { resources: [resource("aws:ec2/vpc:Vpc", "net", {})] };

/** The sample with several containers in its task. */
const containers = (definitions: readonly object[]) => ({
  taskDefinition: { containerDefinitions: JSON.stringify(definitions) },
});
const api = {
  name: "api",
  environment: Object.entries(environment({})).map(([name, value]) => ({ name, value })),
};

describe("what an entry says that nothing answers to", () => {
  it("is a finding with where it stands, what it should name, what becomes of it and what mends it", () => {
    expect(one({ demand: [{ service: "ap", holdMs: 5 }] })).toMatchObject({
      level: "mandatory",
      message:
        '`demand.0.service` in the policy configuration is "ap", and no service or function of this stack goes by it: the entry counts for nothing, and what it was written for is judged without it. Correct it to "api", or remove the entry; in a file that serves several stacks end it with `*`, which may fit nothing (docs/runbooks/poolproof-settings.md).',
    });
    expect(one({ demand: [{ service: "checkout*", holdMs: 5 }] }).fix).toBe(
      "Correct it (there are api-1234567, api), or remove the entry",
    );
    expect(one({ confirmedMaxConnections: { warehouse: 3 } }).fix).toMatch(
      /^Correct it \(there are [^)…]+\), or remove the entry$/,
    );
  });

  it("lists six of the names that there are, each once", () => {
    const extra = ["one", "two", "three", "four", "five", "six", "seven"].map((name) => database(name));
    const settings = { confirmedMaxConnections: { warehouse: 400 } };
    const { fix } = only(judge({ extra }, settings), RULE);
    const [, list = ""] = /there are (.*)\), or remove/.exec(fix) ?? [];
    expect(list.split(", ")).toHaveLength(7);
    expect(new Set(list.split(", ")).size).toBe(7);
    expect(list).toMatch(/, …$/);
  });
});

describe("a container that an entry names", () => {
  const second = { name: "reports", environment: [{ name: "DB_POOL_MAX", value: "2" }] };

  it("is one of several, whichever", () => {
    for (const container of ["api", "reports"]) {
      const pools = [{ client: "api", container, values: { poolMax: 3 } }];
      expect(by(judge(containers([api, second]), { pools }), RULE)).toEqual([]);
    }
    const pools = [{ client: "api", container: "report", values: { poolMax: 3 } }];
    expect(only(judge(containers([api, second]), { pools }), RULE)).toMatchObject({
      level: "mandatory",
      message: expect.stringMatching(
        /^`pools\.0\.container` in the policy configuration is "report", and no container of api of this stack goes by it/,
      ),
      fix: expect.stringMatching(/^Correct it to "reports"/),
    });
  });

  it("only warns where the client is a pattern, of which a part may have it", () => {
    const pools = [{ client: "ap*", container: "report", values: { poolMax: 3 } }];
    expect(only(judge(containers([api, second]), { pools }), RULE).level).toBe("advisory");
  });

  it("is asked for its variables alone", () => {
    const entry = (container: string | undefined, name: string) => [
      { client: "api", container, library: "node-postgres", variables: { poolMax: [name] } },
    ];
    const reports = { name: "reports", environment: [{ name: "REPORT_POOL", value: "2" }] };
    const judged = (container: string | undefined, name: string) =>
      by(judge(containers([api, reports]), { pools: entry(container, name) }), RULE).length;
    expect(judged("reports", "REPORT_POOL")).toBe(0);
    expect(judged("api", "REPORT_POOL")).toBe(1);
    expect(judged(undefined, "REPORT_POOL")).toBe(0);
  });

  it("may set what a file holds, where only one of several reads a file", () => {
    const filed = { name: "worker", environment: [], environmentFiles: [{ value: "arn", type: "s3" }] };
    const pools = [{ client: "api", library: "node-postgres", variables: { poolMax: ["MINE"] } }];
    expect(by(judge(containers([api, filed]), { pools }), RULE)).toEqual([]);
    expect(by(judge(containers([api]), { pools }), RULE)).toHaveLength(1);
  });

  it("is told all the names of a variable that it does not set, and what the setting then is", () => {
    const pools = [
      { client: "api", library: "node-postgres", variables: { poolMax: ["MINE", "OURS"], queueMax: [] } },
    ];
    expect(one({ pools })).toMatchObject({
      level: "mandatory",
      message:
        "`pools.0.variables.poolMax` in the policy configuration names `MINE` and `OURS`, which no container of api sets: `poolMax` is judged as the library's default. Correct the name, set the variable in the container, or remove it from the entry (docs/runbooks/poolproof-settings.md).",
    });
    const near = [
      { client: "api", library: "node-postgres", variables: { poolMax: ["MINE", "DB_POOL_MAXX"] } },
    ];
    expect(one({ pools: near }).fix).toBe(
      'Correct it to "DB_POOL_MAX", or set the variable in the container',
    );
  });
});

describe("databases of the policy configuration", () => {
  const described = { name: "warehouse", engine: "postgres", maxConnections: 100 };

  it("are those of AWS, of the program, and of a cluster's instances, with or without clients", () => {
    const alone = { resources: [database("orders", { identifier: "orders-live" })] };
    for (const name of ["orders", "orders-live"]) {
      expect(by(judgePlan(alone, { confirmedMaxConnections: { [name]: 400 } }), RULE)).toEqual([]);
    }
    expect(by(judgePlan(alone, { confirmedMaxConnections: { order: 400 } }), RULE)).toHaveLength(1);
    expect(found({ confirmedMaxConnections: 400 })).toEqual([]);
  });

  it("are not asked for in a stack that has neither a database nor a client", () => {
    expect(
      by(judgePlan(network, { databases: [described], confirmedMaxConnections: { main: 3 } }), RULE),
    ).toEqual([]);
  });

  it("are named by the entry that nobody uses, of several", () => {
    const clients = [{ name: "jobs", database: "used", poolMax: 1, instances: 1, acquireTimeoutMs: 1_000 }];
    const databases = [{ ...described, name: "used" }, described];
    const finding = one({ databases, clients });
    expect(finding).toMatchObject({
      level: "advisory",
      message: expect.stringContaining("`databases.1.name`"),
    });
    expect(finding.fix).not.toContain("end it with");
  });

  it("count an entry as this stack's own where it only adds to one of its databases", () => {
    expect(
      found({
        databases: [
          { name: "db", otherDemand: 1 },
          { name: "db1234567", otherDemand: 1 },
        ],
      }),
    ).toEqual([]);
  });
});

describe("entries about alarms", () => {
  const entry = { where: "Datadog", reason: "they alert there" };

  it("are not asked for where there is nothing to watch", () => {
    const settings = {
      alarmsElsewhere: [{ ...entry, resource: "api" }],
      poolMetrics: [{ client: "api", pending: ["Queue"] }],
    };
    expect(by(judgePlan(network, settings), RULE)).toEqual([]);
    const onlyDatabase = { resources: [database("orders")] };
    expect(by(judgePlan(onlyDatabase, settings), RULE)).toHaveLength(2);
  });

  it("may be of any of several clients, or of all where they name none", () => {
    const clients = [{ name: "jobs", database: "db", poolMax: 1, instances: 1, acquireTimeoutMs: 1_000 }];
    const metrics = (client: string | undefined) =>
      by(
        judge(
          {},
          { clients, poolMetrics: [{ ...(client === undefined ? {} : { client }), pending: ["Queue"] }] },
        ),
        RULE,
      );
    expect([metrics("jobs"), metrics("api"), metrics(undefined)]).toEqual([[], [], []]);
    expect(metrics("job")).toHaveLength(1);
  });

  it("list names, not URNs", () => {
    const { fix } = one({ alarmsElsewhere: [{ ...entry, resource: "nothing-like-it" }] });
    expect(fix).toContain("there are ");
    expect(fix).not.toContain("urn:");
  });
});

describe("config keys that no message names", () => {
  it("are findings with the nearest name, or with what there may be", () => {
    expect(one({ configKeys: { "nothing-like-it-at-all": "shop:key" } })).toMatchObject({
      level: "mandatory",
      fix: "Correct it to an environment variable, a tag, a property or a server parameter that findings name, or remove it",
      message: expect.stringMatching(
        /^`configKeys` in the policy configuration has "nothing-like-it-at-all", which no message names: the entry counts for nothing/,
      ),
    });
  });

  it.each([
    "innodb_lock_wait_timeout", // MySQL and MariaDB
    "transaction_timeout", // PostgreSQL from 17
    "old_snapshot_threshold", // PostgreSQL up to 16
    "max_connections",
    "SQLALCHEMY_POOL_SIZE + SQLALCHEMY_MAX_OVERFLOW",
    "connection_limit in DATABASE_URL",
    "poolproof:db-hold-ms",
    "values.poolMax",
    "reservedConcurrentExecutions",
  ])("may be of %s", (name) => {
    expect(found({ configKeys: { [name]: "shop:key" } })).toEqual([]);
  });
});

describe("the sample itself", () => {
  it("has nothing to say of an empty policy configuration", () => {
    expect(by(judgePlan(samplePlan()), RULE)).toEqual([]);
  });
});
