import {
  COMMON,
  ELSEWHERE,
  keepAlive,
  named,
  type PoolProfile,
  queryTimeout,
  SHARED_POOL_MAX,
} from "../library";

const MYSQL2 = "mysql2's default";
const POOL_MAX = "MYSQL_CONNECTION_LIMIT MYSQL_POOL_MAX MYSQL_POOL_SIZE MYSQL_POOL_CONNECTION_LIMIT";
const OTHERS = "MYSQL_QUEUE_LIMIT MYSQL_POOL_QUEUE_LIMIT MYSQL_MAX_IDLE MYSQL_IDLE_TIMEOUT";

/**
 * mysql2 for Node: `connectionLimit` 10 (0 is no limit), `queueLimit` 0 lets any number wait, and nothing ends a wait:
 * `connectTimeout`, 10 s, is for the network alone, and `waitForConnections` false fails at once instead. Idle
 * connections close after `idleTimeout`, 60 s, but only where `maxIdle` is below `connectionLimit`, which it is not by
 * default (github.com/sidorares/node-mysql2: lib/pool_config.js, lib/base/pool.js, lib/connection_config.js). The server
 * is Node's own.
 */
export const mysql2: PoolProfile = {
  library: "mysql2",
  speaks: "mysql",
  marks: `${POOL_MAX} ${OTHERS}`.split(" "),
  settings: {
    ...COMMON,
    statementTimeoutMs: ELSEWHERE.statementTimeoutMs,
    lockTimeoutMs: ELSEWHERE.lockTimeoutMs,
    poolMax: {
      variables: [...named(`${POOL_MAX} DB_CONNECTION_LIMIT DB_POOL_MAX`), ...SHARED_POOL_MAX],
      default: { value: 10, of: MYSQL2 },
      unit: "connections",
      kind: "count",
      unlimited: (limit) => limit === 0,
    },
    acquireTimeoutMs: {
      variables: named("DB_POOL_ACQUIRE_TIMEOUT_MS"),
      default: { value: 0, of: MYSQL2 },
      unit: "ms",
      kind: "duration",
      how: "mysql2 has no option for it, so the program must implement the timeout",
    },
    queueMax: {
      variables: [...named("MYSQL_QUEUE_LIMIT MYSQL_POOL_QUEUE_LIMIT"), ...COMMON.queueMax.variables],
      unit: "requests",
      kind: "bound",
    },
    idleTimeoutMs: {
      variables: named("DB_POOL_IDLE_TIMEOUT_MS"),
      default: { value: 0, of: "mysql2 keeps idle connections unless `maxIdle` is below `connectionLimit`" },
      unit: "ms",
      kind: "duration",
      how: "mysql2's `idleTimeout`, with `maxIdle` below `connectionLimit`",
    },
    queryTimeoutMs: queryTimeout(MYSQL2, "the `timeout` of each query"),
    maxLifetimeMs: {
      variables: named("DB_POOL_MAX_LIFETIME_MS"),
      default: { value: 0, of: MYSQL2 },
      unit: "ms",
      kind: "duration",
      how: "mysql2 has no option for it",
    },
    keepAliveTimeoutMs: { ...keepAlive(), default: { value: 5_000, of: "Node's default" } },
  },
};
