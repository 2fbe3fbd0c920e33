import { describe, expect, it } from "vitest";
import {
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import type { ClientReading, StackReading } from "../../../policies/plan/types";
import { by, judge } from "../rules/judge";
import {
  DATABASE,
  environment,
  GROUP,
  madeFrom,
  resource,
  type Sample,
  SERVICE,
  samplePlan,
  TASK,
  tags,
  urn,
} from "../samplePlan";

function client(changes: Partial<Sample> = {}): ClientReading {
  const [first, ...others] = readStack(samplePlan(changes)).clients;
  if (!first || others.length > 0) throw new Error(`expected one client, got ${others.length + 1}`);
  return first;
}

const containers = (...names: string[]) =>
  JSON.stringify(names.map((name) => ({ name, environment: [{ name: "DB_POOL_MAX", value: "4" }] })));

describe("an ECS service", () => {
  it("is read through its task definition, scaling target, load balancer and tags", () => {
    expect(client()).toMatchObject({
      name: "api",
      container: { state: "known", value: "api" },
      taskDefinition: "api-task",
      settings: {
        poolMax: { variable: "DB_POOL_MAX", reading: { value: 12 } },
        queueMax: { reading: { state: "unset" } },
      },
      tasks: { minCapacity: { value: 8 }, maxCapacity: { value: 8 }, keepsBothRevisions: { value: false } },
      declared: { peakRequestsPerSecond: { value: 400 }, holdMs: { value: 90 } },
      loadBalancerIdleSeconds: { value: 60 },
      database: { state: "linked", database: DATABASE, via: "only database" },
    });
  });

  it("finds its task definition by family where the reference is known", () => {
    const plan = samplePlan({ service: { taskDefinition: "arn:aws:ecs:eu-west-1:1:task-definition/api:7" } });
    expect(readStack(madeFrom(plan, SERVICE, {})).clients[0]?.taskDefinition).toBe("api-task");
    const gone = madeFrom(samplePlan({ service: { taskDefinition: "elsewhere:1" } }), SERVICE, {});
    expect(readStack(gone).clients[0]?.container).toMatchObject({
      state: "unknown",
      reason: "task definition elsewhere is not part of this stack",
    });
  });

  it("finds its scaling target by the names in the resource id", () => {
    const scaling = resource("aws:appautoscaling/target:Target", "scaling", {
      resourceId: "service/main/api-1234567",
      minCapacity: 2,
      maxCapacity: 30,
    });
    const other = resource("aws:appautoscaling/target:Target", "other", {
      resourceId: "service/elsewhere/api-1234567",
      minCapacity: 1,
      maxCapacity: 99,
    });
    const service = { cluster: "arn:aws:ecs:eu-west-1:1:cluster/main" };
    expect(client({ scaling: undefined, service, extra: [scaling, other] }).tasks).toMatchObject({
      minCapacity: { value: 2 },
      maxCapacity: { value: 30 },
    });
  });

  it("runs its desired count without autoscaling, and an unknown number without either", () => {
    expect(client({ scaling: undefined }).tasks.maxCapacity).toMatchObject({ value: 8 });
    expect(client({ scaling: undefined, service: { desiredCount: null } }).tasks.maxCapacity.state).toBe(
      "unknown",
    );
    expect(
      client({ scaling: undefined, service: { schedulingStrategy: "DAEMON" } }).tasks.maxCapacity.state,
    ).toBe("unknown");
  });

  it("has one pool for each container that sets one", () => {
    const { clients } = readStack(
      samplePlan({ taskDefinition: { containerDefinitions: containers("api", "jobs") } }),
    );
    expect(clients.map(({ container }) => container)).toMatchObject([{ value: "api" }, { value: "jobs" }]);
  });

  it("is not a client when nothing in it points to a database", () => {
    const definitions = JSON.stringify([{ name: "web", environment: [{ name: "PORT", value: "80" }] }]);
    const reading = readStack(
      samplePlan({ tags: {}, taskDefinition: { containerDefinitions: definitions } }),
    );
    expect(reading.clients).toEqual([]);
    expect(reading.unexamined).toEqual([
      {
        resource: SERVICE,
        reason: "no pool setting and no link to a database was found in its containers",
        usesDatabase: false,
      },
    ]);
  });

  it("is a client of unknown pool when its containers are made from the database and name no library", () => {
    const definitions = JSON.stringify([{ name: "web", environment: [{ name: "URL", value: "…" }] }]);
    const plan = samplePlan({ tags: {}, taskDefinition: { containerDefinitions: definitions } });
    const [found] = readStack(madeFrom(plan, TASK, { containerDefinitions: [DATABASE] })).clients;
    expect(found?.settings.poolMax.reading).toMatchObject({
      state: "unknown",
      property: "containerDefinitions",
      reason: "its visible environment shows neither the size of its pool nor the library",
      fix: expect.stringContaining("`poolproof:pool-library` (node-postgres, postgres.js, "),
    });
    expect(found?.database).toMatchObject({ via: "dependency" });
  });

  it("is no Prisma client for a connection string that nobody can see, beside another library's names", () => {
    const secrets = [{ name: "DATABASE_URL", valueFrom: "arn:aws:ssm:eu-west-1:1:parameter/url" }];
    const read = (environment: object) => {
      const containerDefinitions = JSON.stringify([{ name: "api", environment, secrets }]);
      return client({ taskDefinition: { containerDefinitions } });
    };
    const pooled = read([{ name: "PG_POOL_MAX", value: "20" }]);
    expect(pooled.library).toMatchObject({ state: "known", value: "node-postgres" });
    expect(pooled.settings.poolMax.reading).toMatchObject({ state: "known", value: 20 });
    expect(read([]).library).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("its visible environment"),
    });
  });

  it("says which resources hide its containers, and where their values may go instead", () => {
    const plan = samplePlan({ taskDefinition: { containerDefinitions: UNKNOWN } });
    const [found] = readStack(madeFrom(plan, TASK, { containerDefinitions: [DATABASE] })).clients;
    expect(found?.settings.poolMax.reading).toMatchObject({
      state: "unknown",
      fix: expect.stringMatching(/^Pass the values from db through `secrets`/),
    });
  });

  it("hides its settings behind a pool library that is not known, instead of reading another's", () => {
    const reading = client({ tags: tags({ "poolproof:pool-library": "bookshelf" }) }).settings
      .acquireTimeoutMs.reading;
    expect(reading).toMatchObject({
      state: "unknown",
      reason: expect.stringMatching(/^pool library "bookshelf" is not one of node-postgres, .*, knex, /),
    });
  });

  it("may take a setting from an environment file, which no plan shows", () => {
    const definitions = JSON.stringify([
      {
        name: "api",
        environment: [{ name: "DB_POOL_MAX", value: "4" }],
        environmentFiles: [{ value: "arn:…" }],
      },
    ]);
    const { settings } = client({ taskDefinition: { containerDefinitions: definitions } });
    expect(settings.poolMax.reading).toMatchObject({ value: 4 });
    expect(settings.acquireTimeoutMs.reading.state).toBe("unknown");
  });

  it("cannot see a load balancer of another stack", () => {
    const plan = samplePlan();
    const resources = plan.resources.filter(({ type }) => !type.startsWith("aws:lb/"));
    expect(readStack({ resources }).clients[0]?.loadBalancerIdleSeconds.state).toBe("unknown");
  });

  it("waits for the slowest of the load balancers in front of it", () => {
    const group = urn("aws:lb/targetGroup:TargetGroup", "api-tg");
    const extra = [
      resource("aws:lb/loadBalancer:LoadBalancer", "second", { idleTimeout: 300 }),
      resource(
        "aws:lb/listener:Listener",
        "second-https",
        {},
        { loadBalancerArn: [urn("aws:lb/loadBalancer:LoadBalancer", "second")] },
      ),
      resource(
        "aws:lb/listenerRule:ListenerRule",
        "rule",
        {},
        { actions: [group], listenerArn: [urn("aws:lb/listener:Listener", "second-https")] },
      ),
    ];
    expect(client({ extra }).loadBalancerIdleSeconds).toMatchObject({ value: 300 });
  });
});

describe("a database", () => {
  const database = (changes: Partial<Sample> = {}) => readStack(samplePlan(changes)).databases[0];

  it("takes its parameters from the group it names or was made from", () => {
    const found = database()?.parameters.parameter("max_connections");
    expect(found).toMatchObject({ value: { value: "400" }, applyMethod: { value: "pending-reboot" } });
    expect(database()?.parameters.parameter("work_mem").value.state).toBe("unset");
  });

  it("has the engine's defaults where AWS assigns the group", () => {
    const plan = samplePlan({ database: { parameterGroupName: "default.postgres17" } });
    const [found] = readStack(madeFrom(plan, DATABASE, {})).databases;
    expect(found?.parameters.isOwn).toBe(false);
    expect(found?.parameters.parameter("max_connections").value.state).toBe("unset");
  });

  it("inherits its engine when it is a replica, and is not taken for the only database", () => {
    const replica = resource(
      "aws:rds/instance:Instance",
      "replica",
      { replicateSourceDb: "db1234567", instanceClass: "db.m7g.large", engine: UNKNOWN },
      { replicateSourceDb: [DATABASE] },
    );
    const reading = readStack(samplePlan({ extra: [replica] }));
    expect(reading.databases[1]).toMatchObject({ kind: "replica", engine: { value: "postgres" } });
    expect(reading.clients[0]?.database).toMatchObject({ database: DATABASE, via: "only database" });
  });

  it("is found by its logical name, its identifier and its database name", () => {
    const named = (tag: string) =>
      client({ tags: tags({ "poolproof:database": tag }), database: { dbName: "accounts" } });
    for (const name of ["db", "db1234567", "accounts", DATABASE]) {
      expect(named(name).database).toMatchObject({ state: "linked", via: "tag", database: DATABASE });
    }
    expect(named("elsewhere").database).toMatchObject({ state: "unlinked" });
  });
});

describe("a plan", () => {
  it("is read the same in whatever order its resources come", () => {
    const plan = samplePlan({ environment: environment({}) });
    const reversed = { resources: [...plan.resources].reverse() };
    expect(JSON.stringify(readStack(reversed))).toBe(JSON.stringify(readStack(plan)));
  });

  it("names its stack and project from any URN", () => {
    expect(readStack(samplePlan())).toMatchObject({ stack: "test", project: "shop" });
    expect(readStack({ resources: [] })).toMatchObject({
      stack: "",
      project: "",
      databases: [],
      clients: [],
    });
  });
});

const TARGET = "aws:appautoscaling/target:Target";
const ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction";
const SCALING = urn(TARGET, "scaling");

type Dependencies = PlanResource["propertyDependencies"];

function one({ clients }: StackReading): ClientReading {
  const [first, ...others] = clients;
  if (!first || others.length > 0) throw new Error(`expected one client, got ${clients.length}`);
  return first;
}

const tasks = (changes: Partial<Sample>) => one(readStack(samplePlan(changes))).tasks;
const bounds = (minCapacity: number, maxCapacity: number) => ({
  minCapacity: { state: "known", value: minCapacity },
  maxCapacity: { state: "known", value: maxCapacity },
});

describe("an autoscaling target", () => {
  const target = (properties: PropertyMap, dependencies: Dependencies = {}) =>
    resource(TARGET, "stray", { minCapacity: 1, maxCapacity: 400, ...properties }, dependencies);
  const beside = (stray: PlanResource, service: PropertyMap = {}) =>
    tasks({ scaling: undefined, service, extra: [stray] });
  const hidden = {
    state: "unknown",
    reason: "autoscaling target stray, whose `resourceId` is not known yet, may belong to it",
  };

  it("may belong to any service while its resource id is hidden and made from none", () => {
    const cluster = { resourceId: [urn("aws:ecs/cluster:Cluster", "c")] };
    const both = { minCapacity: hidden, maxCapacity: hidden };
    expect(beside(target({ resourceId: UNKNOWN }, cluster))).toMatchObject(both);
    expect(beside(target({ resourceId: UNKNOWN }))).toMatchObject(both);
    expect(beside(target({}, cluster))).toMatchObject(both);
    expect(beside(target({ resourceId: "service/main/x" }), { name: UNKNOWN })).toMatchObject(both);
  });

  it("keeps the verdict back while it may belong to a service", () => {
    const stray = target({ resourceId: UNKNOWN });
    expect(judge({ scaling: undefined, extra: [stray] }).verdict).toBe("rejected");
  });

  it("does not belong to a service when it scales something else", () => {
    const other = { resourceId: [urn("aws:ecs/service:Service", "other")] };
    const strays = [
      target({ resourceId: UNKNOWN, serviceNamespace: "dynamodb" }),
      target({ resourceId: "service/default/another-service" }),
    ];
    for (const stray of strays) expect(beside(stray)).toMatchObject(bounds(8, 8));
    const plan = samplePlan({
      scaling: undefined,
      extra: [
        target({ resourceId: UNKNOWN }, other),
        resource("aws:ecs/service:Service", "other", { name: "other", desiredCount: 1 }),
      ],
    });
    const api = readStack(plan).clients.find(({ name }) => name === "api");
    expect(api?.tasks).toMatchObject(bounds(8, 8));
  });

  it("is found by the service's name in any cluster while the cluster's name is hidden", () => {
    const stray = target({ resourceId: "service/other/api-1234567" });
    expect(beside(stray, { cluster: UNKNOWN })).toMatchObject(bounds(1, 400));
    expect(beside(stray)).toMatchObject(bounds(8, 8));
    expect(beside(target({ resourceId: "service/default/api-1234567" }))).toMatchObject(bounds(1, 400));
  });

  it("does not hide the desired count that the first deployment starts", () => {
    expect(tasks({ service: { desiredCount: 60 } })).toMatchObject(bounds(8, 60));
    expect(tasks({ service: { desiredCount: 2 } })).toMatchObject(bounds(8, 8));
    expect(tasks({ service: { desiredCount: UNKNOWN } })).toMatchObject(bounds(8, 8));
    expect(tasks({ service: { desiredCount: null } })).toMatchObject(bounds(8, 8));
    expect(tasks({ service: { desiredCount: "many" } }).maxCapacity.state).toBe("malformed");
  });
});

describe("a scheduled scaling action", () => {
  const action = (bound: PropertyMap, resourceId: PropertyValue, dependencies: Dependencies = {}) =>
    resource(ACTION, "night", { resourceId, scalableTargetAction: bound }, dependencies);
  const wide = { minCapacity: "1", maxCapacity: "50" };
  const beside = (...extra: readonly PlanResource[]) => tasks({ extra });

  it("widens the bounds of the service or the target it was made from, or names", () => {
    expect(beside(action(wide, UNKNOWN, { resourceId: [SERVICE] }))).toMatchObject(bounds(1, 50));
    expect(beside(action(wide, UNKNOWN, { resourceId: [SCALING] }))).toMatchObject(bounds(1, 50));
    expect(beside(action(wide, "service/main/api-1234567"))).toMatchObject(bounds(1, 50));
    expect(beside(action(wide, "service/main/another"))).toMatchObject(bounds(8, 8));
  });

  it("leaves a bound as it is that it does not set", () => {
    const made = { resourceId: [SERVICE] };
    expect(beside(action({ maxCapacity: "50" }, UNKNOWN, made))).toMatchObject(bounds(8, 50));
    expect(beside(action({ minCapacity: "2", maxCapacity: "" }, UNKNOWN, made))).toMatchObject(bounds(2, 8));
  });

  it("hides the bounds while it may belong to the service", () => {
    expect(beside(action(wide, UNKNOWN)).maxCapacity).toMatchObject({
      state: "unknown",
      reason: "scheduled action night, whose `resourceId` is not known yet, may belong to it",
    });
  });
});

describe("a container", () => {
  const PASSWORD = resource(
    "aws:ssm/parameter:Parameter",
    "host",
    { name: "/db/host", value: UNKNOWN },
    { value: [DATABASE] },
  );
  const pool = { name: "api", environment: [{ name: "DB_POOL_MAX", value: "4" }] };
  const definitions = (...containers: readonly object[]) => ({
    containerDefinitions: JSON.stringify(containers),
  });
  const names = ({ clients }: StackReading) =>
    clients.map(({ container }) => container.state === "known" && container.value);

  it("is a client when its own secrets lead to a database, beside one that sets a pool", () => {
    const worker = { name: "worker", secrets: [{ name: "DB_HOST", valueFrom: "/db/host" }] };
    const taskDefinition = definitions(pool, worker, { name: "proxy" });
    expect(names(readStack(samplePlan({ taskDefinition, extra: [PASSWORD] })))).toEqual(["api", "worker"]);
  });

  it("is no client because another container's values lead to a database", () => {
    const taskDefinition = definitions(pool, { name: "proxy" });
    const plan = madeFrom(samplePlan({ taskDefinition }), TASK, { containerDefinitions: [DATABASE] });
    expect(names(readStack(plan))).toEqual(["api"]);
  });

  const poolMax = (...values: readonly string[]) => {
    const taskDefinition = definitions({
      name: "api",
      environment: [
        { name: "TOKEN", value: "hunter2" },
        { name: "TOKEN", value: "hunter3" },
        ...values.map((value) => ({ name: "DB_POOL_MAX", value })),
      ],
    });
    return { taskDefinition };
  };

  it("contradicts itself with two values of one variable, whichever comes last", () => {
    for (const values of [
      ["3", "12"],
      ["12", "3"],
    ]) {
      const { settings } = one(readStack(samplePlan(poolMax(...values))));
      expect(settings.poolMax.reading).toMatchObject({
        state: "malformed",
        property: "DB_POOL_MAX",
        shown: "set twice with different values",
      });
      const report = judge(poolMax(...values));
      expect(by(report, "pool-floor")[0]?.message).toContain("set twice with different values");
      expect(JSON.stringify(report)).not.toContain("hunter");
    }
    const { settings } = one(readStack(samplePlan(poolMax("12", "12"))));
    expect(settings.poolMax.reading).toMatchObject({ value: 12 });
  });

  it("contradicts itself with a variable that is a value and a secret", () => {
    const taskDefinition = definitions({ ...pool, secrets: [{ name: "DB_POOL_MAX", valueFrom: "/x" }] });
    const { settings } = one(readStack(samplePlan({ taskDefinition })));
    expect(settings.poolMax.reading).toMatchObject({ state: "malformed" });
  });

  it("is missed, and not passed over, where the list of containers is empty", () => {
    const taskDefinition = definitions();
    expect(one(readStack(samplePlan({ taskDefinition }))).container).toMatchObject({
      state: "malformed",
      shown: "an empty list",
    });
    const report = judge({ taskDefinition }, { undecided: "warn" });
    expect(report.verdict).toBe("rejected");
    expect(JSON.stringify(report.violations)).toContain("an empty list");
  });
});

describe("a parameter of a parameter group", () => {
  const parameter = (entries: readonly PropertyMap[], made: Dependencies = {}) =>
    readStack(madeFrom(samplePlan({ parameters: entries }), GROUP, made)).databases[0]?.parameters.parameter(
      "max_connections",
    );
  const entry = (value?: PropertyValue, applyMethod: PropertyValue = "pending-reboot"): PropertyMap => ({
    name: "max_connections",
    ...(value === undefined ? {} : { value }),
    applyMethod,
  });

  it("is found in any letter case, as the provider sends it", () => {
    expect(parameter([{ name: "Max_Connections", value: "50", applyMethod: "Pending-Reboot" }])).toEqual({
      value: { state: "known", value: "50" },
      applyMethod: { state: "known", value: "pending-reboot" },
    });
  });

  it("contradicts itself with two values, and not with one value given twice", () => {
    expect(parameter([entry("400"), { ...entry("50"), name: "MAX_CONNECTIONS" }])?.value).toMatchObject({
      state: "malformed",
      shown: "set twice, to 400 and 50",
    });
    expect(parameter([entry("400"), entry(400)])?.value).toMatchObject({ value: "400" });
    expect(parameter([entry("400"), entry(UNKNOWN)])?.value).toMatchObject({ state: "unknown" });
    const report = judge({ parameters: [entry("400"), entry("50")] });
    expect(by(report, "max-connections")[0]?.message).toContain("set twice, to 400 and 50");
  });

  it("is applied by the method that AWS refuses where its entries differ", () => {
    expect(parameter([entry("400"), entry("400", "Immediate")])?.applyMethod).toMatchObject({
      value: "immediate",
    });
    expect(parameter([entry("400"), entry("400", UNKNOWN)])?.applyMethod.state).toBe("unknown");
  });

  it("without a value is hidden where the list is made from something, else malformed", () => {
    expect(parameter([entry()])?.value).toMatchObject({ state: "malformed", shown: "without a value" });
    expect(parameter([entry()], { parameters: [DATABASE] })?.value.state).toBe("unknown");
    expect(judge({ parameters: [entry()] }).verdict).toBe("rejected");
  });
});
