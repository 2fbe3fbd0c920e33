import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { DATABASE, environment, resource, type Sample, SERVICE, samplePlan } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

const IAM = { iamDatabaseAuthenticationEnabled: true };

/** The sample with a pool of its own size on a database that takes IAM tokens. */
const storm = (poolMax: number, changes: Partial<Sample> = {}, settings: Partial<Settings> = {}) =>
  judge({ database: IAM, environment: environment({ DB_POOL_MAX: String(poolMax) }), ...changes }, settings);

/** A second service on the same database. */
const worker = (poolMax: number, properties: PropertyMap = {}) => [
  resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
    family: "worker",
    containerDefinitions: JSON.stringify([
      { name: "worker", environment: [{ name: "DB_POOL_MAX", value: String(poolMax) }] },
    ]),
  }),
  resource("aws:ecs/service:Service", "worker", {
    name: "worker",
    taskDefinition: "worker",
    desiredCount: 4,
    loadBalancers: [],
    ...properties,
  }),
];

describe("reconnect-storm", () => {
  it("accepts 200 connections a second, IAM's limit, and rejects more", () => {
    expect(by(storm(25), "reconnect-storm")).toEqual([]);
    const violation = only(storm(26), "reconnect-storm");
    expect(violation).toMatchObject({
      level: "mandatory",
      resource: DATABASE,
      observed: 208,
      allowed: { min: null, max: 200 },
      unit: "connections/s",
    });
    expect(violation.message).toContain(
      "When all tasks restart they open 208 connections to db within 1 second (api 8 tasks × 26), more than the 200 a " +
        "second of IAM authentication",
    );
  });

  it("names every lever with the number that does it alone", () => {
    const { fix } = only(storm(60), "reconnect-storm");
    expect(fix).toContain(
      "lower `DB_POOL_MAX` of container `api` in task definition `api-task` to 25 at most",
    );
    expect(fix).toContain("over 3 seconds or more and declare it as `reconnectSeconds`");
    expect(fix).toContain("RDS Proxy");
    expect(fix).toContain("password from a secret");
  });

  it("does not advise a pool below its own floor of 11", () => {
    const { fix } = only(storm(12, {}, { newConnectionsPerSecond: 80 }), "reconnect-storm");
    expect(fix).not.toContain("DB_POOL_MAX");
    expect(only(storm(12, {}, { newConnectionsPerSecond: 88 }), "reconnect-storm").fix).toContain(
      "to 11 at most",
    );
  });

  it("spreads the connections over the seconds that the settings declare", () => {
    expect(by(storm(50, {}, { reconnectSeconds: 2 }), "reconnect-storm")).toEqual([]);
    expect(by(storm(51, {}, { reconnectSeconds: 2 }), "reconnect-storm")).toHaveLength(1);
  });

  it("has no bound to hold where neither IAM nor the settings set one", () => {
    const password = { iamDatabaseAuthenticationEnabled: false };
    expect(by(storm(1000, { database: password }), "reconnect-storm")).toEqual([]);
    expect(by(storm(1000, { database: {} }), "reconnect-storm")).toEqual([]);
  });

  it("holds the database's own limit without IAM, and says nothing of passwords then", () => {
    const violation = only(storm(26, { database: {} }, { newConnectionsPerSecond: 100 }), "reconnect-storm");
    expect(violation.allowed?.max).toBe(100);
    expect(violation.message).toContain("`newConnectionsPerSecond`");
    expect(violation.fix).not.toContain("password");
  });

  it("counts the tasks that run without a deployment, all their processes, and every client", () => {
    const processes = environment({ DB_POOL_MAX: "13", WEB_CONCURRENCY: "2" });
    expect(only(storm(13, { environment: processes }), "reconnect-storm").observed).toBe(208);
    expect(only(storm(25, { extra: worker(1) }), "reconnect-storm").observed).toBe(204);
    expect(only(storm(25, { extra: worker(1) }), "reconnect-storm").message).toContain(
      "api 8 tasks × 25, worker 4 tasks × 1",
    );
  });

  it("leaves out clients that come through an RDS Proxy", () => {
    const proxy = resource("aws:rds/proxy:Proxy", "proxy", { endpoint: UNKNOWN });
    const target = resource(
      "aws:rds/proxyTarget:ProxyTarget",
      "target",
      {},
      { dbProxyName: [proxy.urn], dbInstanceIdentifier: [DATABASE] },
    );
    const host = resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/shop/db/host", value: UNKNOWN },
      { value: [proxy.urn] },
    );
    const container = {
      name: "api",
      environment: Object.entries(environment({ DB_POOL_MAX: "60" })).map(([name, value]) => ({
        name,
        value,
      })),
      secrets: [{ name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host" }],
    };
    const taskDefinition = { containerDefinitions: JSON.stringify([container]) };
    const report = storm(60, { extra: [proxy, target, host], taskDefinition });
    expect(by(report, "reconnect-storm")).toEqual([]);
  });

  it("rejects what is certain even when another client is hidden, and lists what is", () => {
    const report = storm(26, { extra: worker(1, { desiredCount: UNKNOWN }) });
    expect(only(report, "reconnect-storm").observed).toBe(208);
    expect(report.undecided.map(({ rule }) => rule)).toContain("reconnect-storm");
  });

  it("is undecided about a flag that only the deployment knows, where the flag decides", () => {
    const database: PropertyMap = { iamDatabaseAuthenticationEnabled: UNKNOWN };
    const plan = (poolMax: number) => {
      const environs = environment({ DB_POOL_MAX: String(poolMax) });
      const { resources } = samplePlan({ database, environment: environs });
      const dependencies = { iamDatabaseAuthenticationEnabled: [DATABASE] };
      return judgePlan({
        resources: resources.map((each) =>
          each.urn === DATABASE
            ? { ...each, propertyDependencies: { ...each.propertyDependencies, ...dependencies } }
            : each,
        ),
      });
    };
    const entry = expect.objectContaining({
      rule: "reconnect-storm",
      property: "iamDatabaseAuthenticationEnabled",
    });
    expect(plan(26).undecided).toContainEqual(entry);
    expect(plan(25).undecided).not.toContainEqual(entry);
  });

  it("rejects a flag that is none, and leaves a pool that is none to pool-floor", () => {
    const flag = storm(12, { database: { iamDatabaseAuthenticationEnabled: "perhaps" } });
    expect(by(flag, "reconnect-storm")[0]?.message).toContain("`iamDatabaseAuthenticationEnabled`");
    const mistyped = storm(26, { environment: environment({ DB_POOL_MAX: "ten" }) });
    expect(by(mistyped, "reconnect-storm")).toEqual([]);
    expect(by(mistyped, "pool-floor")).toHaveLength(1);
    expect(mistyped.undecided.filter(({ resource: at }) => at === SERVICE)).toEqual([]);
  });

  it("rejects exactly where tasks × processes × pool exceed the rate", () => {
    const small = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        small,
        small,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 10 }),
        (pool, tasks, processes, seconds) => {
          const report = storm(
            pool,
            {
              scaling: { minCapacity: 1, maxCapacity: tasks },
              environment: environment({ DB_POOL_MAX: String(pool), WEB_CONCURRENCY: String(processes) }),
            },
            { reconnectSeconds: seconds },
          );
          const rate = (tasks * processes * pool) / seconds;
          expect(by(report, "reconnect-storm")).toHaveLength(rate > 200 ? 1 : 0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
