import type { Segment } from "./rateProfile";
import type { RequestMix } from "./requestMix";

/** A process of the service that takes requests. */
export interface Target {
  readonly port: number;
}

/** Accounts that exist in the lab's database. */
export interface Credentials {
  /** Names `user-0` … `user-(count - 1)`, all with this password. */
  readonly users: number;
  readonly password: string;
  /** Tokens of sessions that exist; the n-th is user n's. */
  readonly tokens: readonly string[];
  /** Ids of the users, in the same order. */
  readonly userIds: readonly string[];
}

/** Everything the generator needs to know. */
export interface LoadPlan {
  readonly seed: number;
  readonly targets: readonly Target[];
  /** Of one target. */
  readonly profile: readonly Segment[];
  readonly mix: RequestMix;
  readonly credentials: Credentials;
  /** A request that has no answer by then is given up. */
  readonly deadlineMs: number;
}

/** One request, as it went. */
export interface RequestRecord {
  /** When it should have been sent, in ms of Unix time. */
  readonly intendedMs: number;
  /** From then to the answer's last byte. */
  readonly latencyMs: number;
  /** By how much it was sent late. */
  readonly lagMs: number;
  readonly target: number;
  /** Index into `REQUEST_KINDS`. */
  readonly kind: number;
  /** Index into `OUTCOMES`. */
  readonly outcome: number;
}

/** What the generator hands back. */
export interface LoadResult {
  readonly sent: number;
  readonly records: readonly RequestRecord[];
  /** Tokens of the logins that were answered with a session. */
  readonly tokens: readonly string[];
  /** Delay of the generator's own event loop, 99th percentile of the whole run. */
  readonly eventLoopDelayMs: number;
  readonly startedAtMs: number;
}

/** How far a run is, for whoever watches. */
export interface LoadProgress {
  readonly secondsIn: number;
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
}

export type FromGenerator =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: LoadProgress }
  | { readonly type: "done"; readonly result: LoadResult };

export type ToGenerator =
  | { readonly type: "run"; readonly plan: LoadPlan }
  /** A task has been replaced: its requests go to another port from now on. */
  | { readonly type: "retarget"; readonly target: number; readonly port: number | null };
