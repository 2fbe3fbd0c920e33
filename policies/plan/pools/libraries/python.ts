import { AT_ONCE, keepAlive, named, type PoolProfile, profileOf, URL_VARIABLE } from "../library";

/** The keep-alive of the servers that run most Python programs, where a variable says it. */
const pythonKeepAlive = keepAlive(named("UVICORN_TIMEOUT_KEEP_ALIVE GUNICORN_KEEPALIVE", "s"));

const SIZE = "SQLALCHEMY_POOL_SIZE";
const OVERFLOW = "SQLALCHEMY_MAX_OVERFLOW DB_MAX_OVERFLOW DB_POOL_MAX_OVERFLOW DATABASE_MAX_OVERFLOW";
const TIMEOUT = "SQLALCHEMY_POOL_TIMEOUT";
const RECYCLE = "SQLALCHEMY_POOL_RECYCLE DB_POOL_RECYCLE DATABASE_POOL_RECYCLE";

/** `pool_size` and what `max_overflow` adds to it. */
const queuePool = (size: string, overflow: string, of: string) =>
  ({
    variables: named(size),
    default: { value: 5, of: `${of} \`pool_size\`` },
    unit: "connections",
    kind: "count",
    unlimited: (connections: number) => connections === 0,
    plus: {
      variables: named(overflow),
      default: { value: 10, of: `${of} \`max_overflow\`` },
      unit: "connections",
      kind: "bound",
      unlimited: (connections: number) => connections === -1,
    },
  }) as const;

/**
 * SQLAlchemy's QueuePool: `pool_size` 5 and `max_overflow` 10 more, so 15 connections a process; `pool_size` 0 and
 * `max_overflow` −1 are no limit. `pool_timeout` is 30 s (0 fails at once), `pool_recycle` −1 never, idle connections
 * stay open (docs.sqlalchemy.org/en/20/core/pooling.html). Each worker of gunicorn or uvicorn is a process with an
 * engine of its own, whose threads may hold several sessions each: they do not bound it. Flask-SQLAlchemy names its options
 * the same way.
 */
const sqlalchemy = profileOf({
  library: "sqlalchemy",
  title: "SQLAlchemy",
  marks: `${SIZE} ${OVERFLOW} ${TIMEOUT} ${RECYCLE} SQLALCHEMY_DATABASE_URI SQLALCHEMY_DATABASE_URL`,
  size: SIZE,
  max: 5,
  // It fails at once; a millisecond is the shortest wait that has an end.
  acquire: {
    ms: 30_000,
    names: `${TIMEOUT} DB_POOL_TIMEOUT DATABASE_POOL_TIMEOUT`,
    writtenIn: "s",
    zeroMs: 1,
  },
  idle: { ms: 0, how: "`pool_recycle`, which ends a connection whether idle or not" },
  lifetime: { ms: 0, names: RECYCLE, writtenIn: "s", unlimited: (seconds) => seconds === -1 },
  query: "the driver's own limit, such as `command_timeout` of asyncpg or `read_timeout` of PyMySQL",
  session: { environment: true, urls: [URL_VARIABLE, "SQLALCHEMY_DATABASE_URI"] },
  settings: { keepAliveTimeoutMs: pythonKeepAlive },
});

/**
 * Django without a pool: each thread opens a connection of its own, closed after the request unless `CONN_MAX_AGE` keeps
 * it; what the database refuses is an error at once (django 5.2, db/backends/base/base.py). Its own pool, since 5.1, is
 * psycopg_pool's.
 */
const django = profileOf({
  library: "django",
  title: "Django",
  opens: "no pool",
  marks: "CONN_MAX_AGE DB_CONN_MAX_AGE DATABASE_CONN_MAX_AGE",
  signs: ["DJANGO_SETTINGS_MODULE", "DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS", "DJANGO_DEBUG"],
  size: [],
  max: 0,
  acquire: AT_ONCE,
  idle: { ms: 1, names: "CONN_MAX_AGE DB_CONN_MAX_AGE DATABASE_CONN_MAX_AGE", writtenIn: "s", zeroMs: 1 },
  lifetime: { ms: 1, names: "CONN_MAX_AGE DB_CONN_MAX_AGE DATABASE_CONN_MAX_AGE", writtenIn: "s", zeroMs: 1 },
  query: "`options` of the database, such as `-c statement_timeout=…`",
  session: { environment: true, urls: [URL_VARIABLE] },
  settings: { keepAliveTimeoutMs: pythonKeepAlive },
});

/** psycopg_pool: 4 connections that open at the start (`max_size` is `min_size` unless set), 30 s for one, 10 min idle, 60 min of life (3.3, base.py). */
const psycopgPool = profileOf({
  library: "psycopg-pool",
  title: "psycopg_pool",
  speaks: "postgres",
  opens: "at once",
  marks: "PSYCOPG_POOL_MAX_SIZE PSYCOPG_POOL_MIN_SIZE DB_POOL_MIN_SIZE",
  size: "PSYCOPG_POOL_MAX_SIZE DB_POOL_MAX_SIZE",
  max: 4,
  acquire: { ms: 30_000, names: "PSYCOPG_POOL_TIMEOUT", writtenIn: "s" },
  idle: { ms: 600_000, names: "PSYCOPG_POOL_MAX_IDLE", writtenIn: "s" },
  lifetime: { ms: 3_600_000, names: "PSYCOPG_POOL_MAX_LIFETIME", writtenIn: "s" },
  query: "the server's `statement_timeout` in `options`",
  session: { environment: true, urls: [URL_VARIABLE] },
  settings: { keepAliveTimeoutMs: pythonKeepAlive },
});

/** asyncpg: 10 connections that open at the start, no end of a wait, 5 min idle, no end of life (0.32, pool.py). Its reset query pins a session of RDS Proxy (MagicStack/asyncpg#1153). */
const asyncpg = profileOf({
  library: "asyncpg",
  title: "asyncpg",
  speaks: "postgres",
  opens: "at once",
  pins: "asyncpg resets each session with a query that a proxy keeps it for",
  marks: "ASYNCPG_POOL_MAX_SIZE ASYNCPG_MAX_SIZE ASYNCPG_POOL_MIN_SIZE ASYNCPG_MIN_SIZE",
  size: "ASYNCPG_POOL_MAX_SIZE ASYNCPG_MAX_SIZE",
  max: 10,
  acquire: { ms: 0, how: "`timeout` of `acquire()`" },
  idle: { ms: 300_000, how: "`max_inactive_connection_lifetime` of the pool" },
  lifetime: { ms: 0 },
  query: "`command_timeout` of the pool",
  settings: { keepAliveTimeoutMs: pythonKeepAlive },
});

/** aiomysql: 10 connections, no end of a wait, idle ones stay (pool.py). */
const aiomysql = profileOf({
  library: "aiomysql",
  title: "aiomysql",
  speaks: "mysql",
  marks: "AIOMYSQL_POOL_MAXSIZE",
  size: "AIOMYSQL_POOL_MAXSIZE",
  max: 10,
  acquire: { ms: 0, how: "a timeout of the program's around it" },
  idle: { ms: 0, how: "`pool_recycle` of the pool" },
  lifetime: { ms: 0, how: "`pool_recycle` of the pool" },
  settings: { keepAliveTimeoutMs: pythonKeepAlive },
});

const airflowName = (setting: string): string =>
  `AIRFLOW__DATABASE__SQL_ALCHEMY_${setting} AIRFLOW__CORE__SQL_ALCHEMY_${setting}`;

/** Airflow over SQLAlchemy: 5 and 10 more in each of its processes, recycled after 30 min (configuration reference, "database"). */
const airflow = profileOf({
  library: "airflow",
  title: "Airflow",
  image: /(?:^|\/)airflow(?=[:@]|$)/,
  marks: ["CONN", "POOL_SIZE", "MAX_OVERFLOW", "POOL_RECYCLE"].map(airflowName).join(" "),
  size: airflowName("POOL_SIZE"),
  max: 5,
  acquire: { ms: 30_000 },
  idle: { ms: 0 },
  lifetime: { ms: 1_800_000, names: airflowName("POOL_RECYCLE"), writtenIn: "s", unlimited: (s) => s === -1 },
  settings: {
    poolMax: queuePool(airflowName("POOL_SIZE"), airflowName("MAX_OVERFLOW"), "Airflow's default"),
    keepAliveTimeoutMs: pythonKeepAlive,
  },
});

const withOverflow: PoolProfile = {
  ...sqlalchemy,
  settings: {
    ...sqlalchemy.settings,
    poolMax: {
      ...queuePool(SIZE, OVERFLOW, "SQLAlchemy's default"),
      variables: sqlalchemy.settings.poolMax.variables,
    },
  },
};

export const PYTHON_LIBRARIES: readonly PoolProfile[] = [
  withOverflow,
  django,
  psycopgPool,
  asyncpg,
  aiomysql,
  airflow,
];
