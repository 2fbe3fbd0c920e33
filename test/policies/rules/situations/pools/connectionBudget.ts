import { UNKNOWN } from "../../../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type Settings } from "../../../../../policies/plan/settings";
import { auroraPlan, CLUSTER, limitTo } from "../../../auroraPlan";
import {
  APP_RUNNER,
  appRunner,
  container,
  containers,
  DEPLOYMENT,
  deployment,
  described,
  FUNCTION,
  fromSecret,
  hostFrom,
  instead,
  lambda,
  PROXIED_PARAMETERS,
  proxyResources,
  secondDatabase,
  secondProxy,
  throughProxy,
  undeclared,
  WORKER,
  type WorkerSample,
  worker,
} from "../../../sampleClients";
import {
  DATABASE,
  environment,
  resource,
  SAFE,
  type Sample,
  SERVICE,
  samplePlan,
  tags,
  urn,
} from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("connections", SERVICE);
const pool = (poolMax: string, more: { readonly [name: string]: string } = {}) => ({
  environment: environment({ DB_POOL_MAX: poolMax, ...more }),
});
const served = (variables: { readonly [name: string]: string }) => ({
  environment: { REQUEST_TIMEOUT_MS: "8000", ...variables },
});
/** A pool of 100 that only reaches the PgBouncer of its own task. */
const sidecar = (bouncer: { readonly [name: string]: string }): Partial<Sample> =>
  containers(
    container("api", environment({ DB_POOL_MAX: "100", DATABASE_URL: "postgres://app@127.0.0.1:6432/shop" })),
    container("pgbouncer", { PGBOUNCER_DEFAULT_POOL_SIZE: "15", ...bouncer }),
  );
const others = (otherDemand: number) => ({ databases: [{ name: "db", otherDemand }] });
const tight = (max: string, more: Partial<Sample> = {}) => ({
  ...pool("11"),
  parameters: limitTo(max),
  ...more,
});
/**
 * An Aurora cluster of so many instances on 400 connections, which leave 306 for pools: the sample's pool of 12 takes 192 of
 * them, and a worker's what is asked for.
 */
const readers = (
  instances: number,
  poolMax: number,
  changes: Partial<WorkerSample> = {},
): Partial<Sample> => ({
  extra: [
    ...auroraPlan({
      parameters: limitTo("400"),
      cluster: { clusterIdentifier: "aurora" },
      members: Object.fromEntries(
        Array.from({ length: instances }, (_, i) => [`aurora-${i}`, { instanceClass: "db.r6g.4xlarge" }]),
      ),
    }),
    ...worker(poolMax, changes),
  ],
  tags: tags({ "poolproof:database": "aurora" }),
});
const atEndpoint = (endpoint?: unknown): Partial<WorkerSample> => ({
  tags: {
    "poolproof:database": "aurora",
    ...(endpoint === undefined ? {} : { "poolproof:endpoint": endpoint as string }),
  },
});
const hostAt = (part: string): Partial<WorkerSample> => ({
  environment: { DB_HOST: `aurora.${part}.eu-west-1.rds.amazonaws.com` },
});
const hidden = (service: WorkerSample["service"]) => worker(10, { service });

/** A pool behind the proxy; sessions that pin take a connection each. */
const through = (poolMax: string, sessions?: unknown, more: Partial<Sample> = {}): Partial<Sample> => ({
  ...throughProxy({ DB_POOL_MAX: poolMax }),
  tags: tags({ "poolproof:proxy-sessions": sessions as string }),
  ...more,
});
/** A proxy that nothing says whether the pool goes through. */
const PERHAPS = { extra: proxyResources().filter(({ name }) => name !== "host") };
/** A deployment that stops a task before it starts the next. */
const FIXED = { deploymentMaximumPercent: 100, deploymentMinimumHealthyPercent: 100 };
const PINNED = { "poolproof:proxy-sessions": "pinned" };

/** The sample goes around a proxy that a worker goes through. */
function aroundProxy(percent: number, poolMax: number, changes: Partial<WorkerSample> = {}): Partial<Sample> {
  const sample = throughProxy();
  const definitions = String(sample.taskDefinition?.containerDefinitions).replace("db/host", "db/direct");
  return {
    ...sample,
    taskDefinition: { containerDefinitions: definitions },
    extra: [
      ...proxyResources({ pool: { maxConnectionsPercent: percent } }),
      hostFrom(DATABASE, "direct"),
      ...worker(poolMax, { secrets: { DB_HOST: "db/host" }, ...changes }),
    ],
  };
}

/** The sample through two proxies at once. */
function throughBoth(): Partial<Sample> {
  const sample = throughProxy();
  const [api] = JSON.parse(String(sample.taskDefinition?.containerDefinitions));
  api.secrets.push({ name: "READER_HOST", valueFrom: api.secrets[0].valueFrom.replace("host", "two") });
  return { ...sample, ...containers(api), extra: [...(sample.extra ?? []), ...secondProxy()] };
}

/** The sample behind the proxy, whose share is hidden or not, beside a worker whose size is in a secret. */
const hiddenWorker = (host: string, pool = {}): Partial<Sample> => {
  const sample = throughProxy({}, { pool });
  const secrets = { DB_HOST: `db/${host}`, DB_POOL_MAX: "pool" };
  const extra = [hostFrom(DATABASE, "direct"), ...worker(undefined, { secrets })];
  return { ...sample, extra: [...(sample.extra ?? []), ...extra] };
};

/** The container of the sample, with its host from where it is told to. */
const hosted = (host: string) =>
  containers(
    container("api", SAFE.environment, {
      secrets: [
        { name: "DB_HOST", valueFrom: `arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/${host}` },
      ],
    }),
  );

/** The function with a pool of its own in the place of the service. */
function resize(
  poolMax: string,
  peak: string,
  concurrency?: number,
  more: ReturnType<typeof lambda>[] = [],
  limit = "400",
) {
  const { resources } = samplePlan({ parameters: limitTo(limit) });
  const function_ = lambda({
    environment: { variables: { DB_POOL_MAX: poolMax, DB_POOL_ACQUIRE_TIMEOUT_MS: "1000" } },
    tags: { "poolproof:peak-requests-per-second": peak, "poolproof:db-hold-ms": "100" },
    ...(concurrency === undefined ? {} : { reservedConcurrentExecutions: concurrency }),
  });
  return { resources: [...resources.filter(({ type }) => !type.startsWith("aws:ecs")), function_, ...more] };
}
const cancel = lambda(
  { tags: { "poolproof:peak-requests-per-second": "50", "poolproof:db-hold-ms": "100" } },
  "cancel",
);

const elsewhere: Settings["clients"] = [described("worker", 10), described("batch", 30)];
const named = (n: number) => ["a", "b", "c", "d", "e", "f"].slice(0, n).map((name) => described(name, 20));

const MYSQL: Partial<Sample> = {
  environment: { MYSQL_CONNECTION_LIMIT: "12", REQUEST_TIMEOUT_MS: "8000" },
  database: { engine: "mysql", engineVersion: "8.4" },
};

export const CONNECTION_BUDGET = [
  given("The pool is at its ceiling", pool("19")),
  given("The pool is above its ceiling", pool("20")).violates(20, [11, 19]),
  given("Pools that fit each alone exceed the budget together", { extra: worker(15) }).finds(DATABASE, 317, [
    null,
    311,
  ]),
  given("Two pools fit the budget together", { extra: worker(10) }),
  given("Described clients share the database", {}, { clients: elsewhere }).finds(DATABASE, 357, [null, 311]),
  given("A task has two processes", pool("10", { WEB_CONCURRENCY: "2" })).violates(10, [7, 9]),
  given("Four clients share the database", {}, { clients: named(3) }).finds(DATABASE, 437, [null, 311]),
  given("Five clients share the database", {}, { clients: named(4) }).finds(DATABASE, 517, [null, 311]),
  given("Seven clients share the database", {}, { clients: named(6) }).finds(DATABASE, 677, [null, 311]),
  given("Five equal clients exceed it together", pool("11"), {
    clients: ["a", "b", "c", "d"].map((name) => undeclared(name, 11)),
  }).finds(DATABASE, 357, [null, 311]),
  given("Equal clients whose floors allow less", pool("11"), {
    clients: ["a", "b", "c"].map((name) => described(name, 18, { peakRequestsPerSecond: 40 })),
  }).finds(DATABASE, 397, [null, 311]),
  given("Autoscaling may start 20 tasks", { scaling: { minCapacity: 8, maxCapacity: 20 } }).violates(
    12,
    [11, 7],
  ),
  given("The window holds one size", { ...pool("12"), parameters: limitTo("238") }).violates(12, [11, 11]),
  given("Another client declares no demand", {}, { clients: [undeclared("worker", 60)] }).finds(
    DATABASE,
    437,
    [null, 311],
  ),
  given("The limit is estimated from the class", {
    ...pool("60"),
    parameters: [],
    database: { instanceClass: "db.m7g.large" },
  }).violates(60, [11, 38]),
  given("Clients of other stacks leave room", pool("15"), others(60)),
  given("Clients of other stacks leave no room", pool("16"), others(60)).violates(16, [11, 15]),
  given("Another pool is hidden and this one exceeds the budget alone", {
    ...pool("20"),
    extra: hidden({ deploymentMaximumPercent: UNKNOWN }),
  })
    .finds(DATABASE, 325, [null, 311])
    .leavesOpen(WORKER, "deploymentMaximumPercent"),
  given("Another pool is hidden and the rest fits", {
    extra: hidden({ deploymentMaximumPercent: UNKNOWN }),
  }).leavesOpen(WORKER, "deploymentMaximumPercent"),
  given(
    "The pool is in a secret and others alone exceed the budget",
    fromSecret("DB_POOL_MAX", {}),
    others(400),
  )
    .finds(DATABASE, 405, [null, 311])
    .undecided("containerDefinitions"),
  given(
    "A worker's pool is in a secret and the others exceed the budget",
    { extra: worker(undefined, { secrets: { DB_POOL_MAX: "pool" } }) },
    others(120),
  )
    .finds(DATABASE, 317, [null, 311])
    .leavesOpen(WORKER, "containerDefinitions"),

  given("Sessions may pin, and the pool fits if they do", through("19")),
  given("Sessions may pin, and the pool fits only if they do not", through("21")).undecided(
    "poolproof:proxy-sessions",
  ),
  given("Sessions multiplex, and the pool fits", through("21", "multiplexed")),
  given("Sessions pin, and the pool fits", through("19", "pinned")),
  given("Sessions pin, and the pool does not fit", through("21", "pinned")).violates(21, [11, 19]),
  given("The tag on sessions says neither", through("19", "sometimes")).malformed("poolproof:proxy-sessions"),
  given("The tag on sessions is hidden", through("19", UNKNOWN)).undecided("poolproof:proxy-sessions"),
  given("The tag on sessions is hidden where there is no proxy", {
    tags: tags({ "poolproof:proxy-sessions": UNKNOWN }),
  }),
  given("Sessions may pin, and the last connection is taken", through("19"), others(2)),
  given("Sessions may pin, and one connection is missing", through("19"), others(3)).undecided(
    "poolproof:proxy-sessions",
  ),
  given(
    "Sessions multiplex and the hold time is hidden",
    through("19", undefined, {
      tags: tags({ "poolproof:proxy-sessions": "multiplexed", "poolproof:db-hold-ms": UNKNOWN }),
    }),
    others(3),
  ),
  given(
    "Sessions multiplex and the hold time is missing",
    through("19", undefined, {
      tags: tags({ "poolproof:proxy-sessions": "multiplexed", "poolproof:db-hold-ms": undefined }),
    }),
    others(3),
  ),
  given("The proxy's share bounds what the pool may take", {
    ...throughProxy({ DB_POOL_MAX: "90" }, { pool: { maxConnectionsPercent: 60 } }),
  }),
  given("The pool does not fit even if every session multiplexes", {
    ...through("60"),
    tags: tags({ "poolproof:peak-requests-per-second": "2600" }),
  }).finds(DATABASE, 335, [null, 311]),
  given("Nothing says whether the pool goes through the proxy", { extra: proxyResources() }).undecided(
    "containerDefinitions",
  ),
  given("Nothing says whether the pool goes through the proxy, and it does not fit", {
    ...PERHAPS,
    ...pool("20"),
  })
    .undecided("containerDefinitions")
    .undecided("poolproof:database"),
  given("The pool may go through the proxy, and what is certain exceeds the budget", PERHAPS, others(270))
    .finds(DATABASE, 331, [null, 311])
    .undecided("containerDefinitions"),
  given("The tag names the proxy", {
    parameters: PROXIED_PARAMETERS,
    extra: proxyResources(),
    tags: tags({ "poolproof:database": "proxy" }),
  }),
  given(
    "The pool goes through the proxy and others exceed the budget",
    throughProxy({ DB_POOL_MAX: "40" }),
    others(290),
  ).finds(DATABASE, 351, [null, 311]),
  given("The pool goes through two proxies and others exceed the budget", throughBoth(), others(300)).finds(
    DATABASE,
    361,
    [null, 311],
  ),
  given(
    "A worker pins behind a proxy that the pool goes around",
    aroundProxy(90, 60, { tags: PINNED }),
  ).finds(DATABASE, 557, [null, 311]),
  given("A worker may pin behind a proxy that the pool goes around", aroundProxy(80, 30)).leavesOpen(
    WORKER,
    "poolproof:proxy-sessions",
  ),
  given("A worker's pool is in a secret behind the proxy", hiddenWorker("host"))
    .undecided("poolproof:proxy-sessions")
    .leavesOpen(WORKER, "poolproof:proxy-sessions"),
  given("A worker's pool is in a secret and goes around the proxy", hiddenWorker("direct")).leavesOpen(
    WORKER,
    "containerDefinitions",
  ),
  given(
    "A worker's pool is in a secret and the proxy's share is hidden",
    hiddenWorker("host", { maxConnectionsPercent: UNKNOWN }),
  ).leavesOpen(WORKER, "containerDefinitions"),

  given("The host comes from the database, of two", {
    ...hosted("itself"),
    extra: [hostFrom(DATABASE, "itself"), secondDatabase()],
  }),
  given("Nothing says which of two databases the service uses", { extra: [secondDatabase()] }).undecided(
    "tags",
  ),
  given("Nothing says which of two databases a function uses", {
    extra: [secondDatabase(), lambda()],
    tags: tags({ "poolproof:database": "db" }),
  }).leavesOpen(FUNCTION, "tags"),
  given(
    "Nothing says which of two databases a described client uses",
    { extra: [secondDatabase()], tags: tags({ "poolproof:database": "db" }) },
    { clients: [described("batch", 3)] },
  ).leavesOpen(urn("poolproof:declared:Client", "batch"), "tags"),
  given("The tag says which of two databases the service uses", {
    extra: [secondDatabase({ instanceClass: UNKNOWN })],
    tags: tags({ "poolproof:database": "db" }),
  }),
  given("The stack has no database", {
    resources: samplePlan().resources.filter(({ type }) => !type.startsWith("aws:rds/")),
  }),
  given("RDS would refuse the limit", { parameters: limitTo("3") }),
  given("The limit is hidden", { parameters: UNKNOWN }).leavesOpen(DATABASE, "parameters"),
  given("The tasks are beyond the model", { scaling: { minCapacity: 8, maxCapacity: 9e15 } }).undecided(
    "containerDefinitions",
  ),
  given("The share of a deployment is a word", {
    service: { deploymentMaximumPercent: "many" },
  }).malformed("deploymentMaximumPercent"),

  given("The window is closed, and a larger class opens it", {
    parameters: limitTo("200"),
    database: { instanceClass: "db.t4g.micro" },
  }).violates(12, [11, 9]),
  given("The window is closed, and another client is above its floor", tight("270"), {
    clients: [described("worker", 15)],
  }).finds(DATABASE, 241, [null, 207]),
  given("The window is closed, and another client is at its floor", tight("240"), {
    clients: [described("worker", 6)],
  }).finds(DATABASE, 205, [null, 183]),
  given("The window is closed, and another client's floor is not known", tight("270"), {
    clients: [undeclared("worker", 15)],
  }).finds(DATABASE, 241, [null, 207]),
  given("The window is closed, and one of two clients declares its demand", tight("280"), {
    clients: [undeclared("batch", 2, { instances: 4 }), described("worker", 14)],
  }).finds(DATABASE, 245, [null, 215]),
  given("The window is closed, and several clients have to give way", tight("305"), {
    clients: [described("worker", 9), described("batch", 9)],
  }).finds(DATABASE, 253, [null, 235]),
  given("The window is closed, and three clients have to give way", tight("305"), {
    clients: [
      described("c", 9, { instances: 2 }),
      described("d", 9, { instances: 2 }),
      described("e", 9, { instances: 2 }),
    ],
  }),
  given("The window is closed, and another client has two processes", tight("270"), {
    clients: [described("worker", 15, { processesPerInstance: 2, instances: 2 })],
  }).finds(DATABASE, 241, [null, 207]),
  given("The window is closed for a pool whose demand is hidden", {
    parameters: limitTo("20"),
    tags: tags({ "poolproof:db-hold-ms": UNKNOWN }),
  }).violates(12, [1, 0]),
  given("Another client takes what this pool's floor needs", pool("3"), {
    clients: [undeclared("worker", 90)],
  }).finds(DATABASE, 413, [null, 311]),

  given("Autoscaled tasks, their number at peak or a deployment may open the window", {
    parameters: limitTo("150"),
    service: FIXED,
    scaling: { minCapacity: 4, maxCapacity: 12 },
  }).violates(12, [11, 8]),
  given("Half of the tasks may be stopped while the window is closed", {
    ...pool("20"),
    parameters: limitTo("200"),
    service: { ...FIXED, deploymentMinimumHealthyPercent: 50 },
    scaling: { minCapacity: 4, maxCapacity: 9 },
  }).violates(20, [18, 11]),
  given("One role of the stack has fewer connections than its pools open", {
    extra: [resource("postgresql:index/role:Role", "app", { name: "app", connectionLimit: 100 })],
  }).finds(DATABASE, 192, [null, 100]),
  given("One role of the stack has as many connections as its pools open", {
    extra: [resource("postgresql:index/role:Role", "app", { name: "app", connectionLimit: 192 })],
  }),
  given("Stopped tasks of a deployment drain", {
    ...pool("19", { DB_POOL_IDLE_TIMEOUT_MS: "0" }),
    scaling: { minCapacity: 10, maxCapacity: 10 },
    service: { deploymentMaximumPercent: 110 },
  }).violates(19, [11, 18]),
  given("An account of MySQL has fewer connections than its pools open", {
    ...MYSQL,
    parameters: [...limitTo("400"), { name: "max_user_connections", value: "100" }],
  }).finds(DATABASE, 192, [null, 100]),
  given("An account of MySQL has as many connections as its pools open", {
    ...MYSQL,
    parameters: [...limitTo("400"), { name: "max_user_connections", value: "192" }],
  }),
  given("A role that no pool is known to use has few connections", {
    extra: [
      resource("postgresql:index/role:Role", "app", { name: "app" }),
      resource("postgresql:index/role:Role", "reports", { name: "reports", connectionLimit: 5 }),
    ],
  }),
  ...(["postgres://reports:x@db:5432/shop", "jdbc:postgresql://db/shop?ssl=true&user=reports"] as const).map(
    (url) =>
      given(`One of several roles has few connections, and a pool uses it by ${url.split(":")[0]} URL`, {
        environment: environment({ DATABASE_URL: url }),
        extra: [
          resource("postgresql:index/role:Role", "app", { name: "app" }),
          resource("postgresql:index/role:Role", "reports", { name: "reports", connectionLimit: 5 }),
        ],
      }).finds(DATABASE, 192, [null, 5]),
  ),
  given("A database has few connections, and a pool uses another one by its URL", {
    environment: environment({ DATABASE_URL: "postgres://app@db/shop" }),
    extra: [
      resource("postgresql:index/database:Database", "a", { name: "shop" }),
      resource("postgresql:index/database:Database", "b", { name: "audit", connectionLimit: 5 }),
    ],
  }),
  given("More tasks may serve the peak while the window is closed", {
    parameters: limitTo("220"),
    tags: tags({ "poolproof:tasks-at-peak": "4", "poolproof:db-hold-ms": "60" }),
  }).violates(12, [12, 10]),
  given("The window is closed behind a proxy whose sessions pin", {
    ...through("12", "pinned"),
    parameters: limitTo("200"),
  }).violates(12, [11, 9]),
  given("The window is closed, and a larger class has a larger formula", {
    parameters: [],
    database: { instanceClass: "db.t4g.small" },
  }).violates(12, [11, 8]),
  given("The window is closed, and the class is small besides", {
    parameters: limitTo("200"),
    database: { instanceClass: "db.t4g.small" },
  }).violates(12, [11, 9]),
  ...(
    [
      ["20", 0],
      ["60", 2],
      ["100", 5],
    ] as const
  ).map(([limit, ceiling]) =>
    given(`The window is closed at ${limit} connections`, {
      parameters: limitTo(limit),
      service: { deploymentMaximumPercent: 125 },
    }).violates(12, [11, ceiling]),
  ),
  given(
    "The window of a described client is closed",
    { parameters: limitTo("380") },
    {
      clients: [described("worker", 40, { instances: 16, tasksAtPeak: 6, peakRequestsPerSecond: 400 })],
    },
  ).finds(DATABASE, 837, [null, 295]),
  given("The window is closed, and the tasks are hidden", {
    parameters: limitTo("100"),
    scaling: { minCapacity: 8, maxCapacity: UNKNOWN },
  }).undecided("maxCapacity"),

  given("A function's pools exceed the budget", resize("10", "100")).finds(FUNCTION, 10, [1, 0]),
  given("A function's lowest concurrency fits", resize("1", "100", 21)),
  given("A function's highest concurrency fits", resize("1", "100", 306)),
  given("A function's concurrency is one too many", resize("1", "100", 307)).finds(FUNCTION, 1, [1, 0]),
  given("Two functions exceed the budget", resize("1", "100", undefined, [cancel])).finds(DATABASE, 1005, [
    null,
    311,
  ]),
  given("A function's floor is all that the budget leaves", resize("1", "100", undefined, [], "44")).finds(
    FUNCTION,
    1,
    [1, 0],
  ),
  given("A function takes what the service needs", { extra: [lambda()] }).finds(DATABASE, 1197, [null, 311]),
  given("A function's fewest environments are too many", resize("1", "3000")).finds(FUNCTION, 1, [1, 0]),
  given("Children of PHP-FPM take too much", served({ PHP_FPM_PM_MAX_CHILDREN: "40" })).finds(DATABASE, 645, [
    null,
    311,
  ]),
  given(
    "Active Record opens no more than its threads use",
    served({ RAILS_MAX_THREADS: "5", DB_POOL: "25" }),
  ),
  given("Gunicorn's workers each have a pool", {
    ...containers(
      container(
        "api",
        { SQLALCHEMY_POOL_SIZE: "5", REQUEST_TIMEOUT_MS: "8000" },
        {
          command: ["gunicorn", "-w", "4", "-k", "uvicorn.workers.UvicornWorker", "app:app"],
        },
      ),
    ),
  }).violates(15, [5, 4]),
  given(
    "Nothing says what one of its processes serves at once",
    served({ SQLALCHEMY_POOL_SIZE: "5", WEB_CONCURRENCY: "4" }),
  ).undecided("concurrencyPerProcess"),
  given("A pooler holds the connections of the task", sidecar({ PGBOUNCER_MAX_CLIENT_CONN: "500" })),
  given("A pooler takes too few clients", sidecar({ PGBOUNCER_MAX_CLIENT_CONN: "60" })).violates(100, [
    null,
    60,
  ]),
  given("Poolers together hold too many", sidecar({ PGBOUNCER_DEFAULT_POOL_SIZE: "40" })).finds(
    DATABASE,
    645,
    [null, 311],
  ),
  given("A deployment recreates its pods", instead(deployment("38"))),
  given("A deployment holds too many", instead(deployment("50"))).finds(DEPLOYMENT, 50, [11, 38]),
  given(
    "Both revisions of a deployment hold their pools",
    instead(deployment("30", { strategy: { rollingUpdate: { maxSurge: "25%" } } })),
  ).finds(DEPLOYMENT, 30, [13, 19]),
  given(
    "The surge of a deployment is hidden",
    instead(deployment("11", { strategy: { rollingUpdate: { maxSurge: UNKNOWN } } })),
  ).leavesOpen(DEPLOYMENT, "maxSurge"),
  given("An App Runner service runs twice during a deployment", instead(appRunner("8"))).finds(
    APP_RUNNER,
    8,
    [10, 6],
  ),
  given("The variables of an App Runner service are hidden", instead(appRunner("8", UNKNOWN))).leavesOpen(
    APP_RUNNER,
    "sourceConfiguration",
  ),
  given("A pool and a reader's pool each fit their instance", readers(2, 20, atEndpoint("reader"))),
  given("Nothing says that a pool is the reader's", readers(2, 20, atEndpoint())).finds(CLUSTER, 357, [
    null,
    311,
  ]),
  given("A pool is the writer's, as its tag says", readers(2, 20, atEndpoint("writer"))).finds(CLUSTER, 357, [
    null,
    311,
  ]),
  given("The host of a pool is the reader endpoint", readers(2, 20, hostAt("cluster-ro-abc"))),
  given("The host of a pool is the cluster's endpoint", readers(2, 20, hostAt("cluster-abc"))).finds(
    CLUSTER,
    357,
    [null, 311],
  ),
  given(
    "The tag says reader, and the host is the cluster's endpoint",
    readers(2, 20, { ...hostAt("cluster-abc"), ...atEndpoint("reader") }),
  )
    .finds(CLUSTER, 357, [null, 311])
    .rejectsValue(WORKER, "poolproof:endpoint"),
  given("The endpoint is a word of its own", readers(2, 2, atEndpoint("replica"))).rejectsValue(
    WORKER,
    "poolproof:endpoint",
  ),
  given("The endpoint is hidden", readers(2, 2, atEndpoint(UNKNOWN))).leavesOpen(
    WORKER,
    "poolproof:endpoint",
  ),
  given("A reader's pool is too large for one reader", readers(3, 40, atEndpoint("reader"))).finds(
    WORKER,
    40,
    [1, 38],
  ),
  given("A cluster has no reader", readers(1, 20, atEndpoint("reader"))).finds(CLUSTER, 357, [null, 311]),
  given("A cluster's only reader may be promoted", readers(2, 20, atEndpoint("reader")), {
    capacity: { ...DEFAULT_SETTINGS.capacity, surviveZoneLoss: true },
  }).finds(CLUSTER, 357, [null, 311]),
  given("One of a cluster's readers may be promoted", readers(3, 20, atEndpoint("reader")), {
    capacity: { ...DEFAULT_SETTINGS.capacity, surviveZoneLoss: true },
  }),
  given("The policy configuration says that a pool is the reader's", readers(2, 20, atEndpoint()), {
    pools: [{ client: "worker", endpoint: "reader" }],
  }),
];
