import { describe, expect, it } from "vitest";
import type { Settings } from "../../../policies/plan/settings";
import { DEFAULT_LEVELS } from "../../../policies/reports/assess";
import { RULE_CASES } from "../pack/ruleCases";
import { resource, samplePlan, tags, urn } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

const RULE = "poolproof-settings";
const found = (settings: Partial<Settings>) => by(judge({}, settings), RULE);
const one = (settings: Partial<Settings>) => only(judge({}, settings), RULE);

describe("names in the policy configuration that nothing answers to", () => {
  it("are rejected with the nearest one, on the stack", () => {
    const finding = one({ pools: [{ client: "apl", values: { poolMax: 12 } }] });
    expect(finding).toMatchObject({ level: "mandatory", resource: urn("pulumi:pulumi:Stack", "shop-test") });
    expect(finding.message).toContain(
      '`pools.0.client` in the policy configuration is "apl", and no service or function of this stack goes by it',
    );
    expect(finding.fix).toMatch(/^Correct it to "api", or remove the entry; .* end it with `\*`/);
  });

  it("are listed beside those there are where none is near", () => {
    expect(one({ demand: [{ service: "checkout", holdMs: 5 }] }).fix).toContain(
      "(there are api-1234567, api)",
    );
  });

  it("pass when they are those of the program or of AWS, or fit as a pattern", () => {
    for (const name of ["api", "api-1234567", "api*", "*"]) {
      expect(found({ demand: [{ service: name, holdMs: 90 }] })).toEqual([]);
      expect(found({ pools: [{ client: name, values: { poolMax: 12 } }] })).toEqual([]);
    }
  });

  it("only warn as a pattern, so that one file can serve several stacks", () => {
    const finding = one({ pools: [{ client: "worker*", values: { poolMax: 12 } }] });
    expect(finding.level).toBe("advisory");
    expect(judge({}, { pools: [{ client: "worker*", values: { poolMax: 12 } }] }).verdict).toBe("accepted");
  });

  it("say nothing in a stack that has nothing they could be of", () => {
    const network = { resources: [resource("aws:ec2/vpc:Vpc", "net", {})] };
    const settings = {
      pools: [{ client: "api" }],
      demand: [{ service: "api" }],
      confirmedMaxConnections: { main: 400 },
      databases: [{ name: "main", otherDemand: 3 }],
    };
    expect(by(judgePlan(network, settings), RULE)).toEqual([]);
  });

  it("may be of one pool of a client", () => {
    const pools = [
      { client: "api", pool: "reports", library: "node-postgres", variables: { poolMax: ["DB_POOL_MAX"] } },
    ];
    const demand = (service: string) => [{ service, peakRequestsPerSecond: 1, holdMs: 1 }];
    expect(found({ pools, demand: demand("api (reports)") })).toEqual([]);
    expect(one({ pools, demand: demand("api (report)") }).fix).toContain('"api (reports)"');
  });

  it("are rejected for a container and for variables that no container sets", () => {
    expect(one({ pools: [{ client: "api", container: "apy" }] }).message).toContain(
      '`pools.0.container` in the policy configuration is "apy", and no container of api',
    );
    const variables = { poolMax: ["DB_POL_MAX"] };
    const finding = one({ pools: [{ client: "api", library: "node-postgres", variables }] });
    expect(finding.message).toContain(
      "`pools.0.variables.poolMax` in the policy configuration names `DB_POL_MAX`",
    );
    expect(finding.fix).toContain('"DB_POOL_MAX"');
    const hidden = judge(
      { taskDefinition: { containerDefinitions: "not JSON" } },
      { pools: [{ client: "api", container: "apy", variables }] },
    );
    expect(by(hidden, RULE)).toEqual([]);
  });

  it("say nothing of a variable that an environment file may set", () => {
    const containers = [{ name: "api", environment: [], environmentFiles: [{ value: "arn", type: "s3" }] }];
    const report = judge(
      { taskDefinition: { containerDefinitions: JSON.stringify(containers) } },
      { pools: [{ client: "api", library: "node-postgres", variables: { poolMax: ["MINE"] } }] },
    );
    expect(by(report, RULE)).toEqual([]);
  });

  it("are rejected among the confirmed limits and the described databases", () => {
    expect(one({ confirmedMaxConnections: { bd: 400 } }).fix).toContain('Correct it to "db"');
    expect(found({ confirmedMaxConnections: { db: 400 } })).toEqual([]);
    expect(one({ databases: [{ name: "dbb", otherDemand: 200 }] })).toMatchObject({
      level: "mandatory",
      fix: expect.stringContaining('Correct it to "db"'),
    });
    expect(found({ databases: [{ name: "db", otherDemand: 2 }] })).toEqual([]);
  });

  it("only warn of a database elsewhere that nobody uses, and say nothing where a client does", () => {
    const databases = [{ name: "warehouse", engine: "postgres", maxConnections: 100 }];
    expect(one({ databases }).level).toBe("advisory");
    const clients = [
      { name: "jobs", database: "warehouse", poolMax: 1, instances: 1, acquireTimeoutMs: 1_000 },
    ];
    expect(found({ databases, clients })).toEqual([]);
  });

  it("are rejected among the config keys, where no message would ever use them", () => {
    expect(one({ configKeys: { DB_POL_MAX: "shop:pool" } }).fix).toBe('Correct it to "DB_POOL_MAX"');
    expect(one({ configKeys: { max_conections: "shop:limit" } }).fix).toBe('Correct it to "max_connections"');
    expect(found({ configKeys: { MY_POOL: "shop:pool" } })).toHaveLength(1);
    const pools = [{ client: "api", variables: { queueMax: ["MY_POOL", "DB_POOL_MAX"] } }];
    expect(found({ configKeys: { MY_POOL: "shop:pool", idleTimeout: "shop:idle" }, pools })).toEqual([]);
  });

  it("are rejected when an earlier entry is about the same", () => {
    const pools = [
      { client: "api", values: { poolMax: 12 } },
      { client: "api", values: { poolMax: 13 } },
    ];
    expect(one({ pools }).message).toContain(
      '`pools.1` in the policy configuration is of "api" like `pools.0`',
    );
    const named = [{ client: "api" }, { client: "api", pool: "second", values: { poolMax: 1 } }];
    expect(found({ pools: named })).toEqual([]);
  });

  it("count for what the settings' policy counts, and for nothing where it is disabled", () => {
    const settings = { configKeys: { DB_POL_MAX: "shop:pool" } };
    const warned = judge({}, settings, { ...DEFAULT_LEVELS, [RULE]: "advisory" });
    expect(only(warned, RULE).level).toBe("advisory");
    const { [RULE]: _, ...disabled } = DEFAULT_LEVELS;
    expect(by(judge({}, settings, disabled), RULE)).toEqual([]);
  });
});

describe("tags that are written as if poolproof read them", () => {
  it.each([
    ["poolproof:db-hold-msec", "poolproof:db-hold-ms"],
    ["Poolproof:tasks-at-peak", "poolproof:tasks-at-peak"],
    ["poolproof/database", "poolproof:database"],
    ["pool-proof:pool-library", "poolproof:pool-library"],
  ])("%s is rejected with the nearest one", (tag, near) => {
    const finding = only(judge({ tags: tags({ [tag]: "1" }) }), RULE);
    expect(finding).toMatchObject({ level: "mandatory", resource: urn("aws:ecs/service:Service", "api") });
    expect(finding.fix).toBe(`Rename it to \`${near}\``);
  });

  it("are found on any resource, and those that are read or nobody's pass", () => {
    const extra = [resource("aws:rds/proxy:Proxy", "px", { tags: { "poolproof:sessions": "pinned" } })];
    expect(by(judgePlan(samplePlan({ extra })), RULE)).toHaveLength(1);
    const fine = { "poolproof:proxy-sessions": "multiplexed", poolproofed: "yes", team: "a" };
    expect(by(judge({ tags: tags(fine) }), RULE)).toEqual([]);
  });
});

describe("the names that config keys may have", () => {
  it("are all those that the fixes of the rules' own cases ask for", () => {
    const asked = new Set<string>();
    const configKeys = new Proxy<{ [name: string]: string }>(
      {},
      {
        getOwnPropertyDescriptor: (_, name) => {
          asked.add(String(name));
          return undefined;
        },
      },
    );
    for (const { violates, hides } of Object.values(RULE_CASES)) {
      for (const plan of [violates, hides]) if (plan) judgePlan(plan, { configKeys });
    }
    expect(asked.size).toBeGreaterThan(10);
    const named = Object.fromEntries([...asked].map((name) => [name, "shop:key"]));
    expect(found({ configKeys: named })).toEqual([]);
  });
});
