import { unknown } from "../../reading";
import {
  COMMON,
  inUrl,
  named,
  type PoolProfile,
  profileOf,
  type TimeNotation,
  URL_VARIABLE,
  type Variable,
} from "../library";

/**
 * node-postgres (pg 8, pg-pool 3): `max` is 10 when unset, `connectionTimeoutMillis` 0 has no timeout,
 * `idleTimeoutMillis` is 10 s, and every other timeout is off (packages/pg-pool/index.js, packages/pg/lib/defaults.js).
 * It sends `statement_timeout`, `lock_timeout` and `idle_in_transaction_session_timeout` when it connects
 * (packages/pg/lib/client.js). The HTTP server is Node's own: `server.keepAliveTimeout` is 5 s (nodejs.org/api/http.html).
 */
export const nodePostgres: PoolProfile = profileOf({
  library: "node-postgres",
  title: "node-postgres",
  speaks: "postgres",
  marks:
    "PG_POOL_MAX PGPOOL_MAX DB_POOL_ACQUIRE_TIMEOUT_MS DB_POOL_IDLE_TIMEOUT_MS DB_POOL_QUEUE_MAX DB_POOL_MAX_LIFETIME_MS",
  size: "DB_POOL_MAX PG_POOL_MAX PGPOOL_MAX",
  max: 10,
  acquire: { ms: 0, names: "DB_POOL_ACQUIRE_TIMEOUT_MS" },
  idle: { ms: 10_000, names: "DB_POOL_IDLE_TIMEOUT_MS" },
  lifetime: { ms: 0, names: "DB_POOL_MAX_LIFETIME_MS" },
  server: "node",
  // pg-connection-string hands every parameter of the URL on (index.js); pg reads `PGOPTIONS` (lib/connection-parameters.js).
  session: { environment: true, urls: [URL_VARIABLE], isDirect: true },
  settings: {
    statementTimeoutMs: COMMON.statementTimeoutMs,
    lockTimeoutMs: COMMON.lockTimeoutMs,
    requestTimeoutMs: COMMON.requestTimeoutMs,
  },
});

const MYSQL2_SIZE = "MYSQL_CONNECTION_LIMIT MYSQL_POOL_MAX MYSQL_POOL_SIZE MYSQL_POOL_CONNECTION_LIMIT";

/**
 * mysql2: `connectionLimit` 10 (0 is no limit), `queueLimit` 0 lets any number wait, and nothing ends a wait:
 * `connectTimeout`, 10 s, is for the network alone, and `waitForConnections` false fails at once instead. Idle
 * connections close after `idleTimeout`, 60 s, but only where `maxIdle` is below `connectionLimit`, which it is not by
 * default. A URL's parameters are options like any other (github.com/sidorares/node-mysql2: lib/pool_config.js,
 * lib/base/pool.js, lib/connection_config.js).
 */
const mysql2: PoolProfile = profileOf({
  library: "mysql2",
  title: "mysql2",
  speaks: "mysql",
  marks: `${MYSQL2_SIZE} MYSQL_QUEUE_LIMIT MYSQL_POOL_QUEUE_LIMIT MYSQL_MAX_IDLE MYSQL_IDLE_TIMEOUT`,
  size: [...named(`${MYSQL2_SIZE} DB_CONNECTION_LIMIT`), ...inUrl("connectionLimit")],
  max: 10,
  unlimited: (limit) => limit === 0,
  acquire: {
    ms: 0,
    names: "DB_POOL_ACQUIRE_TIMEOUT_MS",
    how: "mysql2 has no option for it, so the program must implement the timeout",
  },
  idle: {
    ms: 0,
    names: "DB_POOL_IDLE_TIMEOUT_MS",
    how: "mysql2's `idleTimeout`, with `maxIdle` below `connectionLimit`",
  },
  lifetime: { ms: 0, names: "DB_POOL_MAX_LIFETIME_MS", how: "mysql2 has no option for it" },
  query: "the `timeout` of each query",
  server: "node",
  settings: {
    requestTimeoutMs: COMMON.requestTimeoutMs,
    queueMax: {
      variables: [
        ...named("MYSQL_QUEUE_LIMIT MYSQL_POOL_QUEUE_LIMIT"),
        ...inUrl("queueLimit"),
        ...COMMON.queueMax.variables,
      ],
      unit: "requests",
      kind: "bound",
    },
  },
});

/** mariadb: a pool that keeps `minimumIdle` = `connectionLimit`, 10, open; 10 s for one, 30 min idle (3.5.4, lib/config/pool-options.js). */
const mariadb = profileOf({
  library: "mariadb",
  title: "the mariadb connector",
  speaks: "mysql",
  opens: "at once",
  marks: "MARIADB_CONNECTION_LIMIT MARIADB_ACQUIRE_TIMEOUT MARIADB_IDLE_TIMEOUT",
  size: [...named("MARIADB_CONNECTION_LIMIT DB_CONNECTION_LIMIT"), ...inUrl("connectionLimit")],
  max: 10,
  acquire: { ms: 10_000, names: [...named("MARIADB_ACQUIRE_TIMEOUT"), ...inUrl("acquireTimeout")] },
  idle: { ms: 1_800_000, names: [...named("MARIADB_IDLE_TIMEOUT", "s"), ...inUrl("idleTimeout", "s")] },
  lifetime: { ms: 0 },
  server: "node",
});

/** mysql, which mysql2 follows and which is no longer maintained: 10 connections, 10 s for one, kept open (2.18, lib/PoolConfig.js). */
const mysql = profileOf({
  library: "mysql",
  title: "mysql",
  speaks: "mysql",
  marks: "",
  size: "MYSQL_CONNECTION_LIMIT DB_CONNECTION_LIMIT",
  max: 10,
  acquire: { ms: 10_000 },
  idle: { ms: 0 },
  lifetime: { ms: 0 },
  server: "node",
});

/**
 * postgres.js, Drizzle's usual driver: `max` 10, no limit on the wait in its queue (`connect_timeout`, 30 s, is for
 * opening), idle connections stay, and each ends after 45 to 90 s × 30 at random, at least 30 min (3.4, src/index.js).
 * Every option has a variable of its name behind `PG`, and a parameter of the URL, which wins; any other parameter is sent.
 */
const postgresJs = profileOf({
  library: "postgres.js",
  title: "postgres.js",
  speaks: "postgres",
  marks: "PGMAX PGIDLE_TIMEOUT PGMAX_LIFETIME PGMAX_PIPELINE PGFETCH_TYPES",
  size: [...named("PGMAX"), ...inUrl("max")],
  max: 10,
  acquire: {
    ms: 0,
    how: "postgres.js has no option for it, so the program must implement the timeout",
  },
  idle: { ms: 0, names: [...named("PGIDLE_TIMEOUT", "s"), ...inUrl("idle_timeout", "s")] },
  // At random between 30 and 60 minutes: the longest counts.
  lifetime: { ms: 3_600_000, names: [...named("PGMAX_LIFETIME", "s"), ...inUrl("max_lifetime", "s")] },
  server: "node",
  session: { urls: [URL_VARIABLE], isDirect: true },
});

/**
 * Knex over tarn (Objection, Strapi, Directus): 2 to 10 connections, 60 s for one, idle ones above the minimum close
 * after 30 s (knex 3, lib/client.js; tarn 3, dist/Pool.js).
 */
const knex = profileOf({
  library: "knex",
  title: "Knex",
  marks:
    "KNEX_POOL_MAX KNEX_POOL_MIN DB_POOL__MAX DB_POOL__MIN DATABASE_POOL_MIN DB_ACQUIRE_CONNECTION_TIMEOUT DATABASE_CONNECTION_TIMEOUT",
  size: "KNEX_POOL_MAX DB_POOL__MAX DATABASE_POOL_MAX",
  max: 10,
  acquire: { ms: 60_000, names: "DB_ACQUIRE_CONNECTION_TIMEOUT DATABASE_CONNECTION_TIMEOUT" },
  idle: { ms: 30_000 },
  lifetime: { ms: 0 },
  query: "`.timeout(ms, { cancel: true })` of each query, or the driver's own",
  server: "node",
});

/** Sequelize: 5 connections, 60 s for one, idle ones close after 10 s (6.37, lib/dialects/abstract/connection-manager.js). */
const sequelize = profileOf({
  library: "sequelize",
  title: "Sequelize",
  marks:
    "SEQUELIZE_POOL_MAX SEQUELIZE_POOL_MIN SEQUELIZE_POOL_ACQUIRE SEQUELIZE_POOL_IDLE DB_POOL_ACQUIRE DB_POOL_IDLE",
  size: "SEQUELIZE_POOL_MAX",
  max: 5,
  acquire: { ms: 60_000, names: "SEQUELIZE_POOL_ACQUIRE DB_POOL_ACQUIRE" },
  idle: { ms: 10_000, names: "SEQUELIZE_POOL_IDLE DB_POOL_IDLE" },
  lifetime: { ms: 0 },
  query: "`dialectOptions.query_timeout` or the driver's own",
  server: "node",
});

/** TypeORM takes its driver's pool as it is, pg's or mysql2's: 10 connections and no end of a wait (1.1, driver/postgres). */
const typeorm = profileOf({
  library: "typeorm",
  title: "the driver below TypeORM",
  marks: "TYPEORM_POOL_SIZE TYPEORM_HOST TYPEORM_URL TYPEORM_CONNECTION TYPEORM_DATABASE",
  size: "TYPEORM_POOL_SIZE",
  max: 10,
  acquire: { ms: 0, how: "`extra.connectionTimeoutMillis` of the data source" },
  idle: { ms: 10_000, how: "`extra.idleTimeoutMillis` of the data source" },
  lifetime: { ms: 0 },
  query: "`extra.query_timeout` of the data source",
  server: "node",
});

/** Slonik: 10 connections, 5 s for one, idle ones close after 5 s (README, "Configuration"). */
const slonik = profileOf({
  library: "slonik",
  title: "Slonik",
  speaks: "postgres",
  marks: "SLONIK_MAXIMUM_POOL_SIZE",
  size: "SLONIK_MAXIMUM_POOL_SIZE",
  max: 10,
  acquire: { ms: 5_000 },
  idle: { ms: 5_000 },
  lifetime: { ms: 0 },
  server: "node",
});

const ofPrisma = (parameter: string, writtenIn?: TimeNotation): readonly Variable[] => [
  { name: URL_VARIABLE, parameter, ...(writtenIn === undefined ? {} : { writtenIn }) },
];

/** `directUrl` and `shadowDatabaseUrl` of a schema are for Prisma Migrate (prisma.io/docs, "Data sources"). */
const OF_PRISMA_MIGRATE = ["DIRECT_URL", "DIRECT_DATABASE_URL", "SHADOW_DATABASE_URL"];

/** What a message says of both Prismas, whose pools have nothing in common. */
const WHICH_PRISMA =
  "Say which by the tag `poolproof:pool-library`: `prisma-6` for up to 6, or for 7 the driver whose adapter makes the pool, such as `node-postgres`";

/**
 * Prisma up to 6: `connection_limit` and `pool_timeout` (seconds, 10 when unset, 0 has no timeout) are parameters of the
 * data source's URL. `socket_timeout` (seconds, off when unset) ends a query. Without the first the pool holds twice the
 * physical CPUs and one, which no plan shows: a vCPU of Fargate or of an instance is a hyperthread on most classes and a
 * core on others (prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections/connection-pool).
 */
const prisma6: PoolProfile = profileOf({
  library: "prisma-6",
  title: "Prisma 6",
  ofTools: OF_PRISMA_MIGRATE,
  refines: "prisma",
  // Prisma 7 has no query engine.
  marks:
    "PRISMA_QUERY_ENGINE_LIBRARY PRISMA_QUERY_ENGINE_BINARY PRISMA_CLIENT_ENGINE_TYPE PRISMA_CLI_QUERY_ENGINE_TYPE PRISMA_ENGINES_MIRROR",
  size: [],
  max: 0,
  pins: "Prisma up to 6 prepares statements under names",
  acquire: { ms: 10_000, names: ofPrisma("pool_timeout", "s") },
  idle: { ms: 300_000, names: ofPrisma("max_idle_connection_lifetime", "s") },
  lifetime: { ms: 0, names: ofPrisma("max_connection_lifetime", "s") },
  server: "node",
  session: { urls: [URL_VARIABLE] },
  settings: {
    requestTimeoutMs: COMMON.requestTimeoutMs,
    poolMax: {
      variables: ofPrisma("connection_limit"),
      default: {
        hidden: {
          ...unknown(
            `connection_limit in ${URL_VARIABLE}`,
            "`connection_limit` is not in the URL, and Prisma then takes twice the machine's physical CPUs and one, which no plan shows",
          ),
          fix: `Add \`connection_limit\` to the URL in \`${URL_VARIABLE}\`, or set \`values.poolMax\` of the client under \`pools\` in the policy configuration`,
        },
      },
      unit: "connections",
      kind: "count",
    },
    queryTimeoutMs: {
      variables: [...ofPrisma("socket_timeout", "s"), ...named("DB_QUERY_TIMEOUT_MS")],
      default: { value: 0, of: "Prisma's default" },
      unit: "ms",
      kind: "duration",
    },
  },
});

/**
 * Prisma of a version that is not known. Since 7 the driver makes the pool, and nothing reads `connection_limit` and
 * `pool_timeout` (measured with @prisma/adapter-pg 7.10: `?connection_limit=3&pool_timeout=5` makes a pool of 10 without
 * an acquire timeout): what the URL says then has no effect.
 */
const prisma: PoolProfile = profileOf({
  library: "prisma",
  title: "Prisma",
  ofTools: OF_PRISMA_MIGRATE,
  marks: [
    { name: URL_VARIABLE, parameter: "connection_limit" },
    { name: URL_VARIABLE, parameter: "pool_timeout" },
  ],
  size: [],
  max: 0,
  acquire: { ms: 0 },
  idle: { ms: 0 },
  lifetime: { ms: 0 },
  server: "node",
  settings: {
    requestTimeoutMs: COMMON.requestTimeoutMs,
    ...Object.fromEntries(
      (
        [
          [
            "poolMax",
            "connections",
            "count",
            "Prisma up to 6 takes the pool's size from `connection_limit` in the URL and Prisma 7 from its driver adapter, and the version is not known",
          ],
          [
            "acquireTimeoutMs",
            "ms",
            "duration",
            "Prisma up to 6 ends the wait after `pool_timeout` and Prisma 7 as its driver does, and the version is not known",
          ],
          [
            "idleTimeoutMs",
            "ms",
            "duration",
            "Prisma up to 6 closes idle connections itself and Prisma 7 leaves that to its driver, and the version is not known",
          ],
          [
            "maxLifetimeMs",
            "ms",
            "duration",
            "Prisma up to 6 takes it from the URL and Prisma 7 from its driver, and the version is not known",
          ],
        ] as const
      ).map(([setting, unit, kind, why]) => [
        setting,
        {
          variables: [],
          label: "poolproof:pool-library",
          default: { hidden: { ...unknown("poolproof:pool-library", why), fix: WHICH_PRISMA } },
          unit,
          kind,
        },
      ]),
    ),
    queryTimeoutMs: {
      variables: named("DB_QUERY_TIMEOUT_MS"),
      default: {
        hidden: {
          ...unknown(
            "poolproof:pool-library",
            "Prisma up to 6 reads `socket_timeout` in the URL and Prisma 7 does not, and the version is not known",
          ),
          fix: WHICH_PRISMA,
        },
      },
      unit: "ms",
      kind: "duration",
    },
  },
});

/** n8n: TypeORM with 2 connections, 20 s to connect (packages/@n8n/config, database.config.ts). */
const n8n = profileOf({
  library: "n8n",
  title: "n8n",
  image: /(?:^|\/)n8n(?:io\/n8n)?(?=[:@]|$)/,
  marks: "DB_POSTGRESDB_POOL_SIZE DB_POSTGRESDB_CONNECTION_TIMEOUT",
  size: "DB_POSTGRESDB_POOL_SIZE",
  max: 2,
  acquire: { ms: 20_000, names: "DB_POSTGRESDB_CONNECTION_TIMEOUT" },
  idle: { ms: 30_000, names: "DB_POSTGRESDB_IDLE_CONNECTION_TIMEOUT" },
  lifetime: { ms: 0 },
  server: "node",
});

export const NODE_LIBRARIES: readonly PoolProfile[] = [
  nodePostgres,
  mysql2,
  postgresJs,
  knex,
  typeorm,
  sequelize,
  prisma,
  prisma6,
  mariadb,
  mysql,
  slonik,
  n8n,
].map((profile) => ({ runtime: "loop", ...profile }));
