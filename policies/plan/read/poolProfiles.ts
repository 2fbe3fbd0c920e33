import { malformed, type Reading, requireNumber, toNumber } from "../reading";
import type { EnvironmentValue } from "./containers";

/** Everything the rules ask of one process's pool and server. */
export type PoolSetting =
  | "poolMax"
  | "acquireTimeoutMs"
  | "idleTimeoutMs"
  | "queueMax"
  | "statementTimeoutMs"
  | "lockTimeoutMs"
  | "queryTimeoutMs"
  | "idleInTransactionMs"
  | "maxLifetimeMs"
  | "requestTimeoutMs"
  | "keepAliveTimeoutMs"
  | "processesPerTask";

/** How one setting is found in a container's environment. */
export interface SettingSource {
  /** Environment names, the first that is set wins. */
  readonly variables: readonly string[];
  /** What the library does when nothing is set, and whose default that is. */
  readonly default?: { readonly value: number; readonly of: string };
  readonly unit: "connections" | "ms" | "requests" | "processes";
  /** `count` is a whole number from 1. A `duration` of 0, "" or "false" is no limit at all. */
  readonly kind: "count" | "duration" | "bound";
}

/** One pool library: how its settings are named and what it does without them. */
export interface PoolProfile {
  readonly library: string;
  readonly settings: { readonly [setting in PoolSetting]: SettingSource };
}

/** A reading, with the environment name that carries it (for messages). */
export interface SettingReading {
  readonly variable: string;
  readonly unit: SettingSource["unit"];
  readonly reading: Reading<number>;
}

const PG = "node-postgres's default";

/**
 * node-postgres (pg 8, pg-pool 3): `max` is 10 when unset, `connectionTimeoutMillis` 0 waits for ever,
 * `idleTimeoutMillis` is 10 s, and every other timeout is off (packages/pg-pool/index.js, packages/pg/lib/defaults.js).
 * The server is Node's own: `server.keepAliveTimeout` is 5 s (nodejs.org/api/http.html).
 */
const nodePostgres: PoolProfile = {
  library: "node-postgres",
  settings: {
    poolMax: {
      variables: ["DB_POOL_MAX"],
      default: { value: 10, of: PG },
      unit: "connections",
      kind: "count",
    },
    acquireTimeoutMs: {
      variables: ["DB_POOL_ACQUIRE_TIMEOUT_MS"],
      default: { value: 0, of: PG },
      unit: "ms",
      kind: "duration",
    },
    idleTimeoutMs: {
      variables: ["DB_POOL_IDLE_TIMEOUT_MS"],
      default: { value: 10_000, of: PG },
      unit: "ms",
      kind: "duration",
    },
    queueMax: { variables: ["DB_POOL_QUEUE_MAX"], unit: "requests", kind: "bound" },
    statementTimeoutMs: { variables: ["DB_STATEMENT_TIMEOUT_MS"], unit: "ms", kind: "duration" },
    lockTimeoutMs: { variables: ["DB_LOCK_TIMEOUT_MS"], unit: "ms", kind: "duration" },
    queryTimeoutMs: {
      variables: ["DB_QUERY_TIMEOUT_MS"],
      default: { value: 0, of: PG },
      unit: "ms",
      kind: "duration",
    },
    idleInTransactionMs: { variables: ["DB_IDLE_IN_TRANSACTION_TIMEOUT_MS"], unit: "ms", kind: "duration" },
    maxLifetimeMs: {
      variables: ["DB_POOL_MAX_LIFETIME_MS"],
      default: { value: 0, of: PG },
      unit: "ms",
      kind: "duration",
    },
    requestTimeoutMs: { variables: ["REQUEST_TIMEOUT_MS"], unit: "ms", kind: "duration" },
    keepAliveTimeoutMs: {
      variables: ["HTTP_KEEP_ALIVE_TIMEOUT_MS"],
      default: { value: 5_000, of: "Node's default" },
      unit: "ms",
      kind: "duration",
    },
    processesPerTask: {
      variables: ["WEB_CONCURRENCY"],
      default: { value: 1, of: "one process" },
      unit: "processes",
      kind: "count",
    },
  },
};

/** Pool libraries, by the value of the tag `poolproof:pool-library`. */
export const POOL_PROFILES: ReadonlyMap<string, PoolProfile> = new Map([
  [nodePostgres.library, nodePostgres],
]);

/** Assumed where a service does not say which library it uses. */
export const DEFAULT_POOL_PROFILE = nodePostgres;

const NO_LIMIT = new Set(["", "false", "off", "none", "infinity"]);

/** Reads every setting of a profile out of one container's environment. */
export function readSettings(
  profile: PoolProfile,
  environment: (name: string) => EnvironmentValue,
): { readonly [setting in PoolSetting]: SettingReading } {
  const entries = Object.entries(profile.settings).map(([setting, source]) => [
    setting,
    readSetting(source, environment),
  ]);
  return Object.fromEntries(entries) as { [setting in PoolSetting]: SettingReading };
}

function readSetting(source: SettingSource, environment: (name: string) => EnvironmentValue): SettingReading {
  for (const variable of source.variables) {
    const value = environment(variable);
    if (value.state !== "unset")
      return { variable, unit: source.unit, reading: interpret(source, variable, value) };
  }
  const variable = source.variables[0] ?? "";
  const reading: Reading<number> =
    source.default === undefined
      ? { state: "unset", property: variable }
      : { state: "known", value: source.default.value, assumed: source.default.of };
  return { variable, unit: source.unit, reading };
}

function interpret(source: SettingSource, variable: string, value: EnvironmentValue): Reading<number> {
  if (value.state !== "known") return value;
  const text = value.value.trim();
  if (source.kind === "duration") {
    if (NO_LIMIT.has(text.toLowerCase())) return { state: "known", value: 0 };
    const expected = "a number of milliseconds, 0 or more";
    return requireNumber(toNumber(text, variable), variable, (ms) => ms >= 0, expected);
  }
  const least = source.kind === "count" ? 1 : 0;
  // Digits alone: of "1e1" one service makes 10 and another, with parseInt, 1.
  const reading = toNumber(/^\d+$/.test(text) ? text : "", variable);
  if (reading.state === "known" && Number.isSafeInteger(reading.value) && reading.value >= least)
    return reading;
  const expected = `a whole number of ${source.unit} from ${least} up`;
  return malformed(variable, value.value, expected);
}
