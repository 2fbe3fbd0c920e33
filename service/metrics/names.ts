import type { Unit } from "./emf";

/** Namespace of what the pool reports. */
export const POOL_NAMESPACE = "Auth/ConnectionPool";
/** Namespace of what the service itself reports. */
export const SERVICE_NAMESPACE = "Auth/Service";

/** OpenTelemetry's attributes of a connection pool (semantic conventions, "Database client metrics"). */
export const POOL_DIMENSION = "db.client.connection.pool.name";
export const STATE_DIMENSION = "db.client.connection.state";
export const SERVICE_DIMENSION = "service";

/** Metrics of the pool, with OpenTelemetry's names where it has one. */
export const POOL_METRICS = {
  count: { name: "db.client.connection.count", unit: "Count" },
  max: { name: "db.client.connection.max", unit: "Count" },
  pending: { name: "db.client.connection.pending_requests", unit: "Count" },
  timeouts: { name: "db.client.connection.timeouts", unit: "Count" },
  refusals: { name: "auth.pool.refusals", unit: "Count" },
  waitTime: { name: "db.client.connection.wait_time", unit: "Seconds" },
  useTime: { name: "db.client.connection.use_time", unit: "Seconds" },
  createTime: { name: "db.client.connection.create_time", unit: "Seconds" },
} as const satisfies { readonly [metric: string]: { readonly name: string; readonly unit: Unit } };

export const SERVICE_METRICS = {
  attempts: { name: "auth.login.attempts", unit: "Count" },
  failures: { name: "auth.login.failures", unit: "Count" },
  duration: { name: "auth.login.duration", unit: "Milliseconds" },
} as const satisfies { readonly [metric: string]: { readonly name: string; readonly unit: Unit } };
