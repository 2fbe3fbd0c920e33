import { describe, expect, it } from "vitest";
import { stackBudget } from "../../../policies/budget/budget";
import { readIni } from "../../../policies/plan/databases/poolers";
import { type PlanResource, type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { knownValue } from "../../../policies/plan/reading";
import { DEFAULT_SETTINGS, NO_DECLARATIONS } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { PROXY, PROXY_POOL, proxyResources } from "../sampleClients";
import { DATABASE, resource, samplePlan, urn } from "../samplePlan";

function only(extra: readonly PlanResource[]) {
  const [proxy, ...others] = readStack(samplePlan({ extra })).proxies;
  if (!proxy || others.length > 0) throw new Error("one proxy was expected");
  return proxy;
}

describe("an RDS Proxy", () => {
  it("is read with its target group and the database it is registered with", () => {
    const proxy = only(proxyResources({ pool: { maxConnectionsPercent: "60" } }));
    expect(proxy.resource.urn).toBe(PROXY);
    expect(proxy.targetGroup?.urn).toBe(PROXY_POOL);
    expect(proxy.database).toEqual({ state: "known", value: DATABASE });
    expect(proxy.maxConnectionsPercent).toEqual({ state: "known", value: 60 });
    expect(proxy.borrowTimeoutSeconds).toEqual({ state: "known", value: 2 });
    expect(proxy.requireTls).toEqual({ state: "known", value: true });
  });

  it("has AWS's own defaults where the program is silent, and says so", () => {
    const assumed = "RDS Proxy's default";
    for (const pool of [undefined, "left to AWS"]) {
      const resources = proxyResources({
        pool: undefined,
        proxy: { requireTls: UNKNOWN, idleClientTimeout: UNKNOWN },
      });
      const group = resource(
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "proxy-pool",
        { dbProxyName: "proxy-1234567", connectionPoolConfig: UNKNOWN },
        { dbProxyName: [PROXY] },
      );
      const proxy = only(pool === undefined ? resources : [...resources, group]);
      expect(proxy.maxConnectionsPercent).toEqual({ state: "known", value: 100, assumed });
      expect(proxy.maxIdleConnectionsPercent).toEqual({ state: "known", value: 50, assumed });
      expect(proxy.borrowTimeoutSeconds).toEqual({ state: "known", value: 120, assumed });
      expect(proxy.idleClientSeconds).toEqual({ state: "known", value: 1800, assumed });
      expect(proxy.requireTls).toEqual({ state: "known", value: false, assumed });
    }
  });

  it("keeps half of its share idle where only the share is set", () => {
    const pool = {
      maxConnectionsPercent: 70,
      maxIdleConnectionsPercent: null,
      connectionBorrowTimeout: null,
    };
    expect(only(proxyResources({ pool })).maxIdleConnectionsPercent).toMatchObject({ value: 35 });
  });

  it("hides a share that the program makes from something else", () => {
    const hidden = resource(
      "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
      "proxy-pool",
      { dbProxyName: "proxy-1234567", connectionPoolConfig: UNKNOWN },
      { dbProxyName: [PROXY], connectionPoolConfig: [DATABASE] },
    );
    const resources = [...proxyResources({ pool: undefined }), hidden];
    expect(only(resources).maxConnectionsPercent.state).toBe("unknown");
  });

  it("is found by known names as well as by dependencies", () => {
    const resources = proxyResources().map((each) => ({ ...each, propertyDependencies: {} }));
    expect(only(resources).database).toEqual({ state: "known", value: DATABASE });
    expect(only(resources).targetGroup?.urn).toBe(PROXY_POOL);
  });

  it("is registered through its target group where the target takes its names from there", () => {
    const resources = proxyResources().map((each) =>
      each.name === "proxy-target"
        ? resource(
            each.type,
            each.name,
            { dbProxyName: UNKNOWN, targetGroupName: UNKNOWN, dbInstanceIdentifier: UNKNOWN },
            { dbProxyName: [PROXY_POOL], targetGroupName: [PROXY_POOL], dbInstanceIdentifier: [DATABASE] },
          )
        : each,
    );
    expect(only(resources).database).toEqual({ state: "known", value: DATABASE });
  });

  it("stands before a cluster when its target is one", () => {
    const CLUSTER = urn("aws:rds/cluster:Cluster", "orders");
    const cluster = resource("aws:rds/cluster:Cluster", "orders", { clusterIdentifier: "orders" });
    const resources = proxyResources().map((each) =>
      each.name === "proxy-target"
        ? resource(each.type, each.name, { dbProxyName: "proxy-1234567", dbClusterIdentifier: "orders" })
        : each,
    );
    expect(only([...resources, cluster]).database).toEqual({ state: "known", value: CLUSTER });
  });

  it("has a database that is not known where its target names another stack's, and none without a target", () => {
    const foreign = proxyResources().map((each) =>
      each.name === "proxy-target"
        ? resource(each.type, each.name, { dbProxyName: "proxy-1234567", dbInstanceIdentifier: "elsewhere" })
        : each,
    );
    expect(only(foreign).database.state).toBe("unknown");
    expect(only(proxyResources().filter(({ name }) => name !== "proxy-target")).database.state).toBe("unset");
  });
});

const entries = (variables: { readonly [name: string]: string }) =>
  Object.entries(variables).map(([name, value]) => ({ name, value }));
const container = (name: string, variables: { readonly [name: string]: string }, more: PropertyMap = {}) => ({
  name,
  image: `example/${name}:1`,
  ...more,
  environment: entries(variables),
  env: entries(variables),
});

/** Tasks at peak of each client, and what the database sees of all together. */
function counted(resources: readonly PlanResource[]) {
  const stack = readStack({ resources }, NO_DECLARATIONS);
  const budget = stackBudget(stack, DEFAULT_SETTINGS);
  return {
    stack,
    tasks: Object.fromEntries(budget.pools.map((pool) => [pool.client.name, knownValue(pool.tasksAtPeak)])),
    demand: budget.databases.map(({ demandAtPeak }) => knownValue(demandAtPeak))[0],
  };
}

describe("a sidecar that is told to stop with its task", () => {
  const rolling = (app: { readonly [name: string]: string }, bouncer: string) =>
    samplePlan({
      taskDefinition: {
        containerDefinitions: JSON.stringify([
          container(
            "api",
            {
              DATABASE_URL: "postgres://app@127.0.0.1:6432/shop",
              DB_POOL_MAX: "20",
              REQUEST_TIMEOUT_MS: "8000",
              ...app,
            },
            { stopTimeout: 60 },
          ),
          container(bouncer, { DEFAULT_POOL_SIZE: "10", MAX_CLIENT_CONN: "100" }, { stopTimeout: 60 }),
        ]),
      },
      service: { loadBalancers: [], deploymentMaximumPercent: 100, deploymentMinimumHealthyPercent: 50 },
    }).resources;

  it("holds no connection for longer than the clients that stop with it", () => {
    const { tasks } = counted(rolling({ PG_POOL_MAX: "20", DB_POOL_IDLE_TIMEOUT_MS: "10000" }, "pgbouncer"));
    expect(tasks).toEqual({ api: 8, "api (pgbouncer)": 8 });
  });

  it("drains until it is killed where its clients may stay, and where it is another pooler", () => {
    const ofAny = counted(rolling({}, "pgbouncer")).tasks["api (pgbouncer)"];
    const odyssey = counted(rolling({ PG_POOL_MAX: "20", DB_POOL_IDLE_TIMEOUT_MS: "10000" }, "odyssey"));
    expect([ofAny, odyssey.tasks["api (odyssey)"]]).toEqual([16, 16]);
  });
});

/** Deployments of Kubernetes around the sample's database. */
const deployment = (
  name: string,
  replicas: number,
  containers: readonly PropertyMap[],
  pod: PropertyMap = {},
  made: readonly string[] = [DATABASE],
): PlanResource =>
  resource(
    "kubernetes:apps/v1:Deployment",
    name,
    {
      metadata: {
        name,
        annotations: { "poolproof/peak-requests-per-second": "50", "poolproof/db-hold-ms": "20" },
      },
      spec: { replicas, strategy: { type: "Recreate" }, template: { spec: { containers, ...pod } } },
    },
    { spec: made },
  );
const INI = `
; the front of the shop's database
[databases]
shop = host=db.internal port=5432 dbname=shop
[pgbouncer]
listen_port = 6432
pool_mode = transaction
max_client_conn = 200
default_pool_size = 12
`;
const map = (text: string | typeof UNKNOWN) =>
  resource(
    "kubernetes:core/v1:ConfigMap",
    "bouncer",
    { metadata: { name: "bouncer" }, data: { "pgbouncer.ini": text } },
    { data: [DATABASE] },
  );
const bouncer = (replicas = 2) =>
  deployment(
    "bouncer",
    replicas,
    [container("pgbouncer", {}, { volumeMounts: [{ name: "config", mountPath: "/etc/pgbouncer" }] })],
    { volumes: [{ name: "config", configMap: { name: "bouncer" } }] },
  );
const web = deployment("web", 4, [
  container("web", { DATABASE_URL: "postgres://app@pgbouncer:6432/shop", PG_POOL_MAX: "20" }),
]);
const around = (...resources: readonly PlanResource[]) =>
  counted([...samplePlan().resources.filter(({ type }) => !type.startsWith("aws:ecs")), ...resources]);
const pooler = (of: ReturnType<typeof counted>) =>
  of.stack.clients.find((client) => client.pooler !== undefined);
const sizeOf = (text: string | typeof UNKNOWN) => {
  const found = pooler(around(map(text), bouncer(), web));
  const { reading } = found?.settings.poolMax ?? {};
  return reading?.state === "known" ? reading.value : reading?.state;
};

describe("PgBouncer's own file in a ConfigMap", () => {
  it("says how many connections each pod holds, and how many clients it takes", () => {
    const of = around(map(INI), bouncer(), web);
    const found = pooler(of);
    expect([found?.settings.poolMax.reading, found?.pooler?.maxClients, found?.pooler?.mode]).toMatchObject([
      { value: 12 },
      { value: 200 },
      { value: "transaction" },
    ]);
    expect(of.demand).toBe(2 * 12 + DEFAULT_SETTINGS.capacity.operationsReserve);
  });

  it.each<[string, string | typeof UNKNOWN, unknown]>([
    [
      "what it leaves out is PgBouncer's default",
      "[databases]\nshop = host=db\n[pgbouncer]\npool_mode = session",
      20,
    ],
    ["a cap of 0 caps nothing", `${INI}max_db_connections = 0`, 12],
    ["a cap counts", `${INI}max_db_connections = 8`, 8],
    ["a reserve counts", `${INI}reserve_pool_size = 3`, 15],
    [
      "each database has its own pool",
      INI.replace("[pgbouncer]", "audit = host=db dbname=audit pool_size=5\n[pgbouncer]"),
      17,
    ],
    ["a database's own size counts", INI.replace("dbname=shop", "dbname=shop pool_size=30"), 30],
    ["another file may set anything", `${INI}%include /etc/pgbouncer/more.ini`, "unknown"],
    ["a user may have a size of its own", `${INI}[users]\nreport = pool_size=40`, "unknown"],
    [
      "a size in words is refused",
      INI.replace("default_pool_size = 12", "default_pool_size = many"),
      "malformed",
    ],
    ["a file that the preview hides", UNKNOWN, "unknown"],
  ])("%s", (_, text, size) => {
    expect(sizeOf(text)).toBe(size);
  });

  it("hands on nothing of its addresses but host and port", () => {
    const text =
      "[databases]\nshop = host=db port=5433 user=app password=hunter2\n[pgbouncer]\npool_mode=session";
    expect([...readIni(text).values()].join()).not.toContain("hunter2");
  });
});

describe("two poolers in a row", () => {
  const sidecar = (host: string) =>
    deployment("web", 4, [
      container("web", { DATABASE_URL: "postgres://app@127.0.0.1:6432/shop", PG_POOL_MAX: "20" }),
      container("pgbouncer", {
        PGBOUNCER_LISTEN_PORT: "6432",
        PGBOUNCER_DEFAULT_POOL_SIZE: "10",
        ...(host === "" ? {} : { DB_HOST: host, DB_PORT: "6432" }),
      }),
    ]);

  it("only the last one's connections reach the database, and it takes those of the first", () => {
    const of = around(map(INI), bouncer(), sidecar("pgbouncer"));
    const [first, last] = ["web (pgbouncer)", "bouncer (pgbouncer)"].map((name) =>
      of.stack.clients.find((client) => client.name === name),
    );
    expect(first?.behind).toMatchObject({ value: "bouncer (pgbouncer)" });
    expect(last?.behind).toBeUndefined();
    expect(last && knownValue(last.declared.peakRequestsPerSecond)).toBe(50);
    expect(of.demand).toBe(2 * 12 + DEFAULT_SETTINGS.capacity.operationsReserve);
  });

  it("a port to listen on leads nowhere", () => {
    const of = around(sidecar(""));
    expect(pooler(of)?.behind).toBeUndefined();
    expect(of.demand).toBe(4 * 10 + DEFAULT_SETTINGS.capacity.operationsReserve);
  });

  it("is undecided where the second is not of the stack", () => {
    const of = around(sidecar("pgbouncer.shared"));
    expect(pooler(of)?.behind?.state).toBe("unknown");
    expect(of.demand).toBeUndefined();
  });
});
