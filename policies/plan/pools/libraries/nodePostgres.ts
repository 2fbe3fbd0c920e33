import { COMMON, keepAlive, named, type PoolProfile, queryTimeout, SHARED_POOL_MAX } from "../library";

const PG = "node-postgres's default";
const MARKS = "DB_POOL_MAX PG_POOL_MAX PGPOOL_MAX";

/**
 * node-postgres (pg 8, pg-pool 3): `max` is 10 when unset, `connectionTimeoutMillis` 0 waits for ever,
 * `idleTimeoutMillis` is 10 s, and every other timeout is off (packages/pg-pool/index.js, packages/pg/lib/defaults.js).
 * The server is Node's own: `server.keepAliveTimeout` is 5 s (nodejs.org/api/http.html).
 */
export const nodePostgres: PoolProfile = {
  library: "node-postgres",
  speaks: "postgres",
  marks:
    `${MARKS} DB_POOL_ACQUIRE_TIMEOUT_MS DB_POOL_IDLE_TIMEOUT_MS DB_POOL_QUEUE_MAX DB_POOL_MAX_LIFETIME_MS`.split(
      " ",
    ),
  settings: {
    ...COMMON,
    poolMax: {
      variables: [...named(MARKS), ...SHARED_POOL_MAX],
      default: { value: 10, of: PG },
      unit: "connections",
      kind: "count",
    },
    acquireTimeoutMs: {
      variables: named("DB_POOL_ACQUIRE_TIMEOUT_MS"),
      default: { value: 0, of: PG },
      unit: "ms",
      kind: "duration",
    },
    idleTimeoutMs: {
      variables: named("DB_POOL_IDLE_TIMEOUT_MS"),
      default: { value: 10_000, of: PG },
      unit: "ms",
      kind: "duration",
    },
    queryTimeoutMs: queryTimeout(PG),
    maxLifetimeMs: {
      variables: named("DB_POOL_MAX_LIFETIME_MS"),
      default: { value: 0, of: PG },
      unit: "ms",
      kind: "duration",
    },
    keepAliveTimeoutMs: { ...keepAlive(), default: { value: 5_000, of: "Node's default" } },
  },
};
