import type { PoolConfig } from "pg";
import {
  choice,
  durationMs,
  type Environment,
  readVariables,
  type ValuesOf,
  wholeNumber,
} from "./settings/environment";

const FOR_EVER =
  "node-postgres treats 0 as no timeout, so one stuck connection would block requests indefinitely";

/**
 * The environment that the policies audit, and nothing else: what poolproof bounds in a plan is read here, once, and
 * reaches the pool and the server as it stands. There are no defaults on purpose: one that only the program knows is
 * a setting that no review of a stack can see.
 */
export const POOL_VARIABLES = {
  DB_POOL_MAX: {
    schema: wholeNumber(1),
    expected: "a positive integer (connections)",
    consequence: "node-postgres silently replaces 0 with 10",
    example: "8",
  },
  DB_POOL_ACQUIRE_TIMEOUT_MS: durationMs(FOR_EVER, "1000"),
  DB_POOL_IDLE_TIMEOUT_MS: durationMs(
    "node-postgres treats 0 as no timeout, so the server closes the connection first",
    "30000",
  ),
  DB_POOL_MAX_LIFETIME_MS: {
    schema: wholeNumber(0),
    expected: "a non-negative integer (ms), 0 for no limit",
    consequence: "connections are replaced after this time",
    example: "1800000",
  },
  DB_POOL_QUEUE_MAX: {
    schema: wholeNumber(0),
    expected: "a non-negative integer (requests)",
    consequence:
      "it limits the requests that wait for a connection; further requests are refused immediately",
    example: "64",
  },
  DB_LOCK_TIMEOUT_MS: durationMs(FOR_EVER, "1500"),
  DB_STATEMENT_TIMEOUT_MS: durationMs(FOR_EVER, "2000"),
  DB_QUERY_TIMEOUT_MS: durationMs(FOR_EVER, "2500"),
  DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: durationMs("the RDS default is 24 hours", "10000"),
  DB_CONNECTION: choice(
    ["direct", "proxy"],
    "an RDS Proxy rejects timeouts in the startup message of a client",
  ),
  REQUEST_TIMEOUT_MS: durationMs("without it, a request outlasts the load balancer's idle timeout", "8000"),
  HTTP_KEEP_ALIVE_TIMEOUT_MS: durationMs(
    "it must be longer than the load balancer's idle timeout, or requests fail with 502",
    "75000",
  ),
  WEB_CONCURRENCY: {
    schema: wholeNumber(1, 64),
    expected: "an integer from 1 to 64 (processes)",
    consequence: "each process has its own pool",
    example: "1",
  },
} as const;

/** What one process does with its connections and its requests. */
export interface PoolSettings {
  /** Most connections of this process. */
  readonly max: number;
  readonly acquireTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** 0 is no limit. */
  readonly maxLifetimeMs: number;
  /** Requests that may wait for a connection; one more is refused. */
  readonly queueMax: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly queryTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  readonly connection: "direct" | "proxy";
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly processes: number;
}

/**
 * Reads the audited environment.
 * @throws {EnvironmentError} with every problem, one line each
 */
export function readPoolSettings(environment: Environment): PoolSettings {
  const read: ValuesOf<typeof POOL_VARIABLES> = readVariables(environment, POOL_VARIABLES);
  return {
    max: read.DB_POOL_MAX,
    acquireTimeoutMs: read.DB_POOL_ACQUIRE_TIMEOUT_MS,
    idleTimeoutMs: read.DB_POOL_IDLE_TIMEOUT_MS,
    maxLifetimeMs: read.DB_POOL_MAX_LIFETIME_MS,
    queueMax: read.DB_POOL_QUEUE_MAX,
    lockTimeoutMs: read.DB_LOCK_TIMEOUT_MS,
    statementTimeoutMs: read.DB_STATEMENT_TIMEOUT_MS,
    queryTimeoutMs: read.DB_QUERY_TIMEOUT_MS,
    idleInTransactionTimeoutMs: read.DB_IDLE_IN_TRANSACTION_TIMEOUT_MS,
    connection: read.DB_CONNECTION,
    requestTimeoutMs: read.REQUEST_TIMEOUT_MS,
    keepAliveTimeoutMs: read.HTTP_KEEP_ALIVE_TIMEOUT_MS,
    processes: read.WEB_CONCURRENCY,
  };
}

/**
 * The settings in node-postgres's words.
 *
 * node-postgres sends the three server-side timeouts in the start-up packet, which an RDS Proxy refuses ("Feature not
 * supported"): behind one the role carries them (`ALTER ROLE … SET`, written by the migrations).
 */
export function toPgPool(settings: PoolSettings): PoolConfig {
  return {
    max: settings.max,
    connectionTimeoutMillis: settings.acquireTimeoutMs,
    idleTimeoutMillis: settings.idleTimeoutMs,
    maxLifetimeSeconds: settings.maxLifetimeMs / 1000,
    query_timeout: settings.queryTimeoutMs,
    keepAlive: true,
    ...(settings.connection === "direct" && {
      statement_timeout: settings.statementTimeoutMs,
      lock_timeout: settings.lockTimeoutMs,
      idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
    }),
  };
}
