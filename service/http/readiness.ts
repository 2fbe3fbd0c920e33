import type { PoolObserver } from "../metrics/poolObserver";
import type { FailureCode } from "../pool/failure";

export type ReadinessState = "ready" | "draining" | "database_unreachable";

/** For so long one refused connection speaks against the database; later requests have to find out anew. */
const REMEMBERED_MS = 10_000;

/** These say that the database could not be reached; a wait in the pool's queue says nothing of it. */
const UNREACHABLE: ReadonlySet<FailureCode> = new Set([
  "connect_failed",
  "connect_timeout",
  "too_many_connections",
]);

/**
 * Whether new requests should come here, from what the pool met with lately: no query is made to find out.
 *
 * A starved pool stays ready: its requests would only starve the other tasks. A task whose last attempt to open a
 * connection failed is not, until one succeeds or ten seconds pass: without requests it would never be tried again.
 */
export class Readiness implements Pick<PoolObserver, "acquired" | "gaveUp"> {
  private draining = false;
  private unreachableSinceMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number = () => performance.now()) {}

  drain(): void {
    this.draining = true;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** A connection was handed out. */
  acquired(): void {
    this.unreachableSinceMs = Number.NEGATIVE_INFINITY;
  }

  /** None was. */
  gaveUp(_waitedMs: number, why: FailureCode): void {
    if (UNREACHABLE.has(why)) this.unreachableSinceMs = this.now();
  }

  state(): ReadinessState {
    if (this.draining) return "draining";
    return this.now() - this.unreachableSinceMs < REMEMBERED_MS ? "database_unreachable" : "ready";
  }
}
