import { unknown } from "../../reading";
import {
  AT_ONCE,
  COMMON,
  inUrl,
  keepAlive,
  named,
  type PoolProfile,
  profileOf,
  SHARED_POOL_MAX,
  URL_VARIABLE,
  type Variable,
} from "../library";

const GO_OPEN = "DB_MAX_OPEN_CONNS DATABASE_MAX_OPEN_CONNS DB_MAX_OPEN_CONNECTIONS";
const GO_LIFETIME = "DB_CONN_MAX_LIFETIME DATABASE_CONN_MAX_LIFETIME";
const GO_IDLE = "DB_CONN_MAX_IDLE_TIME DATABASE_CONN_MAX_IDLE_TIME";
const GO_KEPT = "DB_MAX_IDLE_CONNS DATABASE_MAX_IDLE_CONNS DB_MAX_IDLE_CONNECTIONS";

const goServer = {
  requestTimeoutMs: {
    ...COMMON.requestTimeoutMs,
    variables: [...COMMON.requestTimeoutMs.variables, ...named("REQUEST_TIMEOUT", "go")],
    how: "its HTTP server's or framework's limit on a request",
  },
  keepAliveTimeoutMs: keepAlive(named("HTTP_IDLE_TIMEOUT SERVER_IDLE_TIMEOUT", "go")),
} as const;

/**
 * Go's `database/sql` (GORM, sqlx): `SetMaxOpenConns` 0 or never called is no limit, `SetConnMaxLifetime` and
 * `SetConnMaxIdleTime` are off, and no more than `SetMaxIdleConns` (2) stay open without work (pkg.go.dev/database/sql).
 * It has no acquire timeout: the wait for a connection lasts until its context ends, so the request's own deadline bounds
 * it. Its times are Go durations, `5m`.
 */
const goDatabaseSql: PoolProfile = profileOf({
  library: "go-database-sql",
  runtime: "threads",
  title: "database/sql",
  marks: `${GO_OPEN} ${GO_LIFETIME} ${GO_IDLE} ${GO_KEPT}`,
  keptIdle: { variables: named(GO_KEPT), otherwise: 2 },
  size: GO_OPEN,
  max: { unlimited: "without `SetMaxOpenConns`, database/sql opens an unlimited number of connections" },
  unlimited: (open) => open <= 0,
  acquire: { ms: 0, boundedByRequest: true },
  idle: { ms: 0, names: GO_IDLE, writtenIn: "go", unlimited: (ms) => ms < 0 },
  lifetime: { ms: 0, names: GO_LIFETIME, writtenIn: "go", unlimited: (ms) => ms < 0 },
  // lib/pq and pgx send what they do not know themselves (pkg.go.dev/github.com/jackc/pgx/v5/pgconn#ParseConfig).
  session: { environment: true, urls: [URL_VARIABLE, "DB_URL"], isDirect: true },
  settings: {
    ...goServer,
    acquireTimeoutMs: {
      variables: [],
      label: "REQUEST_TIMEOUT_MS",
      default: { value: 0, of: "database/sql's default" },
      unit: "ms",
      kind: "duration",
      boundedByRequest: true,
    },
    queryTimeoutMs: {
      variables: named("DB_QUERY_TIMEOUT_MS"),
      default: { value: 0, of: "database/sql's default" },
      unit: "ms",
      kind: "duration",
      how: "a context with a deadline for each query",
      boundedByRequest: true,
    },
  },
});

const PGX_SIZE = "DATABASE_MAX_CONNS DB_MAX_CONNS PGX_MAX_CONNS PGXPOOL_MAX_CONNS PG_MAX_CONNS";
const pgxUrl = (parameter: string): readonly Variable[] => [
  { name: "DATABASE_URL", parameter, writtenIn: "go" },
  { name: "DB_URL", parameter, writtenIn: "go" },
];

/**
 * pgxpool (jackc/pgx 5): the larger of 4 and the machine's CPUs unless `pool_max_conns` stands in the connection string;
 * 60 min of life, 30 min idle, and a wait that ends with its context (pgxpool/pool.go of 5.13).
 */
const pgxpool = profileOf({
  library: "pgxpool",
  runtime: "threads",
  title: "pgxpool",
  speaks: "postgres",
  marks: [
    ...`${PGX_SIZE} DATABASE_MIN_CONNS DB_MIN_CONNS PGX_MIN_CONNS`.split(" "),
    ...["pool_max_conns", "pool_min_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time"].flatMap(
      (parameter) => pgxUrl(parameter).map(({ name }) => ({ name, parameter })),
    ),
  ],
  size: [
    ...pgxUrl("pool_max_conns").map(({ name, parameter = "" }) => ({ name, parameter })),
    ...named(PGX_SIZE),
  ],
  max: {
    hidden:
      "`pool_max_conns` is not set, and pgxpool then takes the larger of 4 and the machine's CPUs, which no plan shows",
    fix: "Add `pool_max_conns` to the connection string, or set `values.poolMax` of the client under `pools` in the policy configuration",
  },
  acquire: { ms: 0, boundedByRequest: true },
  idle: { ms: 1_800_000, names: pgxUrl("pool_max_conn_idle_time") },
  lifetime: { ms: 3_600_000, names: pgxUrl("pool_max_conn_lifetime") },
  session: { environment: true, urls: [URL_VARIABLE, "DB_URL"], isDirect: true },
  settings: {
    ...goServer,
    acquireTimeoutMs: goDatabaseSql.settings.acquireTimeoutMs,
    queryTimeoutMs: goDatabaseSql.settings.queryTimeoutMs,
  },
});

/**
 * Active Record: at most one connection a thread; `pool` 5 (which Rails' template takes from `RAILS_MAX_THREADS`), 5 s
 * for one, idle ones close after 5 min (activerecord, database_configurations/hash_config.rb). Parameters of `DATABASE_URL`
 * win over database.yml (Rails guides, "Configuring a Database").
 */
const activeRecord = profileOf({
  library: "active-record",
  title: "Active Record",
  opens: "thread",
  marks: "RAILS_DB_POOL",
  signs: "RAILS_MAX_THREADS RAILS_MIN_THREADS RAILS_ENV RAILS_MASTER_KEY RACK_ENV SIDEKIQ_CONCURRENCY".split(
    " ",
  ),
  size: [...named("DB_POOL RAILS_DB_POOL DATABASE_POOL"), ...inUrl("pool max_connections")],
  max: 5,
  acquire: {
    ms: 5_000,
    names: [
      ...named("DB_CHECKOUT_TIMEOUT DATABASE_CHECKOUT_TIMEOUT", "s"),
      ...inUrl("checkout_timeout", "s"),
    ],
  },
  idle: { ms: 300_000, names: [...named("DB_IDLE_TIMEOUT", "s"), ...inUrl("idle_timeout", "s")] },
  session: { environment: true },
  lifetime: { ms: 0 },
  query: "`variables.statement_timeout` in database.yml",
  sizeElse: "RAILS_MAX_THREADS",
});

/**
 * PHP with PDO or mysqli (Laravel, Symfony): a child of PHP-FPM or Apache opens a connection of its own and closes it at
 * the end of the request; what the database refuses is an error at once.
 */
const php = profileOf({
  library: "php",
  title: "PHP",
  opens: "no pool",
  marks: "",
  signs:
    "PHP_FPM_PM PHP_FPM_MAX_CHILDREN PHP_FPM_PM_MAX_CHILDREN FPM_PM_MAX_CHILDREN PHP_PM_MAX_CHILDREN PHP_MEMORY_LIMIT PHP_FPM_PM_CONTROL OCTANE_WORKERS FRANKENPHP_CONFIG".split(
      " ",
    ),
  size: [],
  max: 0,
  acquire: AT_ONCE,
  idle: AT_ONCE,
  lifetime: AT_ONCE,
  query: "`PDO::ATTR_TIMEOUT` or the server's own limit",
});

/** WordPress' image for Apache prefork, whose Debian package serves 150 requests at once, and that for PHP-FPM. */
const wordpress: PoolProfile = {
  ...php,
  library: "wordpress",
  signs: [],
  image: /(?:^|\/)wordpress(?=[:@]|$)/,
  marks: ["WORDPRESS_DB_HOST", "WORDPRESS_DB_PASSWORD"],
};

/** ADO.NET's connection strings, under the names that .NET binds. */
const ADO_NAMES =
  /^(?:ConnectionStrings?(?:__|:|_)\w+|(?:SQL|MYSQL|POSTGRESQL|CUSTOM)?CONNSTR_\w+|(?:DB_|DATABASE_)?CONNECTION_?STRING)$/i;
const ado = (...parameters: readonly string[]): readonly Variable[] =>
  parameters.map((parameter) => ({ name: "ConnectionStrings__*", parameter }));

const sizes = ado("Maximum Pool Size", "Max Pool Size", "MaxPoolSize", "MaximumPoolSize");

const adoNet = (
  library: string,
  title: string,
  speaks: "postgres" | "mysql",
  idleMs: number,
  lifetimeMs: number,
) =>
  profileOf({
    library,
    title,
    speaks,
    runtime: "threads",
    connectionString: ADO_NAMES,
    ...(library === "npgsql" ? { pins: "Npgsql sends `DISCARD ALL` when it takes a connection back" } : {}),
    marks: [],
    size: sizes,
    max: 100,
    acquire: {
      ms: 15_000,
      names: ado("Timeout", "Connection Timeout", "Connect Timeout").map((each) => ({
        ...each,
        writtenIn: "s",
      })),
    },
    idle: {
      ms: idleMs,
      names: ado("Connection Idle Lifetime", "Connection Idle Timeout").map((each) => ({
        ...each,
        writtenIn: "s",
      })),
    },
    lifetime: {
      ms: lifetimeMs,
      names: ado("Connection Lifetime", "Load Balance Timeout", "ConnectionLifeTime").map((each) => ({
        ...each,
        writtenIn: "s",
      })),
    },
    query: "`Command Timeout` of the connection string",
    ...(speaks === "postgres" ? { session: { environment: true, urls: ["ConnectionStrings__*"] } } : {}),
    settings: {
      poolMax: {
        variables: [...sizes, ...SHARED_POOL_MAX],
        default: { value: 100, of: `${title}'s default` },
        unit: "connections",
        kind: "count",
        turnedOff: ado("Pooling"),
      },
      queryTimeoutMs: {
        variables: [
          ...ado("Command Timeout", "Default Command Timeout", "CommandTimeout").map((each) => ({
            ...each,
            writtenIn: "s" as const,
          })),
          ...named("DB_QUERY_TIMEOUT_MS"),
        ],
        default: { value: 30_000, of: `${title}'s default` },
        unit: "ms",
        kind: "duration",
      },
    },
  });

/** Npgsql (EF Core): 100 connections, 15 s, idle ones close after 5 min, 60 min of life by 10 and none before (NpgsqlConnectionStringBuilder.cs). */
const npgsql = adoNet("npgsql", "Npgsql", "postgres", 300_000, 0);
/** MySqlConnector (Pomelo): 100 connections, 15 s, idle ones close after 3 min (MySqlConnectionStringBuilder.cs). */
const mysqlConnector = adoNet("mysqlconnector", "MySqlConnector", "mysql", 180_000, 0);

/** Ecto: `POOL_SIZE`, 10, one pool for each repository and `pool_count`; a wait fails when the queue stays long (db_connection, `queue_target`). */
const ecto = profileOf({
  library: "ecto",
  runtime: "threads",
  title: "Ecto",
  opens: "at once",
  marks: "ECTO_POOL_COUNT ECTO_POOL_SIZE",
  signs: ["ECTO_IPV6", "PHX_SERVER", "PHX_HOST", "RELEASE_COOKIE"],
  // A URL's parameters win (ecto, lib/ecto/repo/supervisor.ex, parse_url).
  size: [...named("ECTO_POOL_SIZE POOL_SIZE"), ...inUrl("pool_size")],
  max: 10,
  acquire: { ms: 15_000, how: "`timeout` of the repository" },
  idle: { ms: 0 },
  lifetime: { ms: 0 },
  query: "`timeout` of the repository",
});

/** sqlx (Rust): 10 connections, 30 s for one, 10 min idle, 30 min of life (sqlx-core 0.9, pool/options.rs). */
const sqlx = profileOf({
  library: "sqlx",
  runtime: "threads",
  title: "sqlx",
  marks: "SQLX_MAX_CONNECTIONS",
  signs: ["SQLX_OFFLINE"],
  size: "SQLX_MAX_CONNECTIONS DATABASE_MAX_CONNECTIONS DB_MAX_CONNECTIONS",
  max: 10,
  acquire: { ms: 30_000, how: "`acquire_timeout` of the pool's options" },
  idle: { ms: 600_000, how: "`idle_timeout` of the pool's options" },
  lifetime: { ms: 1_800_000 },
});

/** deadpool-postgres: twice the machine's CPUs, no end of a wait, nothing idle closes (deadpool, managed/config.rs). */
const deadpool = profileOf({
  library: "deadpool",
  runtime: "threads",
  title: "deadpool",
  speaks: "postgres",
  marks: "PG__POOL__MAX_SIZE PG__HOST PG__DBNAME",
  size: "PG__POOL__MAX_SIZE",
  max: {
    hidden:
      "`PG__POOL__MAX_SIZE` is not set, and deadpool then takes twice the machine's CPUs, which no plan shows",
    fix: "Set `PG__POOL__MAX_SIZE` in its environment",
  },
  acquire: { ms: 0, names: named("PG__POOL__TIMEOUTS__WAIT__SECS", "s") },
  idle: { ms: 0, how: "deadpool has no option for it" },
  lifetime: { ms: 0, how: "deadpool has no option for it" },
});

/**
 * Hasura: 50 connections for each stripe of each source, 3 min idle, 10 min of life (hasura/graphql-engine,
 * server/src-lib/Hasura/Server/Init.hs and Utils.hs). Since 2.0 the variables only make the first source: after that its
 * metadata says how large each pool is (`EnvVarsMovedToMetadata`, ibid.), which no plan shows.
 */
const HASURA_METADATA = {
  ...unknown(
    "HASURA_GRAPHQL_PG_CONNECTIONS",
    "Hasura 2 keeps the pool settings of each source in its metadata, and reads the variables at its first start alone",
  ),
  fix: "Give `values` of the client under `pools` in the policy configuration, with `poolMax` as the sum of the pools of its sources and of its metadata database",
};
const inMetadata = {
  variables: [],
  default: { hidden: HASURA_METADATA },
  unit: "ms",
  kind: "duration",
} as const;
const hasura = profileOf({
  library: "hasura",
  title: "Hasura",
  image: /(?:^|\/)graphql-engine(?=[:@]|$)/,
  marks:
    "HASURA_GRAPHQL_PG_CONNECTIONS HASURA_GRAPHQL_DATABASE_URL HASURA_GRAPHQL_METADATA_DATABASE_URL HASURA_GRAPHQL_PG_TIMEOUT",
  size: "HASURA_GRAPHQL_PG_CONNECTIONS",
  max: 50,
  acquire: { ms: 0 },
  idle: { ms: 0 },
  lifetime: { ms: 0 },
  settings: {
    poolMax: {
      variables: named("HASURA_GRAPHQL_PG_CONNECTIONS"),
      default: { value: 50, of: "Hasura's default" },
      plus: { ...inMetadata, unit: "connections", kind: "bound" },
      unit: "connections",
      kind: "count",
    },
    acquireTimeoutMs: { ...inMetadata, label: "HASURA_GRAPHQL_PG_POOL_TIMEOUT" },
    idleTimeoutMs: { ...inMetadata, label: "HASURA_GRAPHQL_PG_TIMEOUT" },
    maxLifetimeMs: { ...inMetadata, label: "HASURA_GRAPHQL_PG_CONN_LIFETIME" },
  },
});

/** Grafana over xorm and database/sql: no limit unless `max_open_conn` is set, 4 h of life (grafana/grafana@002060f, conf/defaults.ini). */
const grafana = profileOf({
  library: "grafana",
  runtime: "threads",
  title: "Grafana",
  image: /(?:^|\/)grafana(?:-oss|-enterprise)?(?=[:@]|$)/,
  marks: "GF_DATABASE_MAX_OPEN_CONN GF_DATABASE_HOST GF_DATABASE_TYPE GF_DATABASE_URL",
  size: "GF_DATABASE_MAX_OPEN_CONN",
  max: { unlimited: "without `GF_DATABASE_MAX_OPEN_CONN` Grafana opens as many as are asked for" },
  unlimited: (open) => open <= 0,
  acquire: { ms: 0, boundedByRequest: true },
  idle: { ms: 0 },
  lifetime: { ms: 14_400_000, names: named("GF_DATABASE_CONN_MAX_LIFETIME", "s") },
});

/** Miniflux over database/sql: 20 connections, 5 min of life, 300 s for a request (miniflux/v2@2c8d51b, internal/config/options.go). */
const miniflux = profileOf({
  library: "miniflux",
  runtime: "threads",
  title: "Miniflux",
  image: /(?:^|\/)miniflux(?=[:@]|$)/,
  marks: "DATABASE_CONNECTION_LIFETIME",
  size: "DATABASE_MAX_CONNS",
  max: 20,
  acquire: { ms: 0, boundedByRequest: true },
  idle: { ms: 0 },
  lifetime: { ms: 300_000, names: named("DATABASE_CONNECTION_LIFETIME", "min") },
  settings: {
    requestTimeoutMs: {
      ...COMMON.requestTimeoutMs,
      variables: named("HTTP_SERVER_TIMEOUT", "s"),
      default: { value: 300_000, of: "Miniflux's default" },
    },
  },
});

/** The names of an option in an image's variables, and in PgBouncer's own file. */
const bouncer = (option: string): string => `PGBOUNCER_${option} ${option} ${option.toLowerCase()}`;

/**
 * PgBouncer and poolers like it: 20 server connections for each user and database, 120 s for one, idle ones close after
 * 10 min, all after 60 min (pgbouncer.org/config.html). `max_db_connections` caps them, and 0 does not.
 */
const pgbouncer = profileOf({
  library: "pgbouncer",
  title: "PgBouncer",
  speaks: "postgres",
  image: /(?:^|[/_-])(?:pgbouncer|odyssey|pgcat|pgpool)(?=[:@/_-]|$)/i,
  marks: `${["DEFAULT_POOL_SIZE", "MAX_DB_CONNECTIONS", "POOL_MODE", "MAX_CLIENT_CONN"].map((option) => `PGBOUNCER_${option}`).join(" ")} MAX_CLIENT_CONN max_client_conn pgbouncer.ini`,
  size: bouncer("DEFAULT_POOL_SIZE"),
  max: 20,
  acquire: { ms: 120_000, names: bouncer("QUERY_WAIT_TIMEOUT"), writtenIn: "s" },
  idle: { ms: 600_000, names: bouncer("SERVER_IDLE_TIMEOUT"), writtenIn: "s" },
  lifetime: { ms: 3_600_000, names: bouncer("SERVER_LIFETIME"), writtenIn: "s" },
  server: "node",
  cap: bouncer("MAX_DB_CONNECTIONS"),
  reserve: bouncer("RESERVE_POOL_SIZE"),
});

export const OTHER_LIBRARIES: readonly PoolProfile[] = [
  goDatabaseSql,
  pgxpool,
  activeRecord,
  php,
  wordpress,
  npgsql,
  mysqlConnector,
  ecto,
  sqlx,
  deadpool,
  hasura,
  grafana,
  miniflux,
  pgbouncer,
];
