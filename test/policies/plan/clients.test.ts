import { describe, expect, it } from "vitest";
import {
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../../policies/plan/plan";
import { type DeclaredClient, NO_DECLARATIONS } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { by, judge, only } from "../rules/judge";
import { DATABASE, resource, type Sample, SERVICE, samplePlan, urn } from "../samplePlan";

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
});

const BATCH: DeclaredClient = {
  name: "nightly",
  library: "hikaricp",
  poolMax: 6,
  instances: 3,
  peakRequestsPerSecond: 10,
  holdMs: 100,
  acquireTimeoutMs: 1_000,
};
const declared = (client: DeclaredClient) => {
  const stack = readStack(samplePlan(), { ...NO_DECLARATIONS, clients: [client] });
  const found = stack.clients.find(({ kind }) => kind === "declared");
  if (!found) throw new Error("no declared client");
  return found;
};

describe("a client that the policy configuration describes", () => {
  it("is read like any other, under a URN of its own", () => {
    expect(declared(BATCH)).toMatchObject({
      kind: "declared",
      resource: { urn: "urn:pulumi:test::shop::poolproof:declared:Client::nightly" },
      name: "nightly",
      library: { value: "hikaricp" },
      settings: {
        poolMax: { variable: "clients[nightly].poolMax", reading: { value: 6 } },
        processesPerTask: { reading: { value: 1 } },
        acquireTimeoutMs: { reading: { value: 1_000 } },
        maxLifetimeMs: { reading: { value: 1_800_000, assumed: "HikariCP's default" } },
      },
      tasks: { maxCapacity: { value: 3 }, maximumPercent: { value: 100 } },
      declared: { peakRequestsPerSecond: { value: 10 }, holdMs: { value: 100 } },
      database: { state: "linked", database: DATABASE, via: "only database" },
    });
  });

  it("counts in the budget with its instances and processes, and with no surge on top", () => {
    const [budget] = judge({}, { clients: [{ ...BATCH, processesPerInstance: 2 }] }).budgets;
    expect(budget?.demandAtPeak).toBe(16 * 12 + 3 * 2 * 6 + 5);
  });

  it("is held to its floor like a service", () => {
    const violation = only(judge({}, { clients: [{ ...BATCH, poolMax: 1, holdMs: 400 }] }), "pool-floor");
    expect(violation.message).toContain("`pool.max` is 1, below the floor of");
    expect(violation.fix).toContain("then write the new value as `clients[nightly].poolMax`");
  });

  it("is not asked for the timeouts that no declaration has a place for", () => {
    const report = judge({}, { clients: [BATCH] });
    const about = [...report.violations, ...report.undecided].filter(({ resource: each }) =>
      each.includes("nightly"),
    );
    expect(about).toEqual([]);
  });

  it("has an acquire timeout that nobody knows without its library, and says where to give it", () => {
    const { library: _, acquireTimeoutMs: __, ...rest } = BATCH;
    expect(declared(rest).settings.acquireTimeoutMs.reading).toMatchObject({
      state: "unknown",
      fix: "Set `library` and `acquireTimeoutMs` of nightly under `clients` in the policy configuration",
    });
  });

  it("stands for the service, the function or the resource that has its name", () => {
    const instance = "aws:ec2/instance:Instance";
    const extra = [resource(instance, "nightly", {}, { userData: [DATABASE] })];
    const plan = samplePlan({ extra });
    const before = readStack(plan).unexamined.find(({ resource: each }) => each === urn(instance, "nightly"));
    expect(before?.usesDatabase).toBe(true);
    const after = readStack(plan, { ...NO_DECLARATIONS, clients: [BATCH] }).unexamined;
    expect(after).toEqual([
      {
        resource: urn(instance, "nightly"),
        reason: "it is declared under `clients` in the policy configuration",
        usesDatabase: false,
      },
    ]);
    const own = readStack(samplePlan(), { ...NO_DECLARATIONS, clients: [{ ...BATCH, name: "api" }] });
    expect(own.clients.map(({ kind }) => kind)).toEqual(["declared"]);
    expect(own.unexamined).toMatchObject([{ resource: SERVICE, usesDatabase: false }]);
  });

  it("is undecided about a database that nobody has", () => {
    const report = judge({}, { clients: [{ ...BATCH, database: "gone" }] });
    expect(by(report, "undecided")[0]?.message).toContain(
      '"gone" and no database in this stack has that name',
    );
    expect(by(report, "undecided")[0]?.fix).toBe(
      "Set `database` of nightly under `clients` in the policy configuration to the name of its database",
    );
  });
});

const tasks = (service: PropertyMap, scaling?: PropertyMap) =>
  readStack(samplePlan({ service, scaling })).clients[0]?.tasks;
const atPeak = (service: PropertyMap) => judge({ service }).budgets[0]?.clients[0]?.tasksAtPeak;

describe("a deployment", () => {
  it.each([
    "BLUE_GREEN",
    "CANARY",
    "LINEAR",
  ])("by %s keeps both revisions, whatever the surge", (strategy) => {
    const service = {
      deploymentConfiguration: { strategy, bakeTimeInMinutes: "5" },
      deploymentMaximumPercent: 100,
    };
    expect(tasks(service)?.keepsBothRevisions).toMatchObject({ value: true });
    expect(atPeak(service)).toBe(16);
  });

  it("by CodeDeploy keeps both, and by an external controller nobody knows how many", () => {
    expect(atPeak({ deploymentController: { type: "CODE_DEPLOY" }, deploymentMaximumPercent: 100 })).toBe(16);
    expect(atPeak({ deploymentController: { type: "EXTERNAL" } })).toBeNull();
  });

  it("that rolls has the surge, and the tasks that drain", () => {
    expect(atPeak({ deploymentConfiguration: { strategy: "ROLLING" }, deploymentMaximumPercent: 150 })).toBe(
      16,
    );
    expect(atPeak({ deploymentMaximumPercent: UNKNOWN })).toBeNull();
  });
});

describe("the tasks of a service without autoscaling", () => {
  it("are its desired count", () => {
    expect(tasks({ desiredCount: 3 })).toMatchObject({
      minCapacity: { value: 3 },
      maxCapacity: { value: 3 },
    });
  });

  it("are as many as there are instances for a daemon, which the plan does not show", () => {
    expect(tasks({ schedulingStrategy: "DAEMON", desiredCount: 3 })?.maxCapacity).toMatchObject({
      state: "unknown",
      reason: "a daemon service runs one task per container instance",
    });
  });
});

const GROUP = "aws:lb/targetGroup:TargetGroup";
const ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/0123456789abcdef";

/** The waits of the sample's only client, with some resources changed. */
function waits(changes: Partial<Sample> = {}, change: (each: PlanResource) => PlanResource = (each) => each) {
  const { resources } = samplePlan(changes);
  const [client] = readStack({ resources: resources.map(change) }).clients;
  if (!client) throw new Error("the sample has one client");
  return client;
}

const withProperties = (type: string, properties: PropertyMap) => (each: PlanResource) =>
  each.type === type ? { ...each, properties: { ...each.properties, ...properties } } : each;

/** The service, made from these target groups. */
const behind =
  (groups: readonly string[], loadBalancers: PropertyValue) =>
  (each: PlanResource): PlanResource =>
    each.urn === SERVICE
      ? {
          ...each,
          properties: { ...each.properties, loadBalancers },
          propertyDependencies: { ...each.propertyDependencies, loadBalancers: groups },
        }
      : each;

describe("the deregistration delay in front of a service", () => {
  const delay = (...given: Parameters<typeof waits>) => waits(...given).deregistrationDelaySeconds;

  it("is the target group's, and 300 s where it sets none", () => {
    expect(delay({}, withProperties(GROUP, { deregistrationDelay: 30 }))).toEqual({
      state: "known",
      value: 30,
    });
    expect(delay()).toEqual({ state: "known", value: 300, assumed: "ELB's default" });
  });

  it("is the shortest of several target groups, a Network Load Balancer's among them", () => {
    const extra = [resource(GROUP, "tcp", { protocol: "TCP", deregistrationDelay: 20, arn: UNKNOWN })];
    const both = behind([urn(GROUP, "api-tg"), urn(GROUP, "tcp")], [{ targetGroupArn: UNKNOWN }]);
    expect(delay({ extra }, both)).toEqual({ state: "known", value: 20 });
  });

  it("is unset where no load balancer stands in front", () => {
    expect(delay({ service: { loadBalancers: [] } }).state).toBe("unset");
  });

  it("is found by the ARN that the service names, and unknown where the stack does not hold that group", () => {
    const named = behind([], [{ targetGroupArn: ARN }]);
    const isNamed = (each: PlanResource) =>
      withProperties(GROUP, { arn: ARN, deregistrationDelay: 15 })(named(each));
    expect(delay({}, isNamed)).toEqual({ state: "known", value: 15 });
    expect(delay({}, named)).toMatchObject({ state: "unknown", property: "loadBalancers" });
  });

  it("is unknown as a whole where one of several target groups is of another stack", () => {
    const one = { targetGroupArn: ARN };
    const other = { targetGroupArn: ARN.replace("/api/", "/other/") };
    const change = (each: PlanResource) =>
      withProperties(GROUP, { arn: ARN, deregistrationDelay: 15 })(behind([], [one, other])(each));
    expect(delay({}, change).state).toBe("unknown");
    expect(waits({}, change).loadBalancerIdleSeconds.state).toBe("unknown");
  });
});

describe("the stop timeout of a container", () => {
  const definitions = (container: PropertyMap): Partial<Sample> => ({
    taskDefinition: { containerDefinitions: JSON.stringify([{ name: "api", ...container }]) },
  });

  it("is the container's, and 30 s where it sets none", () => {
    expect(waits(definitions({ stopTimeout: 90 })).stopTimeoutSeconds).toEqual({ state: "known", value: 90 });
    expect(waits(definitions({ stopTimeout: "90" })).stopTimeoutSeconds).toEqual({
      state: "known",
      value: 90,
    });
    expect(waits().stopTimeoutSeconds).toEqual({ state: "known", value: 30, assumed: "ECS's default" });
  });

  it.each<[string, PropertyMap, PropertyMap]>([
    ["the service's launch type", { launchType: "FARGATE" }, {}],
    ["its capacity provider", { capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT" }] }, {}],
    ["what the definition is fit for", {}, { requiresCompatibilities: ["FARGATE"] }],
  ])("is refused above 120 s on Fargate, which is told by %s", (_name, service, fitFor) => {
    const over = definitions({ stopTimeout: 121 });
    const on = (extra: Partial<Sample>) =>
      waits({ ...extra, service, taskDefinition: { ...extra.taskDefinition, ...fitFor } }).stopTimeoutSeconds;
    expect(on(over)).toMatchObject({ state: "malformed", property: "stopTimeout", observed: 121 });
    expect(on(definitions({ stopTimeout: 120 }))).toEqual({ state: "known", value: 120 });
  });

  it.each([-1, 2.5, "soon", true])("is malformed as %j", (stopTimeout) => {
    expect(waits(definitions({ stopTimeout })).stopTimeoutSeconds.state).toBe("malformed");
  });

  it("is unknown where the containers are", () => {
    const hidden = waits({ taskDefinition: { containerDefinitions: UNKNOWN } });
    expect(hidden.stopTimeoutSeconds).toMatchObject({ state: "unknown", property: "containerDefinitions" });
  });
});
