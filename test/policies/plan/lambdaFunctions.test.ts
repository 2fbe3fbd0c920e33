import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { by, judge, judgePlan, only } from "../rules/judge";
import { DATABASE, resource, samplePlan, urn } from "../samplePlan";

const FUNCTION = "aws:lambda/function:Function";
const LAMBDA = urn(FUNCTION, "resize");
const DEMAND = { "poolproof:peak-requests-per-second": "20", "poolproof:db-hold-ms": "40" };

function lambda(
  properties: PropertyMap,
  dependencies: PlanResource["propertyDependencies"] = {},
): PlanResource {
  return resource(FUNCTION, "resize", { name: "resize-1234567", tags: DEMAND, ...properties }, dependencies);
}
const variables = (map: PropertyMap) => ({ environment: { variables: map } });
const POOL = variables({ DB_POOL_MAX: "1", DB_POOL_ACQUIRE_TIMEOUT_MS: "500" });

function read(...extra: readonly PlanResource[]) {
  const stack = readStack(samplePlan({ extra }));
  const client = stack.clients.find(({ resource: { urn: each } }) => each === LAMBDA);
  return { stack, client };
}
const concurrency = (properties: PropertyMap, ...extra: readonly PlanResource[]) =>
  read(lambda({ ...POOL, ...properties }), ...extra).client?.tasks.maxCapacity;

describe("a Lambda function", () => {
  it("is a client when its environment sets a pool", () => {
    expect(read(lambda(POOL)).client).toMatchObject({
      kind: "lambda",
      name: "resize",
      container: { state: "unset" },
      library: { value: "node-postgres" },
      settings: {
        poolMax: { variable: "DB_POOL_MAX", reading: { value: 1 } },
        requestTimeoutMs: { variable: "timeout", reading: { value: 3_000, assumed: "Lambda's default" } },
        processesPerTask: { reading: { value: 1 } },
        keepAliveTimeoutMs: { reading: { state: "unset" } },
      },
      declared: { peakRequestsPerSecond: { value: 20 }, holdMs: { value: 40 } },
      database: { state: "linked", database: DATABASE },
    });
  });

  it.each<[string, (role: string) => readonly PlanResource[]]>([
    [
      "a policy of its role",
      (role) => [
        resource(
          "aws:iam/rolePolicy:RolePolicy",
          "p",
          { policy: '{"Statement":[{"Action":"rds-db:connect"}]}' },
          { role: [role] },
        ),
      ],
    ],
    [
      "a policy attached to its role, which is made from a database and not known yet",
      (role) => [
        resource("aws:iam/policy:Policy", "p", { policy: UNKNOWN }, { policy: [DATABASE] }),
        resource(
          "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
          "a",
          {},
          { role: [role], policyArn: [urn("aws:iam/policy:Policy", "p")] },
        ),
      ],
    ],
  ])("is a client when it may log in to a database by %s", (_, policies) => {
    const role = resource("aws:iam/role:Role", "r", {});
    const bare = (policy: readonly PlanResource[]) =>
      read(resource(FUNCTION, "resize", { role: UNKNOWN }, { role: [role.urn] }), role, ...policy).client;
    expect(bare(policies(role.urn))?.settings.poolMax.reading.state).toBe("unknown");
    expect(
      bare([
        resource("aws:iam/rolePolicy:RolePolicy", "p", { policy: '"rds:Describe*"' }, { role: [role.urn] }),
      ]),
    ).toBeUndefined();
  });

  it("is a client when its environment leads to a database, also through a secret, and hides its pool until it is named", () => {
    const secret = urn("aws:secretsmanager/secret:Secret", "s");
    const version = resource(
      "aws:secretsmanager/secretVersion:SecretVersion",
      "v",
      {},
      { secretId: [secret], secretString: [DATABASE] },
    );
    for (const [from, ...extra] of [
      [DATABASE],
      [secret, version, resource("aws:secretsmanager/secret:Secret", "s", {})],
    ] as const) {
      const { client } = read(
        lambda({ ...variables({ DB_SECRET_ARN: UNKNOWN }), tags: {} }, { environment: [from] }),
        ...extra,
      );
      expect(client).toMatchObject({
        database: { state: "linked", via: "dependency" },
        settings: { poolMax: { reading: { state: "unknown", property: "environment" } } },
      });
    }
  });

  it("is none without any sign of a database, or when its tag says so", () => {
    const plain = read(lambda({ ...variables({ BUCKET: "b" }), tags: {} }));
    expect(plain.client).toBeUndefined();
    expect(plain.stack.unexamined).toEqual([]);
    const said = read(lambda({ ...POOL, tags: { "poolproof:database": "none" } }));
    expect(said.client).toBeUndefined();
    expect(said.stack.unexamined).toMatchObject([{ resource: LAMBDA, usesDatabase: false }]);
  });

  it("has an environment that may be hidden as a whole or in parts", () => {
    const { client } = read(lambda({ environment: UNKNOWN }, { environment: [DATABASE] }));
    expect(client?.settings.poolMax.reading).toMatchObject({
      state: "unknown",
      property: "environment.variables",
    });
    const part = read(lambda(variables({ DB_POOL_MAX: UNKNOWN, DB_POOL_ACQUIRE_TIMEOUT_MS: "7" }))).client;
    expect(part?.settings.poolMax.reading).toMatchObject({ state: "unknown" });
    expect(part?.settings.acquireTimeoutMs.reading).toMatchObject({ value: 7 });
  });

  it.each([[-1], [undefined]])("that reserves %j may run as often as its account lets it", (reserved) => {
    const properties = reserved === undefined ? {} : { reservedConcurrentExecutions: reserved };
    expect(concurrency(properties)).toEqual({
      state: "known",
      value: 1000,
      assumed: "Lambda's default limit for an account",
    });
  });

  it.each<[PropertyValue, object]>([
    [25, { state: "known", value: 25 }],
    [0, { state: "known", value: 0 }],
    ["12", { state: "known", value: 12 }],
    [UNKNOWN, { state: "unknown" }],
    [2.5, { state: "malformed" }],
    [-2, { state: "malformed" }],
  ])("that reserves %s runs at most that often at once", (reserved, expected) => {
    expect(concurrency({ reservedConcurrentExecutions: reserved })).toMatchObject(expected);
  });
});

describe("the event sources of a function", () => {
  const mapping = (name: string, maximum: number | undefined, properties: PropertyMap = {}) =>
    resource(
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      name,
      { ...(maximum === undefined ? {} : { scalingConfig: { maximumConcurrency: maximum } }), ...properties },
      Object.keys(properties).length === 0 ? { functionName: [LAMBDA] } : {},
    );

  it("bound it together when each has a maximum and nobody else gets in", () => {
    expect(concurrency({}, mapping("a", 10), mapping("b", 5))).toMatchObject({ value: 15 });
    const arn = { functionName: "arn:aws:lambda:eu-west-1:1:function:resize-1234567:live" };
    expect(concurrency({}, mapping("a", 10, arn))).toMatchObject({ value: 10 });
    expect(concurrency({}, mapping("a", 10, { functionName: "another" }))).toMatchObject({ value: 1000 });
    expect(concurrency({}, mapping("a", 1))).toMatchObject({ state: "malformed" });
  });

  it("do not bound it when one of them has none, or an API may call it too", () => {
    expect(concurrency({}, mapping("a", 10), mapping("b", undefined))).toMatchObject({ value: 1000 });
    const permission = resource("aws:lambda/permission:Permission", "api", {}, { function: [LAMBDA] });
    expect(concurrency({}, mapping("a", 10), permission)).toMatchObject({ value: 1000 });
    const url = resource("aws:lambda/functionUrl:FunctionUrl", "url", { functionName: "resize-1234567" });
    expect(concurrency({}, mapping("a", 10), url)).toMatchObject({ value: 1000 });
  });

  it("do not widen what it reserves", () => {
    expect(concurrency({ reservedConcurrentExecutions: 4 }, mapping("a", 10))).toMatchObject({ value: 4 });
  });
});

describe("the rules, of a function", () => {
  const report = (properties: PropertyMap) => judge({ extra: [lambda({ ...POOL, ...properties })] });
  const entry = (properties: PropertyMap) =>
    report(properties).budgets[0]?.clients.find(({ resource: each }) => each === LAMBDA);

  it("count one pool for each environment, and no deployment surge", () => {
    expect(entry({ reservedConcurrentExecutions: 30 })).toMatchObject({
      poolMax: 1,
      tasksAtPeak: 30,
      floor: 1,
    });
    const [budget] = report({ reservedConcurrentExecutions: 30 }).budgets;
    expect(budget?.demandAtPeak).toBe(16 * 12 + 30 + 5);
  });

  it("reject one that may take more connections than the database has", () => {
    const violation = only(report({}), "connection-budget");
    expect(violation.message).toContain("resize 1000 environments × 1");
    // ⌊0.8 × 389⌋ − 16 × 12 − 5 = 114 are left, one each.
    expect(violation.fix).toContain("Set `reservedConcurrentExecutions` of resize to 5–114");
    for (const reserved of [5, 114])
      expect(by(report({ reservedConcurrentExecutions: reserved }), "connection-budget")).toEqual([]);
    expect(by(report({ reservedConcurrentExecutions: 115 }), "connection-budget")).toHaveLength(1);
  });

  it("accept one that reserves what its demand needs, and reject less with the share that is throttled", () => {
    // 20/s × 40 ms = 0.8 erlangs; a quarter more is 1, of which 4 environments lose 1.5 % and 5 lose 0.3 %.
    expect(by(report({ reservedConcurrentExecutions: 5 }), "pool-floor")).toEqual([]);
    const violation = only(report({ reservedConcurrentExecutions: 2 }), "pool-floor");
    expect(violation).toMatchObject({ resource: LAMBDA, observed: 2, allowed: { min: 5, max: null } });
    // B(2, 0.8) = 0.32 / 2.12.
    expect(violation.message).toContain("so at least 15 % of requests would be throttled");
    expect(violation.fix).toContain("`reservedConcurrentExecutions` to at least 5");
    expect(only(report({ reservedConcurrentExecutions: 0 }), "pool-floor").message).toContain(
      "at least 100 %",
    );
  });

  it("say nothing of a pool above one connection, which it cannot use and which only costs", () => {
    const four = { ...variables({ DB_POOL_MAX: "4", DB_POOL_ACQUIRE_TIMEOUT_MS: "500" }) };
    expect(by(report({ ...four, reservedConcurrentExecutions: 5 }), "pool-floor")).toEqual([]);
  });

  it("hold the wait for a connection against the function's own timeout", () => {
    const slow = variables({ DB_POOL_MAX: "1", DB_POOL_ACQUIRE_TIMEOUT_MS: "3000" });
    expect(only(report({ ...slow, reservedConcurrentExecutions: 5 }), "acquire-timeout").message).toContain(
      "not below the request timeout of 3000 ms",
    );
  });

  it("take a pool from the options of their JVM", () => {
    const url = { SPRING_DATASOURCE_URL: "jdbc:postgresql://db/shop" };
    const options = { JAVA_TOOL_OPTIONS: "-Dspring.datasource.hikari.maximum-pool-size=40" };
    const found = by(
      report({ ...variables({ ...url, ...options }), reservedConcurrentExecutions: 50 }),
      "connection-budget",
    );
    expect(found).toMatchObject([{ observed: 50 * 40 + 197 }]);
  });

  it("ask for its demand on the function", () => {
    const violation = only(report({ tags: {}, reservedConcurrentExecutions: 5 }), "demand-declared");
    expect(violation.fix).toMatch(/ on the function, from its measured peak$/);
    expect(by(report({ tags: {}, reservedConcurrentExecutions: 5 }), "pool-floor")).toEqual([]);
  });

  it("are undecided about a concurrency that only the deployment knows", () => {
    const hidden = judgePlan(
      samplePlan({ extra: [lambda({ ...POOL, reservedConcurrentExecutions: UNKNOWN })] }),
    );
    expect(hidden.undecided).toContainEqual(
      expect.objectContaining({ rule: "pool-floor", property: "reservedConcurrentExecutions" }),
    );
    expect(hidden.verdict).toBe("rejected");
  });
});
