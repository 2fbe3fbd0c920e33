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

/** Tells several who each care for some of it. */
export function observers(...all: readonly Partial<PoolObserver>[]): PoolObserver {
  const tell = (what: (observer: Partial<PoolObserver>) => void) => {
    for (const observer of all) what(observer);
  };
  return {
    created: (openedInMs) => tell((observer) => observer.created?.(openedInMs)),
    acquired: (waitedMs) => tell((observer) => observer.acquired?.(waitedMs)),
    gaveUp: (waitedMs, why) => tell((observer) => observer.gaveUp?.(waitedMs, why)),
    refused: () => tell((observer) => observer.refused?.()),
    released: (heldMs) => tell((observer) => observer.released?.(heldMs)),
    broken: (error) => tell((observer) => observer.broken?.(error)),
  };
}
