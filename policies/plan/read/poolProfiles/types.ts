import type { Reading, Unknown } from "../../reading";

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
