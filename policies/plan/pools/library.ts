import { type Reading, type Unknown, unknown } from "../reading";

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

/** How a time is written: bare milliseconds or seconds, Go's `1m30s`, or milliseconds unless a unit is given. */
export type TimeNotation = "ms" | "s" | "go" | "ms or unit";

/** One environment name that carries a setting. */
export interface Variable {
  readonly name: string;
  /** Query parameter of the URL that the variable holds, where the setting stands in one. */
  readonly parameter?: string;
  /** For times. @default "ms" */
  readonly writtenIn?: TimeNotation;
}

/** How one setting is found in a client's environment. */
export interface SettingSource {
  /** Names that carry the setting. Two of them with different values contradict each other. */
  readonly variables: readonly Variable[];
  /** Named in messages where the library knows no environment name for the setting. */
  readonly label?: string;
  /** What the library does when nothing is set, and whose default that is. */
  readonly default?: Default;
  readonly unit: "connections" | "ms" | "requests" | "processes";
  /** `count` is a whole number from 1. A `duration` of 0, "" or "false" is no limit at all. */
  readonly kind: "count" | "duration" | "bound";
  /** Numbers that mean no bound at all: of a pool, nothing then keeps it from taking every connection there is. */
  readonly unlimited?: (value: number) => boolean;
  /** The least that counts, besides what means no limit; the library refuses or ignores less. */
  readonly least?: number;
  /** What a duration of 0 stands for in milliseconds, where it is not for ever. */
  readonly zeroMs?: number;
  /** Added to the setting: connections beyond the pool's own size. */
  readonly plus?: SettingSource;
  /** How it is set in the library or its driver, where no variable of the library's own does: a clause for messages. */
  readonly how?: string;
  /** Set where the library has no such limit of its own and the request's deadline ends the wait. */
  readonly boundedByRequest?: true;
}

export type Default =
  | { readonly value: number; readonly of: string }
  /** Nothing bounds it; says why. */
  | { readonly unlimited: string }
  /** It depends on what no plan shows; says on what, and what mends it. */
  | { readonly hidden: Unknown };

/** What a database and its clients talk to each other. */
export type Protocol = "postgres" | "mysql";

/** One pool library: how its settings are named and what it does without them. */
export interface PoolProfile {
  readonly library: string;
  /** The only protocol it speaks: PostgreSQL's, or that of MySQL and MariaDB. Undefined where a driver decides. */
  readonly speaks?: Protocol;
  /** Environment names that nobody but this library's users would set: it is recognised by them. */
  readonly marks: readonly Mark[];
  readonly settings: { readonly [setting in PoolSetting]: SettingSource };
}

/** An environment name, or a query parameter in the URL that it holds. */
export type Mark = string | Pick<Variable, "name" | "parameter">;

/** A reading, with the environment name that carries it (for messages). */
export interface SettingReading {
  readonly variable: string;
  readonly unit: SettingSource["unit"];
  readonly reading: Reading<number>;
  /** How the variable writes a time, where that is not milliseconds. */
  readonly writtenIn?: TimeNotation;
  /** How it is set in the library or its driver, where no variable of the library's own does. */
  readonly how?: string;
  /** The library has no such limit of its own: the request's deadline ends the wait. */
  readonly boundedByRequest?: true;
}

export type PoolSettings = { readonly [setting in PoolSetting]: SettingReading };

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
        "the keep-alive timeout of its HTTP server is not set, and its default depends on the server",
      ),
      fix: `Set \`${KEEP_ALIVE}\` in its environment to the server's value, or \`values.keepAliveTimeoutMs\` of the client under \`pools\` in the policy configuration`,
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

/**
 * A pool whose library nobody names: what is set counts, and what a library would do without it is not guessed.
 * @param why - Why the library is not known, and what mends it.
 * @param likely - A library whose names are used, though it cannot be the one that holds the pool.
 */
export function unnamedLibrary(why: Unknown, likely?: PoolProfile): PoolProfile {
  const fallback: Default = { hidden: why };
  const hidden = { variables: [], default: fallback, unit: "ms", kind: "duration" } as const;
  if (likely) return { ...likely, library: "", settings: withoutDefaults(likely.settings, fallback) };
  return {
    library: "",
    marks: [],
    settings: {
      ...COMMON,
      poolMax: { variables: SHARED_POOL_MAX, default: fallback, unit: "connections", kind: "count" },
      acquireTimeoutMs: { ...hidden, label: "acquire timeout" },
      idleTimeoutMs: { ...hidden, label: "idle timeout" },
      queryTimeoutMs: { ...queryTimeout(""), default: fallback },
      maxLifetimeMs: { ...hidden, label: "maximum lifetime" },
      keepAliveTimeoutMs: { ...COMMON.keepAliveTimeoutMs, default: fallback },
    },
  };
}

function withoutDefaults(settings: PoolProfile["settings"], fallback: Default): PoolProfile["settings"] {
  const hidden: { [setting in PoolSetting]: SettingSource } = { ...settings };
  for (const name of LIBRARYS_OWN) hidden[name] = { ...settings[name], default: fallback };
  return hidden;
}

/** Settings whose defaults are the library's. */
const LIBRARYS_OWN = [
  "poolMax",
  "acquireTimeoutMs",
  "idleTimeoutMs",
  "queryTimeoutMs",
  "maxLifetimeMs",
  "keepAliveTimeoutMs",
] as const satisfies readonly PoolSetting[];
