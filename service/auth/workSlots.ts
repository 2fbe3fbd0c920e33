/**
 * Lets so many pieces of work run at once and the others wait their turn, first come, first served.
 *
 * Password hashing runs on libuv's few threads, which name look-ups for new connections need too: without a bound a
 * burst of logins would fill them, and no connection could be opened until the last hash is done.
 */
export class WorkSlots {
  private free: number;
  private readonly waiting = new Set<() => void>();

  constructor(slots: number) {
    this.free = Math.max(1, Math.floor(slots));
  }

  /** @param signal - Ends the wait; work that has begun is not stopped. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.free > 0) this.free--;
    else await this.turn(signal);
    try {
      return await work();
    } finally {
      this.giveBack();
    }
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.waiting.delete(begin);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.waiting.add(begin);
    });
  }

  private giveBack(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.free++;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
