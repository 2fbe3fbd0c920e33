/**
 * Lets so many pieces of work run at once and the others wait their turn, first come, first served.
 *
 * Password hashing runs on libuv's few threads, which name look-ups for new connections need too: without a bound a
 * burst of logins would fill them, and no connection could be opened until the last hash is done.
 */
export class WorkSlots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(slots: number) {
    this.free = Math.max(1, Math.floor(slots));
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
