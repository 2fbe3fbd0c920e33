import { UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { fromSecret } from "../../../sampleClients";
import { environment, SERVICE, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

type Variables = { readonly [name: string]: string | undefined };

const given = measuredIn("ms", SERVICE);
const acquire = (value: string | undefined, more: Variables = {}) => ({
  environment: environment({ DB_POOL_ACQUIRE_TIMEOUT_MS: value, ...more }),
});
const ENDLESS = { REQUEST_TIMEOUT_MS: undefined };
const library = (variables: Variables) => acquire(undefined, { DB_POOL_MAX: undefined, ...variables });
const on = (name: string, variables: { readonly [name: string]: string }) => ({
  environment: { DB_POOL_SIZE: "12", REQUEST_TIMEOUT_MS: "8000", ...variables },
  tags: tags({ "poolproof:pool-library": name }),
});
const keyOf = (variable: string, more: object = {}): Partial<Settings> => ({
  configKeys: { [variable]: "shop:wait" },
  pools: [{ client: "api", ...more }],
});
const ALCHEMY = { SQLALCHEMY_POOL_SIZE: "2", SQLALCHEMY_MAX_OVERFLOW: "10" };
const HIKARI = { SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE: "12" };
const GO = { DB_MAX_OPEN_CONNS: "12", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000" };

const ENDLESS_VALUE = { pools: [{ client: "api", values: { acquireTimeoutMs: 0 } }] };

export const ACQUIRE_TIMEOUT = [
  given("The wait ends before the request", acquire("7999")),
  given("The wait reaches the request", acquire("8000")).violates(8000, [1, 7999]),
  given("The wait is 0", acquire("0")).violates(0, [1, 7999]),
  given("The wait is switched off", acquire("false")).violates(0, [1, 7999]),
  given("The wait is not set", acquire(undefined, { PG_POOL_MAX: "12" })).violates(0, [1, 7999]),
  given("The wait is not set, and a shared name sets the size", acquire(undefined)).undecided(
    "containerDefinitions",
  ),
  given(
    "Knex waits longer than a request lasts",
    library({ KNEX_POOL_MAX: "12", REQUEST_TIMEOUT_MS: "50000" }),
  ).violates(60_000, [1, 49_999]),
  given("Nothing says which Prisma waits", on("prisma", {})).undecided("poolproof:pool-library"),
  given("The wait is a word", acquire("soon")).violates("soon", [1, 7999]),
  given("The wait is negative", acquire("-1")).violates(-1, [1, 7999]),
  given("The wait is not a number", acquire("NaN")).violates("NaN", [1, 7999]),
  given("The wait has a unit", acquire("1s")).violates("1s", [1, 7999]),
  given("The request has no end and the wait has", acquire("1000", ENDLESS)),
  given("Neither the request nor the wait has an end", acquire("0", ENDLESS)).violates(0, [1, null]),
  given("The wait is 0 in the policy configuration", acquire(undefined), ENDLESS_VALUE).violates(
    0,
    [1, 7999],
  ),
  given(
    "The wait is 0 in the policy configuration and 1 s in the plan",
    acquire("1000"),
    ENDLESS_VALUE,
  ).violates(null, [1, 7999]),
  given("The wait is in a secret", fromSecret("DB_POOL_ACQUIRE_TIMEOUT_MS", environment({}))).undecided(
    "containerDefinitions",
  ),
  given("The request timeout is in a secret", fromSecret("REQUEST_TIMEOUT_MS", environment({}))).undecided(
    "containerDefinitions",
  ),
  given("The containers are hidden", { taskDefinition: { containerDefinitions: UNKNOWN } }).undecided(
    "containerDefinitions",
  ),
  given(
    "A second pool has no wait",
    { environment: environment({ DB_REPORTS: "2" }) },
    { pools: [{ client: "api", pool: "reporting", library: "node-postgres", values: { poolMax: 4 } }] },
  ).violates(0, [1, 7999]),
  given("Nothing says which library holds the pool", library({ DB_POOL_SIZE: "12" })).undecided(
    "containerDefinitions",
  ),

  given("HikariCP's default ends before the request", library({ ...HIKARI, REQUEST_TIMEOUT_MS: "60000" })),
  given("HikariCP's default outlasts the request", library(HIKARI)).violates(30000, [1, 7999]),
  given("SQLAlchemy's default outlasts the request", library(ALCHEMY)).violates(30000, [1, 7999]),
  given(
    "SQLAlchemy's wait has no end",
    library({ ...ALCHEMY, ...ENDLESS, SQLALCHEMY_POOL_TIMEOUT: "none" }),
  ).violates(0, [1, null]),
  given("mysql2 has no option for the wait", {
    ...on("mysql2", {}),
    database: { engine: "mysql", engineVersion: "8.0" },
  }).violates(0, [1, 7999]),
  given("A Go request bounds the wait", {
    environment: environment({ ...GO, DB_POOL_MAX: undefined, DB_POOL_ACQUIRE_TIMEOUT_MS: undefined }),
  }),
  given("A Go request has no end", library({ ...GO, ...ENDLESS })).violates(0, [1, null]),
  given("A Go request's timeout is in a secret", fromSecret("REQUEST_TIMEOUT_MS", GO)).undecided(
    "containerDefinitions",
  ),
  given(
    "A Go program has a variable of its own for the wait",
    { environment: { ...GO, CHECKOUT_TIMEOUT: "9s", REQUEST_TIMEOUT_MS: "8000" } },
    { pools: [{ client: "api", variables: { acquireTimeoutMs: ["CHECKOUT_TIMEOUT"] } }] },
  ).violates(9000, [1, 7999]),
  given(
    "A config key sets the wait in milliseconds",
    on("node-postgres", { DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }),
    keyOf("DB_POOL_ACQUIRE_TIMEOUT_MS"),
  ).violates(0, [1, 7999]),
  given(
    "A config key sets the wait in seconds",
    on("sqlalchemy", { SQLALCHEMY_POOL_TIMEOUT: "none" }),
    keyOf("SQLALCHEMY_POOL_TIMEOUT"),
  ).violates(0, [1, 7999]),
  given(
    "A config key sets the wait in whatever unit",
    on("hikaricp", { WAIT: "0" }),
    keyOf("WAIT", { variables: { acquireTimeoutMs: ["WAIT"] } }),
  ).violates(0, [1, 7999]),
];
