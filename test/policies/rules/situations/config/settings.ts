import { type PlanResource, type PropertyMap, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { container, containers, secondDatabase, undeclared } from "../../../sampleClients";
import { DATABASE, resource, SAFE, type Sample, SERVICE, tags, urn } from "../../../samplePlan";
import { given, type Situation } from "../../situation";

const STACK = resource("pulumi:pulumi:Stack", "shop-test", {});
const set = (title: string, settings: Partial<Settings>, changes: Partial<Sample> = {}): Situation =>
  given(title, changes, settings);
const alone = (
  title: string,
  settings: Partial<Settings>,
  ...resources: readonly PlanResource[]
): Situation => given(title, { resources: [STACK, ...resources] }, settings);
const tagged = (title: string, changes: PropertyMap): Situation => given(title, { tags: tags(changes) });

type Pool = Settings["pools"][number];
const pools = (...each: readonly Pool[]): Partial<Settings> => ({ pools: each });
const named = (client: string, more: Partial<Pool> = {}): Partial<Settings> =>
  pools({ client, values: { poolMax: 12 }, ...more });
const demand = (service: string): Partial<Settings> => ({ demand: [{ service, holdMs: 90 }] });
const confirmed = (name: string): Partial<Settings> => ({ confirmedMaxConnections: { [name]: 400 } });
const described = (name: string) => ({ name, engine: "postgres", maxConnections: 100 });
const uses = (database: string): Partial<Settings> => ({ clients: [undeclared("jobs", 1, { database })] });
const keys = (name: string): Partial<Settings> => ({ configKeys: { [name]: "shop:key" } });
const elsewhere = (resource: string): Partial<Settings> => ({
  alarmsElsewhere: [{ where: "Datadog", reason: "they alert there", resource }],
});
const metrics = (client?: string): Partial<Settings> => ({
  poolMetrics: [{ ...(client === undefined ? {} : { client }), pending: ["Queue"] }],
});

const variables = (...poolMax: readonly string[]): Partial<Pool> => ({
  library: "node-postgres",
  variables: { poolMax },
});
const of = (more: Partial<Pool>): Partial<Settings> => pools({ client: "api", ...more });
const api = container("api", SAFE.environment);
const two = containers(api, container("reports", { DB_POOL_MAX: "2" }));
const ownNames = containers(api, container("reports", { REPORT_POOL: "2" }));
const FILE = { environmentFiles: [{ value: "arn", type: "s3" }] };

const NETWORK = resource("aws:ec2/vpc:Vpc", "net", {});
const ORDERS = secondDatabase({ identifier: "orders-live" }, "orders");
const more = ["one", "two", "three", "four", "five", "six", "seven"].map((name) => secondDatabase({}, name));

const THING = resource("acme:index/thing:Thing", "thing", { setting: UNKNOWN }, { setting: [DATABASE] });
const notClients = (resource: string): Partial<Settings> => ({
  notClients: [{ resource, reason: "it draws a picture" }],
});

export const SETTINGS = [
  given("The policy configuration is empty"),
  set("A pool's client is mistyped", named("apl")).reports(STACK.urn, "mandatory"),
  set("A demand's service is mistyped", demand("ap")).reports(STACK.urn, "mandatory"),
  set("A demand's service is like no other", demand("checkout")).reports(STACK.urn, "mandatory"),
  set("A demand's service is a pattern like no other", demand("checkout*")).reports(STACK.urn, "advisory"),
  set("A pool's client is a pattern like no other", named("worker*")).reports(STACK.urn, "advisory"),
  ...["api", "api-1234567", "api*", "*"].flatMap((name) => [
    set(`A demand is of ${name}`, demand(name)),
    set(`A pool is of ${name}`, named(name)),
  ]),
  alone(
    "The stack has nothing that entries could be of",
    {
      ...pools({ client: "api" }),
      ...demand("api"),
      ...confirmed("main"),
      databases: [{ name: "main", otherDemand: 3 }],
    },
    NETWORK,
  ),
  set("A demand is of one pool of a client", {
    ...demand("api (reports)"),
    ...of({ pool: "reports", ...variables("DB_POOL_MAX") }),
  }),
  set("A demand is of one pool of a client, mistyped", {
    ...demand("api (report)"),
    ...of({ pool: "reports", ...variables("DB_POOL_MAX") }),
  }).reports(STACK.urn, "mandatory"),

  set("A container is the first of two", of({ container: "api", values: { poolMax: 3 } }), two),
  set("A container is the second of two", of({ container: "reports", values: { poolMax: 3 } }), two),
  set("A container is mistyped", of({ container: "apy" })).reports(STACK.urn, "mandatory"),
  set("A container is mistyped, of two", of({ container: "report", values: { poolMax: 3 } }), two).reports(
    STACK.urn,
    "mandatory",
  ),
  set(
    "A container of a pattern is mistyped",
    pools({ client: "ap*", container: "report", values: { poolMax: 3 } }),
    two,
  ).reports(STACK.urn, "advisory"),
  set(
    "A container's variable is its own",
    of({ container: "reports", ...variables("REPORT_POOL") }),
    ownNames,
  ),
  set(
    "A container's variable is another's",
    of({ container: "api", ...variables("REPORT_POOL") }),
    ownNames,
  ).reports(STACK.urn, "mandatory"),
  set("A variable is one of any container", of(variables("REPORT_POOL")), ownNames),
  set("A variable is mistyped", of(variables("DB_POL_MAX"))).reports(STACK.urn, "mandatory"),
  set("One of two variables is mistyped", of(variables("MINE", "DB_POOL_MAXX"))).reports(
    STACK.urn,
    "mandatory",
  ),
  set(
    "Neither of two variables is set",
    of({ library: "node-postgres", variables: { poolMax: ["MINE", "OURS"], queueMax: [] } }),
  ).reports(STACK.urn, "mandatory"),
  set("The containers are not JSON", of({ container: "apy", ...variables("DB_POL_MAX") }), {
    taskDefinition: { containerDefinitions: "not JSON" },
  }),
  set("A file may set the variable", of(variables("MINE")), containers(container("api", {}, FILE))),
  set(
    "A file of another container may set the variable",
    of(variables("MINE")),
    containers(api, container("worker", {}, FILE)),
  ),
  set("No file may set the variable", of(variables("MINE")), containers(api)).reports(STACK.urn, "mandatory"),

  set("A confirmed limit is of the database", confirmed("db")),
  set("A confirmed limit is mistyped", confirmed("bd")).reports(STACK.urn, "mandatory"),
  set("A confirmed limit is like no other", confirmed("warehouse")).reports(STACK.urn, "mandatory"),
  set("A confirmed limit is like none of many", confirmed("warehouse"), { extra: more }).reports(
    STACK.urn,
    "mandatory",
  ),
  set("A confirmed limit is of all databases", { confirmedMaxConnections: 400 }),
  alone("A confirmed limit is of a database without clients", confirmed("orders"), ORDERS),
  alone(
    "A confirmed limit is of a database without clients, by AWS's name",
    confirmed("orders-live"),
    ORDERS,
  ),
  alone("A confirmed limit is of a database without clients, mistyped", confirmed("order"), ORDERS).reports(
    STACK.urn,
    "mandatory",
  ),
  set("A database is this stack's", { databases: [{ name: "db", otherDemand: 2 }] }),
  set("A database is this stack's, by both names", {
    databases: [
      { name: "db", otherDemand: 1 },
      { name: "db1234567", otherDemand: 1 },
    ],
  }),
  set("A database is mistyped", { databases: [{ name: "dbb", otherDemand: 200 }] }).reports(
    STACK.urn,
    "mandatory",
  ),
  set("A database elsewhere has no client", { databases: [described("warehouse")] }).reports(
    STACK.urn,
    "advisory",
  ),
  set("A database elsewhere has a client", { databases: [described("warehouse")], ...uses("warehouse") }),
  set("One of two databases elsewhere has no client", {
    databases: [described("used"), described("warehouse")],
    ...uses("used"),
  }).reports(STACK.urn, "advisory"),
  alone(
    "A database elsewhere is described in a stack without any",
    { databases: [described("warehouse")], ...confirmed("main") },
    NETWORK,
  ),

  ...["api", "api-1234567", "db", "db1234567", DATABASE, "*", "a*"].map((name) =>
    set(`Alarms elsewhere are of ${name}`, elsewhere(name)),
  ),
  set("Alarms elsewhere are mistyped", elsewhere("apy")).reports(STACK.urn, "mandatory"),
  set("Alarms elsewhere are like no other", elsewhere("nothing-like-it")).reports(STACK.urn, "mandatory"),
  set("Alarms elsewhere are a pattern like no other", elsewhere("orders-*")).reports(STACK.urn, "advisory"),
  set("Pool metrics are of the client", metrics("api")),
  set("Pool metrics are of a database", metrics("db1234567")).reports(STACK.urn, "mandatory"),
  set("Pool metrics are of a described client", { ...metrics("jobs"), ...uses("db") }),
  set("Pool metrics are of a described client, mistyped", { ...metrics("job"), ...uses("db") }).reports(
    STACK.urn,
    "mandatory",
  ),
  set("Pool metrics are of every client", metrics()),
  alone(
    "Alarms and pool metrics are of a stack without any",
    { ...elsewhere("api"), ...metrics("api") },
    NETWORK,
  ),
  alone(
    "Alarms and pool metrics are of a stack with a database alone",
    { ...elsewhere("api"), ...metrics("api") },
    secondDatabase({}, "orders"),
  )
    .reports(STACK.urn, "mandatory")
    .reports(STACK.urn, "mandatory"),

  set(
    "An earlier entry is of the same client",
    pools({ client: "api", values: { poolMax: 12 } }, { client: "api", values: { poolMax: 13 } }),
  ).reports(STACK.urn, "mandatory"),
  set(
    "An earlier entry is of another pool of the client",
    pools({ client: "api" }, { client: "api", pool: "second", values: { poolMax: 1 } }),
  ),

  set("A config key's variable is mistyped", keys("DB_POL_MAX")).reports(STACK.urn, "mandatory"),
  set("A config key's parameter is mistyped", keys("max_conections")).reports(STACK.urn, "mandatory"),
  set("A config key's name is like no other", keys("nothing-like-it-at-all")).reports(STACK.urn, "mandatory"),
  set("A config key is of a variable that no entry names", keys("MY_POOL")).reports(STACK.urn, "mandatory"),
  set("Config keys are of what an entry names", {
    configKeys: { MY_POOL: "shop:pool", idleTimeout: "shop:idle" },
    ...of({ variables: { queueMax: ["MY_POOL", "DB_POOL_MAX"] } }),
  }),
  ...[
    "innodb_lock_wait_timeout", // MySQL and MariaDB
    "transaction_timeout", // PostgreSQL from 17
    "old_snapshot_threshold", // PostgreSQL up to 16
    "max_connections",
    "SQLALCHEMY_POOL_SIZE + SQLALCHEMY_MAX_OVERFLOW",
    "connection_limit in DATABASE_URL",
    "poolproof:db-hold-ms",
    "values.poolMax",
    "reservedConcurrentExecutions",
  ].map((name) => set(`A config key is of ${name}`, keys(name))),

  tagged("A tag is mistyped", { "poolproof:db-hold-msec": "1" }).reports(SERVICE, "mandatory"),
  tagged("A tag is in capitals", { "Poolproof:tasks-at-peak": "1" }).reports(SERVICE, "mandatory"),
  tagged("A tag has a slash", { "poolproof/database": "1" }).reports(SERVICE, "mandatory"),
  tagged("A tag has a hyphen", { "pool-proof:pool-library": "1" }).reports(SERVICE, "mandatory"),
  tagged("Tags are read, or another's", {
    "poolproof:proxy-sessions": "multiplexed",
    poolproofed: "yes",
    team: "a",
  }),
  given("A tag of a proxy is mistyped", {
    extra: [resource("aws:rds/proxy:Proxy", "px", { tags: { "poolproof:sessions": "pinned" } })],
  }).reports(urn("aws:rds/proxy:Proxy", "px"), "mandatory"),
  given("What is not a client is mistyped", { extra: [THING] }, notClients("thin")).reports(
    STACK.urn,
    "mandatory",
  ),
  given("What is not a client is in no stack", {}, notClients("thing")).reports(STACK.urn, "mandatory"),
  tagged("A tag is like no other", { "poolproof:colour-of-the-day": "1" }).reports(SERVICE, "mandatory"),
];
