import { isAtLeast } from "./engineVersion";

/** One parameter of an RDS parameter group. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  /**
   * `immediate` for dynamic parameters, `pending-reboot` for static ones: RDS refuses the former for the latter
   * ("cannot use immediate apply method for static parameter").
   */
  readonly applyMethod: "immediate" | "pending-reboot";
}

export interface ParametersInput {
  readonly engineVersion: string;
  /** A number or a parameter-group formula. */
  readonly maxConnections: string;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

/**
 * What the database's own parameter group sets.
 *
 * `rds.rds_superuser_reserved_connections` (2) and, from PostgreSQL 16, `reserved_connections` (0) stay at their
 * defaults, which is what the capacity model subtracts.
 *
 * Left at its default on purpose: `deadlock_timeout` (1 s), which has to be shorter than the lock timeout for
 * `log_lock_waits` to log a wait before it is cut off.
 */
export function databaseParameters(input: ParametersInput): readonly Parameter[] {
  const dynamic = (name: string, value: string | number): Parameter => ({
    name,
    value: String(value),
    applyMethod: "immediate",
  });
  return [
    // Allocates shared memory at start, hence static: a change waits for a reboot, the pools do not.
    { name: "max_connections", value: input.maxConnections, applyMethod: "pending-reboot" },

    dynamic("statement_timeout", input.statementTimeoutMs),
    dynamic("lock_timeout", input.lockTimeoutMs),
    dynamic("idle_in_transaction_session_timeout", input.idleInTransactionTimeoutMs),

    // A client that died without a word is noticed after 60 + 3 × 10 s; with RDS's 300/30/2 it takes 6 minutes.
    dynamic("tcp_keepalives_idle", 60),
    dynamic("tcp_keepalives_interval", 10),
    dynamic("tcp_keepalives_count", 3),

    dynamic("rds.force_ssl", 1),

    dynamic("log_connections", logConnections(input.engineVersion)),
    dynamic("log_disconnections", 1),
    dynamic("log_lock_waits", 1),
  ];
}

/**
 * Boolean until PostgreSQL 17; from 18 a list of what to log, of which these three are what `on` used to mean.
 * Source: PostgreSQL 18 documentation, "Error Reporting and Logging".
 */
function logConnections(engineVersion: string): string {
  return isAtLeast(engineVersion, 18) ? "receipt,authentication,authorization" : "1";
}

/**
 * Behind an RDS Proxy a client cannot send timeouts when it connects (the proxy refuses such start-up
 * parameters), so the role carries them. The migrations set them on the role (`DB_ROLE_SETTINGS`); the values are the
 * parameter group's. A direct connection sends its own, and the role carries none.
 */
export function roleSettings(input: ParametersInput & { readonly connection: "direct" | "proxy" }): string {
  if (input.connection === "direct") return "";
  return [
    `statement_timeout=${input.statementTimeoutMs}`,
    `lock_timeout=${input.lockTimeoutMs}`,
    `idle_in_transaction_session_timeout=${input.idleInTransactionTimeoutMs}`,
  ].join(",");
}
