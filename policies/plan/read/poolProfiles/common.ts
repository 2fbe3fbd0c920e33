import { unknown } from "../../reading";
import type { PoolProfile, PoolSetting, SettingSource, TimeNotation, Variable } from "./types";

/** Environment names, each written in the same notation. */
export const named = (names: string, writtenIn?: TimeNotation): readonly Variable[] =>
  names
    .split(/\s+/)
    .filter((name) => name !== "")
    .map((name) => (writtenIn === undefined ? { name } : { name, writtenIn }));

/**
 * Names for the size of a pool that programs on every library use, and that say nothing about which one it is.
 * Public capacity checks look for the same ones.
 */
export const SHARED_POOL_MAX = named(
  "DB_POOL_SIZE POOL_MAX POOL_SIZE POOL_MAX_SIZE DATABASE_POOL_SIZE DATABASE_POOL_MAX DB_MAX_POOL_SIZE",
);

const KEEP_ALIVE = "HTTP_KEEP_ALIVE_TIMEOUT_MS";

/** How long the HTTP server keeps an idle connection; no pool library says which server that is. */
export const keepAlive = (more: readonly Variable[] = []): SettingSource => ({
  variables: [...named(KEEP_ALIVE), ...more],
  default: {
    hidden: {
      ...unknown(
        KEEP_ALIVE,
        "how long its HTTP server keeps an idle connection is not set, and depends on the server",
      ),
      fix: `Set \`${KEEP_ALIVE}\` in its environment to what the server is started with, or \`values.keepAliveTimeoutMs\` of the client under \`pools\` in the policy configuration`,
    },
  },
  unit: "ms",
  kind: "duration",
});

/** What a service sets beside its pool, whichever library that is. */
export const COMMON = {
  queueMax: { variables: named("DB_POOL_QUEUE_MAX"), unit: "requests", kind: "bound" },
  statementTimeoutMs: { variables: named("DB_STATEMENT_TIMEOUT_MS"), unit: "ms", kind: "duration" },
  lockTimeoutMs: { variables: named("DB_LOCK_TIMEOUT_MS"), unit: "ms", kind: "duration" },
  idleInTransactionMs: {
    variables: named("DB_IDLE_IN_TRANSACTION_TIMEOUT_MS"),
    unit: "ms",
    kind: "duration",
  },
  requestTimeoutMs: { variables: named("REQUEST_TIMEOUT_MS"), unit: "ms", kind: "duration" },
  keepAliveTimeoutMs: keepAlive(),
  processesPerTask: {
    variables: named("WEB_CONCURRENCY UVICORN_WORKERS GUNICORN_WORKERS"),
    default: { value: 1, of: "one process" },
    unit: "processes",
    kind: "count",
  },
} as const satisfies Partial<PoolProfile["settings"]>;

/**
 * The same for libraries whose programs have ways of their own: the names count where a program reads them, and what
 * is not set is not asked for by a name that nothing reads.
 */
export const ELSEWHERE = {
  ...COMMON,
  statementTimeoutMs: { ...COMMON.statementTimeoutMs, how: "the server's parameter" },
  lockTimeoutMs: { ...COMMON.lockTimeoutMs, how: "the server's parameter" },
  requestTimeoutMs: {
    ...COMMON.requestTimeoutMs,
    how: "its HTTP server's or framework's limit on a request",
  },
} as const satisfies Partial<PoolProfile["settings"]>;

/** Settings that only a pool has: a request timeout alone does not make a client of a database. */
export const POOL_MARKS: readonly PoolSetting[] = [
  "poolMax",
  "acquireTimeoutMs",
  "idleTimeoutMs",
  "maxLifetimeMs",
  "queueMax",
];

/** A client's limit on a statement, which these libraries do not have unless the driver's option is used. */
export const queryTimeout = (of: string, how?: string): SettingSource => ({
  variables: named("DB_QUERY_TIMEOUT_MS"),
  default: { value: 0, of },
  unit: "ms",
  kind: "duration",
  ...(how === undefined ? {} : { how }),
});
