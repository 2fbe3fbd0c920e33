import { ELSEWHERE, keepAlive, named, type PoolProfile, queryTimeout, SHARED_POOL_MAX } from "../library";

const SQLALCHEMY = "SQLAlchemy's default";
const SIZE = "SQLALCHEMY_POOL_SIZE";
const OVERFLOW = "SQLALCHEMY_MAX_OVERFLOW DB_MAX_OVERFLOW DB_POOL_MAX_OVERFLOW DATABASE_MAX_OVERFLOW";
const TIMEOUT = "SQLALCHEMY_POOL_TIMEOUT";
const RECYCLE = "SQLALCHEMY_POOL_RECYCLE DB_POOL_RECYCLE DATABASE_POOL_RECYCLE";
const OTHERS = "SQLALCHEMY_DATABASE_URI SQLALCHEMY_DATABASE_URL";

/**
 * SQLAlchemy's QueuePool: `pool_size` 5 and `max_overflow` 10 more, so 15 connections a process; `pool_size` 0 and
 * `max_overflow` −1 are no limit. `pool_timeout` is 30 s (0 fails at once), `pool_recycle` −1 never, idle connections
 * stay open (docs.sqlalchemy.org/en/20/core/pooling.html). Each worker of gunicorn or uvicorn is a process with an
 * engine of its own. Flask-SQLAlchemy names its options the same way.
 */
export const sqlalchemy: PoolProfile = {
  library: "sqlalchemy",
  marks: `${SIZE} ${OVERFLOW} ${TIMEOUT} ${RECYCLE} ${OTHERS}`.split(" "),
  settings: {
    ...ELSEWHERE,
    poolMax: {
      variables: [...named(SIZE), ...SHARED_POOL_MAX],
      default: { value: 5, of: `${SQLALCHEMY} \`pool_size\`` },
      unit: "connections",
      kind: "count",
      unlimited: (size) => size === 0,
      plus: {
        variables: named(OVERFLOW),
        default: { value: 10, of: `${SQLALCHEMY} \`max_overflow\`` },
        unit: "connections",
        kind: "bound",
        unlimited: (overflow) => overflow === -1,
      },
    },
    acquireTimeoutMs: {
      variables: named(`${TIMEOUT} DB_POOL_TIMEOUT DATABASE_POOL_TIMEOUT`, "s"),
      default: { value: 30_000, of: SQLALCHEMY },
      unit: "ms",
      kind: "duration",
      // It fails at once; a millisecond is the shortest wait that is not for ever.
      zeroMs: 1,
    },
    idleTimeoutMs: {
      variables: [],
      label: "pool_recycle",
      default: { value: 0, of: "SQLAlchemy keeps idle connections" },
      unit: "ms",
      kind: "duration",
    },
    queryTimeoutMs: queryTimeout(
      "the driver's default",
      "the driver's own limit, such as `command_timeout` of asyncpg or `read_timeout` of PyMySQL",
    ),
    maxLifetimeMs: {
      variables: named(RECYCLE, "s"),
      default: { value: 0, of: SQLALCHEMY },
      unit: "ms",
      kind: "duration",
      unlimited: (seconds) => seconds === -1,
    },
    keepAliveTimeoutMs: keepAlive(named("UVICORN_TIMEOUT_KEEP_ALIVE GUNICORN_KEEPALIVE", "s")),
  },
};
