import { type Plan, type PropertyMap, UNKNOWN } from "../../../../../policies/plan/plan";
import { limitTo } from "../../../auroraPlan";
import {
  APP_RUNNER,
  appRunner,
  DEPLOYMENT,
  deployment,
  described,
  FUNCTION,
  fromSecret,
  instead,
  lambda,
  throughProxy,
  worker,
} from "../../../sampleClients";
import {
  environment,
  resource,
  type Sample,
  SERVICE,
  samplePlan,
  tags,
  urn,
  withProperties,
} from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("connections", SERVICE);
type Variables = { readonly [name: string]: string | undefined };

const pool = (poolMax: string | undefined, more: Variables = {}) => ({
  environment: environment({ DB_POOL_MAX: poolMax, ...more }),
});
const demand = (peak: string, holdMs: string): Pick<Sample, "tags"> => ({
  tags: tags({
    "poolproof:peak-requests-per-second": peak,
    "poolproof:db-hold-ms": holdMs,
    "poolproof:db-acquisitions-per-request": "1",
  }),
});
const without = (tag: string, value?: string) => ({ tags: tags({ [`poolproof:${tag}`]: value }) });
const library = (variables: Variables) =>
  pool(undefined, { DB_POOL_ACQUIRE_TIMEOUT_MS: undefined, ...variables });

/** A function in the place of the service: 100 requests/s of 1.5 acquisitions of 40 ms. */
const resize = (properties: PropertyMap, declared: PropertyMap = {}) =>
  instead(
    lambda({
      tags: {
        "poolproof:peak-requests-per-second": "100",
        "poolproof:db-hold-ms": "40",
        "poolproof:db-acquisitions-per-request": "1.5",
        ...declared,
      },
      ...properties,
    }),
  );

/** A second target group of the same name, whose settings come after the sample's own. */
const sticky = (stickiness: PropertyMap) =>
  resource("aws:lb/targetGroup:TargetGroup", "api-tg", { arn: UNKNOWN, stickiness });

const PINNED = { "poolproof:proxy-sessions": "pinned" };
/** Behind a proxy that may open 200 connections, one for each of its sessions. */
const pinned: Partial<Sample> = {
  ...throughProxy({ DB_POOL_MAX: "8" }, { pool: { maxConnectionsPercent: 50 } }),
  tags: tags(PINNED),
};
const reporting = (more: object) => ({
  pools: [{ client: "api", pool: "reporting", library: "node-postgres", ...more }],
  demand: [{ service: "api (reporting)", peakRequestsPerSecond: 100 }],
});

/** 100 requests/s of 50 ms that each hold so many connections at once, on one task. */
const holding = (held: string, poolMax: string, more: Sample["tags"] = {}): Partial<Sample> => ({
  ...pool(poolMax),
  tags: tags({
    "poolproof:peak-requests-per-second": "100",
    "poolproof:db-hold-ms": "25",
    "poolproof:db-acquisitions-per-request": "2",
    "poolproof:tasks-at-peak": "1",
    "poolproof:connections-held-at-once": held,
    ...more,
  }),
});
const IN_FLIGHT = { "poolproof:requests-in-flight": "12" };
/** Behind a Network Load Balancer, over so many subnets. */
const network = (poolMax: string, crossZone: boolean): Plan => {
  const plan = samplePlan({
    ...pool(poolMax),
    tags: tags({ "poolproof:tasks-at-peak": "5" }),
    scaling: { minCapacity: 5, maxCapacity: 5 },
    service: { networkConfiguration: { subnets: ["subnet-a", "subnet-b", "subnet-c"] } },
  });
  const balancer = { loadBalancerType: "network", enableCrossZoneLoadBalancing: crossZone };
  return withProperties(plan, "aws:lb/loadBalancer:LoadBalancer", balancer);
};
const rails = (threads: string, size: string): Partial<Sample> => ({
  ...library({ RAILS_ENV: "production", RAILS_MAX_THREADS: threads, DB_POOL: size }),
  tags: tags({ "poolproof:connections-held-at-once": "2" }),
});

export const POOL_FLOOR = [
  given("The pool is at its floor", pool("11")),
  given("The pool is below its floor", pool("3")).violates(3, [11, 19]),
  given("The pool is one below its floor", pool("10")).violates(10, [11, 19]),
  given("The pool is as large as the load", { ...pool("3"), ...demand("100", "240") }).violates(3, [9, 19]),
  given("The pool carries the load, and too many requests wait", pool("7")).violates(7, [11, 19]),
  given("The wait for a connection never ends", pool("7", { DB_POOL_ACQUIRE_TIMEOUT_MS: "0" })).violates(
    7,
    [11, 19],
  ),
  given(
    "The wait for a connection is in a secret",
    fromSecret("DB_POOL_ACQUIRE_TIMEOUT_MS", environment({ DB_POOL_MAX: "7" })),
  ).violates(7, [11, 19]),
  given("A task has two processes", pool("2", { WEB_CONCURRENCY: "2" })).violates(2, [7, 9]),
  given("The size is the library's default", pool(undefined)).violates(10, [11, 19]),
  given("The window holds one size", { ...pool("3"), parameters: limitTo("238") }).violates(3, [11, 11]),
  given("The window is closed by one connection", { ...pool("3"), parameters: limitTo("220") }).violates(
    3,
    [11, 10],
  ),
  given("The window is closed, and levers open it", { ...pool("3"), parameters: limitTo("200") }).violates(
    3,
    [11, 9],
  ),
  given("A named lever is pulled", { ...pool("11"), parameters: limitTo("238") }),
  given("The share of a proxy closes the window, and no lever opens it", {
    ...pinned,
    extra: [...(pinned.extra ?? []), ...worker(10, { secrets: { DB_HOST: "db/host" }, tags: PINNED })],
  }).violates(8, [11, 7]),
  given("The database's limit is hidden", { ...pool("3"), parameters: UNKNOWN }).violates(3, [11, null]),
  given("A config key sets the pool", pool("3"), { configKeys: { DB_POOL_MAX: "shop:poolMax" } }).violates(
    3,
    [11, 19],
  ),
  given("A config key of another project sets the pool", pool("3"), {
    configKeys: { DB_POOL_MAX: "auth:poolMax" },
  }).violates(3, [11, 19]),
  given("The policy configuration declares the demand", pool("12"), {
    demand: [{ service: "api-*", peakRequestsPerSecond: 800, holdMs: 90 }],
  }).violates(12, [18, 19]),
  given("The policy configuration declares another service's demand", pool("12"), {
    demand: [{ service: "other", peakRequestsPerSecond: 800 }],
  }),
  given("A described client's pool is below its floor", {}, { clients: [described("batch", 3)] }).finds(
    urn("poolproof:declared:Client", "batch"),
    3,
    [6, 28],
  ),

  given("The pool is a word", pool("ten")).violates("ten", [11, 19]),
  given("The pool is 0", pool("0")).violates(0, [11, 19]),
  given("The pool is negative", pool("-3")).violates(-3, [11, 19]),
  given("The pool is not a number", pool("NaN")).violates("NaN", [11, 19]),
  given("The pool is a fraction", pool("2.5")).violates(2.5, [11, 19]),
  given("The pool is empty", pool("")).violates("", [11, 19]),
  given("The pool is hexadecimal", pool("0x10")).violates("0x10", [11, 19]),
  given("The pool is beyond all numbers", pool("1e300")).violates(1e300, [11, 19]),
  given("The pool is written with an exponent", pool("1e1")).violates(10, [11, 19]),
  given("The pool is written with a sign", pool("+12")).violates(12, [11, 19]),
  given("The pool is written with a decimal point", pool("12.0")).violates(12, [11, 19]),
  given("The pool is written with a unit", pool("12 connections")).violates("12 connections", [11, 19]),
  given("The pool is a word and the demand is missing", {
    ...pool("ten"),
    ...without("db-hold-ms"),
  }).violates("ten", [1, 19]),
  given("Two variables disagree on the pool", pool("12", { POOL_MAX: "3" })).violates(null, [11, 19]),

  given(
    "HikariCP's pool is below its floor",
    library({ SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE: "3" }),
  ).violates(3, [11, 19]),
  given(
    "HikariCP's default is below the floor",
    library({ SPRING_DATASOURCE_URL: "jdbc:postgresql://db/shop" }),
  ).violates(10, [11, 19]),
  given(
    "SQLAlchemy's pool and overflow are below the floor",
    library({ SQLALCHEMY_POOL_SIZE: "2", SQLALCHEMY_MAX_OVERFLOW: "1" }),
  ).violates(3, [11, 19]),
  given("SQLAlchemy's overflow has no end", library({ SQLALCHEMY_MAX_OVERFLOW: "-1" })).violates(
    -1,
    [11, 19],
  ),
  given("Go's pool is below its floor", library({ DB_MAX_OPEN_CONNS: "3" })).violates(3, [11, 19]),
  given("Go's pool is 0, which is without a limit", library({ DB_MAX_OPEN_CONNS: "0" })).violates(
    0,
    [11, 19],
  ),
  given("Go's pool is not set", library({ DB_CONN_MAX_LIFETIME: "5m" })).violates(null, [11, 19]),
  given("Go's pool is 0 and the service says that it is Go", {
    ...library({ DB_MAX_OPEN_CONNS: "0" }),
    tags: tags({ "poolproof:pool-library": "go-database-sql" }),
  }).violates(0, [11, 19]),
  given(
    "Prisma's pool is below its floor",
    library({
      DATABASE_URL: "postgresql://app:hunter2@db/shop?connection_limit=3",
      PRISMA_CLIENT_ENGINE_TYPE: "library",
    }),
  ).violates(3, [11, 19]),
  given(
    "Prisma's version is not known",
    library({ DATABASE_URL: "postgresql://app:hunter2@db/shop?connection_limit=3" }),
  ).undecided("poolproof:pool-library"),
  given(
    "Ten threads share five connections",
    library({ RAILS_ENV: "production", RAILS_MAX_THREADS: "10", DB_POOL: "5" }),
  ).violates(5, [10, 19]),
  given(
    "Threads are no more than connections",
    library({ RAILS_ENV: "production", RAILS_MAX_THREADS: "12", DB_POOL: "12" }),
  ),
  given(
    "Threads are too few for the load",
    library({ RAILS_ENV: "production", RAILS_MAX_THREADS: "4", DB_POOL: "25" }),
  ).violates(4, [7, null], "threads"),
  given("Children of PHP-FPM are too few for the load", library({ PHP_FPM_PM_MAX_CHILDREN: "2" })).violates(
    1,
    [4, null],
    "threads",
  ),
  given("Children of PHP-FPM carry the load", library({ PHP_FPM_PM_MAX_CHILDREN: "10" })),
  given(
    "Requests of a managed instance share one connection",
    resize(
      {
        reservedConcurrentExecutions: 100,
        capacityProviderConfig: {
          lambdaManagedInstancesCapacityProviderConfig: { perExecutionEnvironmentMaxConcurrency: 64 },
        },
      },
      {},
    ),
  ).finds(FUNCTION, 1, [11, 153]),
  given("A pool of an unnamed library is below its floor", library({ POOL_MAX: "3" })).violates(3, [11, 19]),
  given("A pool of an unnamed library is large enough", library({ DB_POOL_SIZE: "12" })),
  given("Nothing says which library holds the pool", {
    environment: { REQUEST_TIMEOUT_MS: "8000" },
  }).undecided("containerDefinitions"),

  given(
    "The policy configuration sizes a second pool too small",
    pool("12", { DB_REPORTS: "2" }),
    reporting({ values: { poolMax: 1, acquireTimeoutMs: 1000 } }),
  ).violates(1, [5, 7]),
  given(
    "A variable sizes a second pool too small",
    pool("12", { DB_REPORTS: "2" }),
    reporting({ variables: { poolMax: ["DB_REPORTS"] }, values: { acquireTimeoutMs: 1000 } }),
  ).violates(2, [5, 7]),

  given("The containers are hidden", { taskDefinition: { containerDefinitions: UNKNOWN } }).undecided(
    "containerDefinitions",
  ),
  given("The peak is missing", without("peak-requests-per-second")),
  given("The hold time is missing", without("db-hold-ms")),
  given("The peak is a word", without("peak-requests-per-second", "many")),
  given("The hold time is a word", without("db-hold-ms", "long")),
  given("The acquisitions are a word", without("db-acquisitions-per-request", "some")),
  given("The tasks at peak are a word", { ...pool("10"), ...without("tasks-at-peak", "many") }).violates(
    10,
    [11, 19],
  ),

  given("Requests hold two connections at once, and nothing bounds them", {
    ...holding("2", "9"),
    parameters: limitTo("800"),
  }).violates(9, [29, 39]),
  given("Requests hold two of as many connections as hardly ever deadlock", {
    ...holding("2", "29"),
    parameters: limitTo("800"),
  }),
  given("Requests hold three connections at once, and nothing bounds them", holding("3", "19")).violates(
    19,
    [57, 19],
  ),
  given("Twelve requests in flight hold two connections each", holding("2", "12", IN_FLIGHT)).violates(
    12,
    [13, 19],
  ),
  given("Twelve requests in flight hold two of thirteen connections each", holding("2", "13", IN_FLIGHT)),
  given("Twelve requests in flight hold one connection each", holding("1", "12", IN_FLIGHT)),
  given("How many connections a request holds is a word", holding("two", "9")).malformed(
    "poolproof:connections-held-at-once",
  ),
  given("How many connections a request holds is hidden", {
    ...pool("12"),
    tags: tags({ "poolproof:connections-held-at-once": UNKNOWN }),
  }).undecided("poolproof:connections-held-at-once"),
  given("Ten threads hold two connections each", rails("10", "10")).violates(10, [11, 19]),
  given("Ten threads hold two of eleven connections each", rails("10", "11")),
  given(
    "A function holds two connections at once",
    resize({ reservedConcurrentExecutions: 15 }, { "poolproof:connections-held-at-once": "2" }),
  ).finds(FUNCTION, 1, [2, 20]),
  given("A Network Load Balancer shares requests by zone", network("17", false)).violates(17, [22, 19]),
  given("A Network Load Balancer shares requests across zones", network("17", true)),

  given("A function may run too few environments", resize({ reservedConcurrentExecutions: 5 })).finds(
    FUNCTION,
    5,
    [15, null],
    "environments",
  ),
  given(
    "A function's concurrency is one below its floor",
    resize({ reservedConcurrentExecutions: 14 }),
  ).finds(FUNCTION, 14, [15, null], "environments"),
  given("A function's concurrency is at its floor", resize({ reservedConcurrentExecutions: 15 })),
  given("A function's concurrency is hidden", resize({ reservedConcurrentExecutions: UNKNOWN })).leavesOpen(
    FUNCTION,
    "reservedConcurrentExecutions",
  ),
  given("A function's demand is hidden", resize({ reservedConcurrentExecutions: 5, tags: UNKNOWN }))
    .leavesOpen(FUNCTION, "poolproof:connections-held-at-once")
    .leavesOpen(FUNCTION, "poolproof:peak-requests-per-second"),
  given(
    "A function's hold time is a word",
    resize({ reservedConcurrentExecutions: 5 }, { "poolproof:db-hold-ms": "long" }),
  ),
  given(
    "A function's demand is beyond the model",
    resize({ reservedConcurrentExecutions: 5 }, { "poolproof:peak-requests-per-second": "1e300" }),
  ),
  given("A deployment's pool is at its floor", instead(deployment("11"))),
  given("A deployment's pool is below its floor", instead(deployment("3"))).finds(DEPLOYMENT, 3, [11, 38]),
  given(
    "A rollout takes pods of a deployment away",
    instead(deployment("11", { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "25%" } } })),
  ).finds(DEPLOYMENT, 11, [13, 19]),
  given("A deployment's replicas are hidden", instead(deployment("3", { replicas: UNKNOWN }))).leavesOpen(
    DEPLOYMENT,
    "spec.replicas",
  ),
  given("An App Runner service's pool is at its floor", instead(appRunner("10"))),
  given("An App Runner service's pool is below its floor", instead(appRunner("3"))).finds(
    APP_RUNNER,
    3,
    [10, 6],
  ),
  given("A burst doubles the peak for a second", without("peak-burst", "2")).violates(12, [18, 19]),
  given("Holds vary as exponential ones do", without("db-hold-p99-ms", "400")),
  given("One hold in a hundred takes ten times the mean", without("db-hold-p99-ms", "900")).violates(
    12,
    [13, 19],
  ),
  given("Holds vary by four times their mean", without("db-hold-cv", "4")).violates(12, [13, 19]),
  given("A coefficient of variation counts before a percentile", {
    tags: tags({ "poolproof:db-hold-cv": "1", "poolproof:db-hold-p99-ms": "900" }),
  }),
  given("The burst is hidden", { tags: tags({ "poolproof:peak-burst": UNKNOWN }) }).undecided(
    "poolproof:peak-burst",
  ),
  given("The load balancer keeps users on their tasks", {
    ...pool("3"),
    extra: [sticky({ enabled: true, type: "lb_cookie" })],
  }).violates(3, [11, 19]),
];
