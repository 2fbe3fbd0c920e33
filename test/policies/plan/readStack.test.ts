import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import type { ClientReading } from "../../../policies/plan/types";
import {
  DATABASE,
  environment,
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
    const resources = plan.resources.map((each) =>
      each.urn === SERVICE ? { ...each, propertyDependencies: {} } : each,
    );
    expect(readStack({ resources }).clients[0]?.taskDefinition).toBe("api-task");
    const gone = samplePlan({ service: { taskDefinition: "elsewhere:1" } }).resources.map((each) =>
      each.urn === SERVICE ? { ...each, propertyDependencies: {} } : each,
    );
    expect(readStack({ resources: gone }).clients[0]?.container).toMatchObject({
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
    const resources = plan.resources.map((each) =>
      each.urn === TASK ? { ...each, propertyDependencies: { containerDefinitions: [DATABASE] } } : each,
    );
    const [found] = readStack({ resources }).clients;
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
    const { resources } = samplePlan({ taskDefinition: { containerDefinitions: UNKNOWN } });
    const hidden = resources.map((each) =>
      each.urn === TASK ? { ...each, propertyDependencies: { containerDefinitions: [DATABASE] } } : each,
    );
    const [found] = readStack({ resources: hidden }).clients;
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
    const resources = plan.resources.map((each) =>
      each.urn === DATABASE ? { ...each, propertyDependencies: {} } : each,
    );
    const [found] = readStack({ resources }).databases;
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
