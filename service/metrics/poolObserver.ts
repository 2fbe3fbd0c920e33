import type { FailureCode } from "../pool/failure";

/** What a pool tells of itself as it happens; times in milliseconds. */
export interface PoolObserver {
  /** A connection was opened. */
  created(openedInMs: number): void;
  /** A request got a connection. */
  acquired(waitedMs: number): void;
  /** A request got none. */
  gaveUp(waitedMs: number, why: FailureCode): void;
  /** A request was not let into the queue. */
  refused(): void;
  /** A connection was given back. */
  released(heldMs: number): void;
  /** A connection broke, idle or in use. */
  broken(error: Error): void;
}
