import { Client, Pool, type PoolClient, type PoolConfig } from "pg";
import type { PoolObserver } from "../metrics/poolObserver";
import { acquireFailure, leavesConnectionUsable, ServiceFailure, useFailure } from "./failure";

/** Connections and waiting requests at one moment. */
export interface PoolSample {
  /** Handed out, or being opened for a request. */
  readonly used: number;
  readonly idle: number;
  readonly pending: number;
}

/** A connection that knows when its opening began. */
class TimedClient extends Client {
  readonly startedAtMs = performance.now();
}

/**
 * The pool of one process: node-postgres's, with a bound on how many may wait, and every acquisition measured.
 *
 * A connection is held inside {@link use} and nowhere else, so that a reader of a route sees how often it takes one
 * and for how long.
 */
export class ConnectionPool {
  private readonly pool: Pool;

  constructor(
    config: PoolConfig,
    private readonly queueMax: number,
    private readonly observer: PoolObserver,
  ) {
    this.pool = new Pool({ ...config, Client: TimedClient });
    this.pool.on("connect", (client) => {
      if (client instanceof TimedClient) observer.created(performance.now() - client.startedAtMs);
      // node-postgres listens to idle connections alone: of one that breaks in use, the error would end the process.
      client.on("error", (error) => observer.broken(error));
    });
    // One broke while it was idle, which the listener above was told as well; the pool has removed it already.
    this.pool.on("error", () => {});
  }

  /** The options that node-postgres works with. */
  get options(): Pool["options"] {
    return this.pool.options;
  }

  /**
   * Takes a connection, works with it and gives it back: one acquisition.
   * @throws {ServiceFailure} when none is to be had, or a limit or a break ended the work
   */
  async use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.acquire();
    const takenAtMs = performance.now();
    try {
      const result = await work(client);
      this.release(client, takenAtMs);
      return result;
    } catch (error) {
      this.release(client, takenAtMs, error);
      throw useFailure(error);
    }
  }

  sample(): PoolSample {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { used: totalCount - idleCount, idle: idleCount, pending: waitingCount };
  }

  /** Closes idle connections now and the others as they are given back. */
  end(): Promise<void> {
    return this.pool.end();
  }

  private async acquire(): Promise<PoolClient> {
    if (this.mustWait() && this.pool.waitingCount >= this.queueMax) {
      this.observer.refused();
      throw new ServiceFailure("queue_refused", `${this.queueMax} requests wait for a connection already`);
    }
    const askedAtMs = performance.now();
    try {
      const client = await this.pool.connect();
      this.observer.acquired(performance.now() - askedAtMs);
      return client;
    } catch (error) {
      const failure = acquireFailure(error);
      this.observer.gaveUp(performance.now() - askedAtMs, failure.code);
      throw failure;
    }
  }

  /** Whether everything that is idle, or could be opened, is spoken for by those who wait already. */
  private mustWait(): boolean {
    const { totalCount, idleCount, waitingCount, options } = this.pool;
    return idleCount + options.max - totalCount <= waitingCount;
  }

  private release(client: PoolClient, takenAtMs: number, error?: unknown): void {
    this.observer.released(performance.now() - takenAtMs);
    client.release(error !== undefined && !leavesConnectionUsable(error));
  }
}
