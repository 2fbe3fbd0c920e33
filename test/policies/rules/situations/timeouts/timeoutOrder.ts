import { UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { limitTo } from "../../../auroraPlan";
import {
  FUNCTION,
  fromSecret,
  lambda,
  proxyResources,
  secondDatabase,
  throughProxy,
} from "../../../sampleClients";
import { environment, SAFE, type Sample, SERVICE, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

type Variables = { readonly [name: string]: string | undefined };

const given = measuredIn("ms", SERVICE);
const parameters = (...set: readonly (readonly [name: string, value: string])[]): Sample["parameters"] => [
  ...limitTo("400"),
  ...set.map(([name, value]) => ({ name, value, applyMethod: "immediate" })),
];
const GROUP_LIMITS = parameters(["lock_timeout", "1500"], ["statement_timeout", "2000"]);
const times = (changes: Variables, more: Partial<Sample> = {}): Partial<Sample> => ({
  environment: environment(changes),
  ...more,
});
const NO_BALANCER: Partial<Sample> = { service: { loadBalancers: [] } };
const SENDS_NONE = { DB_STATEMENT_TIMEOUT_MS: undefined, DB_LOCK_TIMEOUT_MS: undefined };

/** A client on another library, whose group bounds locks and statements unless the test says otherwise. */
const on = (library: string, variables: Variables, more: Partial<Sample> = {}): Partial<Sample> => ({
  environment: Object.fromEntries(
    Object.entries({ DB_POOL_SIZE: "12", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000", ...variables }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  ),
  tags: tags({ "poolproof:pool-library": library }),
  parameters: GROUP_LIMITS,
  ...more,
});
const bare = (library: string, more: Partial<Sample> = {}) =>
  on(library, { REQUEST_TIMEOUT_MS: "8000" }, { parameters: parameters(), ...more });
const go = (variables: Variables = {}) => on("go-database-sql", { REQUEST_TIMEOUT_MS: "8000", ...variables });
const hikari = (variables: Variables = {}) =>
  on("hikaricp", { REQUEST_TIMEOUT_MS: "8000", HIKARI_CONNECTION_TIMEOUT: "1000", ...variables });
/** A pool of Prisma's, whose waits are in the URL and in seconds. */
const prisma = (
  socket: string | undefined,
  request = "8000",
  more: Partial<Sample> = {},
): Partial<Sample> => {
  const url = `postgres://u@h/d?connection_limit=12&pool_timeout=1${socket === undefined ? "" : `&socket_timeout=${socket}`}`;
  return on("prisma-6", { DB_POOL_SIZE: undefined, DATABASE_URL: url, REQUEST_TIMEOUT_MS: request }, more);
};
const statement = (ms: string): Partial<Sample> => ({
  parameters: parameters(["lock_timeout", "1500"], ["statement_timeout", ms]),
});
const server = (engine: string, ...set: readonly (readonly [string, string])[]): Partial<Sample> => ({
  ...times(SENDS_NONE),
  database: { engine, engineVersion: "8.0" },
  parameters: parameters(...set),
});
const values = (of: { readonly [setting: string]: number }): Partial<Settings> => ({
  pools: [{ client: "api", values: of }],
});
const MINE = {
  configKeys: { DB_QUERY_TIMEOUT_MS: "shop:queryMs", DB_STATEMENT_TIMEOUT_MS: "shop:statementMs" },
};
const behindProxy = (...set: readonly (readonly [string, string])[]): Partial<Sample> => ({
  ...throughProxy(),
  parameters: parameters(...set),
});
const mysqlProxy: Partial<Sample> = {
  ...throughProxy({ DB_LOCK_TIMEOUT_MS: "2000" }, { proxy: { engineFamily: "MYSQL" } }),
  parameters: SAFE.parameters,
  database: { engine: "mysql", engineVersion: "8.0" },
  tags: tags({ "poolproof:pool-library": "mysql2" }),
};
const WAREHOUSE = { databases: [{ name: "warehouse", engine: "postgres", maxConnections: 400 }] };
const onWarehouse = { tags: tags({ "poolproof:database": "warehouse" }) };
const secret = (name: string, changes: Variables = {}, more: Partial<Sample> = {}) => ({
  ...fromSecret(name, environment(changes)),
  ...more,
});

export const TIMEOUT_ORDER = [
  given("Three queries of a request end within it", {
    tags: tags({ "poolproof:db-queries-per-request": "2.5" }),
  }),
  given("Four queries of a request may outlast it", {
    tags: tags({ "poolproof:db-queries-per-request": "4" }),
  }).violates(9100, [null, 8000]),
  given("The timeouts end from the inside out"),
  given("The lock timeout reaches the statement timeout", times({ DB_LOCK_TIMEOUT_MS: "2000" })).violates(
    2000,
    [null, 1999],
  ),
  given("The query timeout leaves a statement too little", times({ DB_QUERY_TIMEOUT_MS: "2099" })).violates(
    2100,
    [null, 2099],
  ),
  given("The query timeout leaves a statement enough", times({ DB_QUERY_TIMEOUT_MS: "2100" })),
  given(
    "The query timeout leaves a statement too little, beside other work",
    times({ DB_QUERY_TIMEOUT_MS: "2099" }),
    {
      otherWorkMs: 1000,
    },
  ).violates(2100, [null, 2099]),
  given("The request leaves its waits too little", times({ REQUEST_TIMEOUT_MS: "3599" })).violates(3600, [
    null,
    3599,
  ]),
  given("The request leaves its waits enough", times({ REQUEST_TIMEOUT_MS: "3600" })),
  given(
    "The waits of a request add up to a fraction",
    times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "1001", REQUEST_TIMEOUT_MS: "3601" }),
  ).violates(3601.1, [null, 3601]),
  given(
    "The waits of a request fit with the fraction",
    times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "1001", REQUEST_TIMEOUT_MS: "3602" }),
  ),
  given("The request does other work, and fits", {}, { otherWorkMs: 4400 }),
  given("The request does other work, and does not fit", {}, { otherWorkMs: 4401 }).violates(8001, [
    null,
    8000,
  ]),
  given(
    "The request reaches the load balancer's idle timeout",
    times({ REQUEST_TIMEOUT_MS: "60000" }),
  ).violates(60000, [null, 59999]),
  given("The request ends before the load balancer's idle timeout", times({ REQUEST_TIMEOUT_MS: "59999" })),
  given(
    "The request outlasts the load balancer by less than a second",
    times({ REQUEST_TIMEOUT_MS: "60999" }),
  ).violates(60999, [null, 59999]),
  given(
    "The request outlasts the load balancer by a second",
    times({ REQUEST_TIMEOUT_MS: "61000" }),
  ).violates(61000, [null, 59999]),
  given("No load balancer is in front", times({ REQUEST_TIMEOUT_MS: "61000" }, NO_BALANCER)),
  given("The load balancer never closes a connection", { idleTimeout: 0 }),
  given("The acquire timeout alone outlasts the request", times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "9000" })),
  given("The acquire timeout reaches the request", times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "8000" })),
  given("The acquire timeout never ends", times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "0" })),
  given("The acquire timeout is a word", times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "soon" })),
  given(
    "The acquire timeout never ends and a lock lasts too long",
    times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "0", DB_LOCK_TIMEOUT_MS: "2000" }),
  ).violates(2000, [null, 1999]),
  given(
    "The acquire timeout outlasts the request and a lock lasts too long",
    times({ DB_POOL_ACQUIRE_TIMEOUT_MS: "9000", DB_LOCK_TIMEOUT_MS: "2000" }),
  ).violates(2000, [null, 1999]),
  given("The server's keep-alive is short", times({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "1" })),
  given("The server's keep-alive is a word", times({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "soon" })),

  given("The lock timeout is not set", times({ DB_LOCK_TIMEOUT_MS: undefined })).violates(),
  given("The lock timeout is 0", times({ DB_LOCK_TIMEOUT_MS: "0" })).violates(),
  given("The lock timeout is what the fix asks for", times({ DB_LOCK_TIMEOUT_MS: "1000" })),
  given("The statement timeout is not set", times({ DB_STATEMENT_TIMEOUT_MS: undefined })).violates(),
  given("The statement timeout is 0", times({ DB_STATEMENT_TIMEOUT_MS: "0" })).violates(),
  given(
    "The statement timeout is 0 and the group's holds",
    times({ DB_STATEMENT_TIMEOUT_MS: "0" }, { parameters: parameters(["statement_timeout", "2000"]) }),
  ),
  given("The query timeout is not set", times({ DB_QUERY_TIMEOUT_MS: undefined })).violates(),
  given("The query timeout is 0", times({ DB_QUERY_TIMEOUT_MS: "0" })).violates(),
  given(
    "The query timeout is 0 in the policy configuration",
    times({ DB_QUERY_TIMEOUT_MS: undefined }),
    values({ queryTimeoutMs: 0 }),
  ).violates(),
  given(
    "The query timeout is 0 in the policy configuration alone",
    {},
    values({ queryTimeoutMs: 0 }),
  ).violates(),
  given("The request timeout is not set", times({ REQUEST_TIMEOUT_MS: undefined })).violates(),
  given("The request timeout is 0", times({ REQUEST_TIMEOUT_MS: "0" })).violates(),
  given("A worker has no request timeout", times({ REQUEST_TIMEOUT_MS: undefined }, NO_BALANCER)),
  given(
    "Neither locks, statements nor queries end",
    times({ ...SENDS_NONE, DB_STATEMENT_TIMEOUT_MS: "0", DB_QUERY_TIMEOUT_MS: undefined }),
  ).violates(),
  given(
    "A worker's locks, statements and queries do not end",
    times(
      { ...SENDS_NONE, DB_QUERY_TIMEOUT_MS: undefined, REQUEST_TIMEOUT_MS: undefined },
      { ...NO_BALANCER, parameters: parameters() },
    ),
  ).violates(),
  given(
    "Statements and queries do not end within a short request",
    times({
      DB_LOCK_TIMEOUT_MS: "1000",
      DB_STATEMENT_TIMEOUT_MS: "0",
      DB_QUERY_TIMEOUT_MS: undefined,
      REQUEST_TIMEOUT_MS: "3000",
    }),
  ).violates(),
  given(
    "Statements and queries end within a short request",
    times({
      DB_LOCK_TIMEOUT_MS: "1000",
      DB_STATEMENT_TIMEOUT_MS: "1500",
      DB_QUERY_TIMEOUT_MS: "1900",
      REQUEST_TIMEOUT_MS: "3000",
    }),
  ),
  given(
    "The values around a lock leave no room",
    times({ DB_LOCK_TIMEOUT_MS: undefined, DB_STATEMENT_TIMEOUT_MS: "1", DB_QUERY_TIMEOUT_MS: "50" }),
  )
    .violates(101, [null, 50])
    .violates(),
  given(
    "A group's lock timeout leaves a statement no room",
    times(
      { ...SENDS_NONE, DB_QUERY_TIMEOUT_MS: "1500" },
      { parameters: parameters(["lock_timeout", "1500"]) },
    ),
  ).violates(),
  given(
    "A function's own limit leaves a query no room",
    {
      extra: [
        lambda({
          timeout: null,
          environment: {
            variables: {
              DB_POOL_MAX: "1",
              DB_POOL_ACQUIRE_TIMEOUT_MS: "2900",
              DB_STATEMENT_TIMEOUT_MS: "40",
              DB_LOCK_TIMEOUT_MS: "30",
            },
          },
          reservedConcurrentExecutions: 2,
        }),
      ],
    },
    { otherWorkMs: 100 },
  ).finds(FUNCTION),
  given(
    "Queries do not end and the acquire timeout does not either",
    times({
      DB_POOL_ACQUIRE_TIMEOUT_MS: "0",
      DB_STATEMENT_TIMEOUT_MS: "1400",
      DB_LOCK_TIMEOUT_MS: "1000",
      DB_QUERY_TIMEOUT_MS: undefined,
      REQUEST_TIMEOUT_MS: "2000",
    }),
  ).violates(),
  given(
    "Queries do not end and the acquire timeout reaches the request",
    times({
      DB_POOL_ACQUIRE_TIMEOUT_MS: "2000",
      DB_STATEMENT_TIMEOUT_MS: "1400",
      DB_LOCK_TIMEOUT_MS: "1000",
      DB_QUERY_TIMEOUT_MS: undefined,
      REQUEST_TIMEOUT_MS: "2000",
    }),
  ).violates(),
  given(
    "A worker's queries and acquisitions do not end",
    times(
      { DB_POOL_ACQUIRE_TIMEOUT_MS: "0", DB_QUERY_TIMEOUT_MS: undefined, REQUEST_TIMEOUT_MS: undefined },
      NO_BALANCER,
    ),
  ).violates(),
  given(
    "Config keys set what does not end",
    times({ DB_LOCK_TIMEOUT_MS: undefined, DB_QUERY_TIMEOUT_MS: undefined }),
    {
      configKeys: { DB_LOCK_TIMEOUT_MS: "shop:lockMs", DB_QUERY_TIMEOUT_MS: "shop:queryMs" },
    },
  ).violates(),
  given(
    "A config key sets a statement that does not end",
    times({ DB_STATEMENT_TIMEOUT_MS: "0" }),
    MINE,
  ).violates(),
  given("Config keys set a broken link", times({ DB_QUERY_TIMEOUT_MS: "2000" }), MINE).violates(2100, [
    null,
    2000,
  ]),

  given("The query timeout is a word", times({ DB_QUERY_TIMEOUT_MS: "soon" })).violates("soon"),
  given("The query timeout is negative", times({ DB_QUERY_TIMEOUT_MS: "-5" })).violates(-5),
  given("The query timeout is not a number", times({ DB_QUERY_TIMEOUT_MS: "NaN" })).violates("NaN"),
  given("The request timeout is negative", times({ REQUEST_TIMEOUT_MS: "-1" })).violates(-1),
  given("The load balancer's idle timeout is negative", { idleTimeout: -1 }).violates(-1, null, "s"),
  given(
    "The group's statement timeout is negative",
    times({ DB_STATEMENT_TIMEOUT_MS: undefined }, { parameters: parameters(["statement_timeout", "-5"]) }),
  ).violates(-5),

  given("The acquire timeout is in a secret", secret("DB_POOL_ACQUIRE_TIMEOUT_MS")).undecided(
    "containerDefinitions",
  ),
  given(
    "The acquire timeout of a worker is in a secret",
    secret("DB_POOL_ACQUIRE_TIMEOUT_MS", { REQUEST_TIMEOUT_MS: undefined }, NO_BALANCER),
  ).undecided("containerDefinitions"),
  given(
    "The acquire timeout is in a secret and the request a word",
    secret("DB_POOL_ACQUIRE_TIMEOUT_MS", { REQUEST_TIMEOUT_MS: "soon" }),
  )
    .violates("soon")
    .undecided("containerDefinitions"),
  given(
    "The acquire timeout is in a secret and queries do not end",
    secret("DB_POOL_ACQUIRE_TIMEOUT_MS", { DB_QUERY_TIMEOUT_MS: undefined }),
  ).violates(),
  given("The load balancer's idle timeout is hidden", { idleTimeout: UNKNOWN }).undecided("idleTimeout"),
  given("The containers are hidden", { taskDefinition: { containerDefinitions: UNKNOWN } }).undecided(
    "containerDefinitions",
  ),

  given("HikariCP has no limits at all", bare("hikaricp")).violates(),
  given(
    "HikariCP has the limits of the fix",
    { ...bare("hikaricp"), parameters: parameters(["lock_timeout", "2000"], ["statement_timeout", "4000"]) },
    values({ queryTimeoutMs: 5000, acquireTimeoutMs: 1000 }),
  ),
  given("SQLAlchemy has no limits at all", bare("sqlalchemy")).violates(),
  given(
    "SQLAlchemy has the limits of the fix",
    {
      ...bare("sqlalchemy"),
      parameters: parameters(["lock_timeout", "2000"], ["statement_timeout", "4000"]),
    },
    values({ queryTimeoutMs: 5000, acquireTimeoutMs: 1000 }),
  ),
  given("Prisma has no limits at all", prisma(undefined, "8000", { parameters: parameters() })).violates(),
  given(
    "Prisma has the limits of the fix",
    prisma("5", "8000", { parameters: parameters(["lock_timeout", "2000"], ["statement_timeout", "4000"]) }),
  ),
  given("Go has no limits at all", bare("go-database-sql")).violates(),
  given(
    "Go has neither limits nor a request timeout",
    on("go-database-sql", {}, { parameters: parameters() }),
  ).violates(),
  given(
    "HikariCP has neither limits nor a request timeout",
    on("hikaricp", {}, { parameters: parameters() }),
  ).violates(),
  given("mysql2 has no limits at all", {
    ...bare("mysql2"),
    database: { engine: "mysql", engineVersion: "8.0" },
  }).violates(),
  given("HikariCP's queries do not end", hikari()).violates(),
  given("HikariCP's queries do not end and a config key sets them", hikari(), MINE).violates(),
  given(
    "A program on HikariCP reads a query timeout that is too short",
    hikari({ DB_QUERY_TIMEOUT_MS: "2000" }),
  ).violates(2100, [null, 2000]),
  given("HikariCP runs on a database with AWS's default group", {
    ...hikari({ DB_QUERY_TIMEOUT_MS: "2500" }),
    tags: tags({ "poolproof:pool-library": "hikaricp", "poolproof:database": "reports" }),
    extra: [secondDatabase({ parameterGroupName: "default.postgres17" })],
  }).violates(),
  given("Prisma's socket timeout is too short for 2000 ms", prisma("2")).violates(2100, [null, 2000]),
  given("Prisma's socket timeout is too short for 2900 ms", prisma("2", "8000", statement("2900"))).violates(
    3000,
    [null, 2000],
  ),
  given("Prisma's socket timeout is too short for 2901 ms", prisma("2", "8000", statement("2901"))).violates(
    3001,
    [null, 2000],
  ),
  given("Prisma's queries do not end", prisma(undefined)).violates(),
  given("Prisma's queries do not end within a short request", prisma(undefined, "4500")).violates(),
  given("Prisma's queries end within a short request", prisma("3", "4500")),
  given(
    "Prisma has no limits at all within a short request",
    prisma(undefined, "4500", { parameters: parameters() }),
  ).violates(),
  given("Prisma's queries do not end and a config key sets them", prisma(undefined), {
    configKeys: { "socket_timeout in DATABASE_URL": "shop:socketTimeoutSeconds" },
  }).violates(),
  given(
    "A Go program's request timeout is a duration and too short",
    on("go-database-sql", { REQUEST_TIMEOUT: "2s" }),
  ).violates(2100, [null, 2000]),
  given(
    "A Go program's request timeout is a duration and long enough",
    on("go-database-sql", { REQUEST_TIMEOUT: "2100ms" }),
  ),

  given("A Go request's other work leaves its query enough", go(), { otherWorkMs: 5900 }),
  given("A Go request's other work leaves its query too little", go(), { otherWorkMs: 5901 }).violates(2100, [
    null,
    2099,
  ]),
  given("A Go request's other work leaves its query a millisecond", go(), { otherWorkMs: 7999 }).violates(
    2100,
    [null, 1],
  ),
  given("A Go request's other work leaves its query nothing", go(), { otherWorkMs: 8000 })
    .violates(2100, [null, 1])
    .violates(8001, [null, 8000]),
  given("A Go request of 8001 ms has other work of 5901 ms", go({ REQUEST_TIMEOUT_MS: "8001" }), {
    otherWorkMs: 5901,
  }),
  given("A Go query timeout is as long as its request", go({ DB_QUERY_TIMEOUT_MS: "8000" }), {
    otherWorkMs: 5900,
  }),
  given("A Go query timeout is longer than its request", go({ DB_QUERY_TIMEOUT_MS: "9000" }), {
    otherWorkMs: 5900,
  }),
  given("A Go query timeout is shorter than its statement", go({ DB_QUERY_TIMEOUT_MS: "2099" })).violates(
    2100,
    [null, 2099],
  ),
  given("A Go query timeout leaves room for other work", go({ DB_QUERY_TIMEOUT_MS: "7000" }), {
    otherWorkMs: 1000,
  }),
  given("A Go query timeout leaves no room for other work", go({ DB_QUERY_TIMEOUT_MS: "7000" }), {
    otherWorkMs: 1001,
  }).violates(8001, [null, 8000]),
  given("A Go request's timeout is in a secret", {
    ...on("go-database-sql", {}),
    ...fromSecret("REQUEST_TIMEOUT_MS", { DB_POOL_SIZE: "12", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000" }),
  }).undecided("containerDefinitions"),
  given("A Go request's timeout is a word", go({ REQUEST_TIMEOUT_MS: "soon" })).violates("soon"),
  given("A Go request never ends", go({ REQUEST_TIMEOUT_MS: "0" })).violates(),
  given(
    "A Go wait for a connection is bounded by the policy configuration",
    go(),
    values({ acquireTimeoutMs: 7000 }),
  ),

  given(
    "MySQL's parameters are in order",
    server("mysql", ["innodb_lock_wait_timeout", "1"], ["max_execution_time", "2000"]),
  ),
  given("MySQL's session has the client's timeouts", { database: { engine: "mysql", engineVersion: "8.0" } }),
  given("MySQL's lock timeout is its default", server("mysql", ["max_execution_time", "2000"])).violates(
    50000,
    [null, 1999],
  ),
  given(
    "MySQL has PostgreSQL's statement timeout",
    server("mysql", ["statement_timeout", "2000"]),
  ).violates(),
  given(
    "MariaDB's statement timeout is in seconds",
    server("mariadb", ["innodb_lock_wait_timeout", "1"], ["max_statement_time", "2"]),
  ),
  given(
    "MariaDB's statement timeout is too long",
    server("mariadb", ["innodb_lock_wait_timeout", "1"], ["max_statement_time", "2.5"]),
  ).violates(2600, [null, 2500]),

  given(
    "The group's statements do not end and the client sends none",
    times(SENDS_NONE, { parameters: parameters(["lock_timeout", "1500"], ["statement_timeout", "0"]) }),
  ).violates(),
  given(
    "The group is elsewhere and the client sends none",
    { ...times(SENDS_NONE), ...onWarehouse },
    WAREHOUSE,
  ).undecided("parameters"),
  given("The group is elsewhere and the client sends its own", onWarehouse, WAREHOUSE),
  given(
    "Nothing says which of two databases, and the client sends its own",
    times({ DB_LOCK_TIMEOUT_MS: "2000" }, { extra: [secondDatabase()] }),
  ).violates(2000, [null, 1999]),
  given(
    "Nothing says which of two databases, and the client sends none",
    times(SENDS_NONE, { extra: [secondDatabase()] }),
  ).undecided("tags"),

  given("A proxy refuses what the client sends, and the group sets none", behindProxy()).violates(),
  given(
    "A proxy refuses what the client sends, and the role has its own",
    behindProxy(),
    values({ statementTimeoutMs: 2000, lockTimeoutMs: 1500 }),
  ),
  given(
    "A proxy refuses what the client sends, and the role's are too long",
    behindProxy(),
    values({ statementTimeoutMs: 2401, lockTimeoutMs: 1500 }),
  ).violates(),
  given(
    "A proxy refuses what the client sends, and the group has its own",
    behindProxy(["lock_timeout", "1500"], ["statement_timeout", "2000"]),
  ),
  given(
    "A proxy refuses what the client sends, and the group's are too long",
    behindProxy(["lock_timeout", "1500"], ["statement_timeout", "2401"]),
  ).violates(2501, [null, 2500]),
  given(
    "A proxy refuses what the client sends, and the query timeout is short",
    throughProxy({ DB_QUERY_TIMEOUT_MS: "2099" }),
  ).violates(2100, [null, 2099]),
  given("Nothing says whether a proxy refuses what the client sends", { extra: proxyResources() }).undecided(
    "containerDefinitions",
  ),
  given(
    "A proxy may be in between and the client sends none",
    times(SENDS_NONE, { extra: proxyResources(), parameters: GROUP_LIMITS }),
  ),
  given("A proxy of MySQL passes on what the session sets", mysqlProxy).violates(2000, [null, 1999]),
];
