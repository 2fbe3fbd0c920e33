import {
  COMMON,
  ELSEWHERE,
  keepAlive,
  named,
  type PoolProfile,
  queryTimeout,
  SHARED_POOL_MAX,
} from "../library";

const GO = "database/sql's default";
const OPEN = "DB_MAX_OPEN_CONNS DATABASE_MAX_OPEN_CONNS DB_MAX_OPEN_CONNECTIONS";
const LIFETIME = "DB_CONN_MAX_LIFETIME DATABASE_CONN_MAX_LIFETIME";
const IDLE = "DB_CONN_MAX_IDLE_TIME DATABASE_CONN_MAX_IDLE_TIME";
const OTHERS = "DB_MAX_IDLE_CONNS DATABASE_MAX_IDLE_CONNS DB_MAX_IDLE_CONNECTIONS";

/**
 * Go's `database/sql`: `SetMaxOpenConns` 0 or never called is no limit, `SetConnMaxLifetime` and
 * `SetConnMaxIdleTime` are off, and no more than `SetMaxIdleConns` (2) stay open without work (pkg.go.dev/database/sql).
 * It has no acquire timeout: whoever waits for a connection waits until its context ends, so the request's own
 * deadline is what bounds the wait. Its times are Go durations, `5m`.
 */
export const goDatabaseSql: PoolProfile = {
  library: "go-database-sql",
  marks: `${OPEN} ${LIFETIME} ${IDLE} ${OTHERS}`.split(" "),
  settings: {
    ...ELSEWHERE,
    poolMax: {
      variables: [...named(OPEN), ...SHARED_POOL_MAX],
      default: {
        unlimited: "without `SetMaxOpenConns`, database/sql opens an unlimited number of connections",
      },
      unit: "connections",
      kind: "count",
      unlimited: (open) => open <= 0,
    },
    acquireTimeoutMs: {
      variables: [],
      label: "REQUEST_TIMEOUT_MS",
      default: { value: 0, of: GO },
      unit: "ms",
      kind: "duration",
      boundedByRequest: true,
    },
    idleTimeoutMs: {
      variables: named(IDLE, "go"),
      default: { value: 0, of: GO },
      unit: "ms",
      kind: "duration",
      unlimited: (ms) => ms < 0,
    },
    queryTimeoutMs: {
      ...queryTimeout(GO, "a context with a deadline for each query"),
      boundedByRequest: true,
    },
    maxLifetimeMs: {
      variables: named(LIFETIME, "go"),
      default: { value: 0, of: GO },
      unit: "ms",
      kind: "duration",
      unlimited: (ms) => ms < 0,
    },
    requestTimeoutMs: {
      ...COMMON.requestTimeoutMs,
      variables: [...COMMON.requestTimeoutMs.variables, ...named("REQUEST_TIMEOUT", "go")],
    },
    keepAliveTimeoutMs: keepAlive(named("HTTP_IDLE_TIMEOUT SERVER_IDLE_TIMEOUT", "go")),
  },
};
