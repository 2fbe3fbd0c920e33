import type { Server as HttpServer, Server } from "node:http";
import { Server as NetServer } from "node:net";
import { availableParallelism } from "node:os";
import { costOf, PasswordHasher } from "./auth/passwordHash";
import { WorkSlots } from "./auth/workSlots";
import { createApp } from "./http/app";
import { describeError, FailureLog } from "./http/failureLog";
import { Readiness } from "./http/readiness";
import { LoginMetrics } from "./metrics/loginMetrics";
import { PoolMetrics } from "./metrics/poolMetrics";
import { observers } from "./metrics/poolObserver";
import { Reporter, type WriteLine } from "./metrics/reporter";
import { ConnectionPool } from "./pool/connectionPool";
import { toPgAddress } from "./pool/database";
import { toPgPool } from "./poolSettings";
import { EnvironmentError } from "./settings/environment";
import type { ServiceSettings } from "./settings/serviceSettings";

/** A service that listens. */
export interface RunningService {
  readonly port: number;
  readonly pool: ConnectionPool;
  /** Answers what is under way, then ends. @returns whether everything was answered in time */
  stop(): Promise<boolean>;
}

export interface ServiceOptions {
  /** For so long a stopping service keeps idle connections open for requests already on their way. @default 1000 */
  readonly lastRequestsMs?: number;
}

/** What is left of a drain after the last request's own deadline and the wait for requests on their way. */
const DRAIN_MARGIN_MS = 500;

/**
 * Starts one process's service: pool, metrics, HTTP. No connection is opened before a request asks for one.
 * @throws {EnvironmentError} when the certificates cannot be read or the port cannot be had
 */
export async function startService(
  settings: ServiceSettings,
  writeLine: WriteLine,
  { lastRequestsMs = 1_000 }: ServiceOptions = {},
): Promise<RunningService> {
  const { poolName } = settings.database;
  const readiness = new Readiness();
  const metrics = new PoolMetrics(poolName, settings.pool.max);
  const logins = new LoginMetrics(poolName);
  const failures = new FailureLog({ warn: (fields) => app.log.warn(fields) });
  const pool = new ConnectionPool(
    { ...toPgAddress(settings.database), ...toPgPool(settings.pool) },
    settings.pool.queueMax,
    observers(metrics, readiness, {
      broken: (error) =>
        failures.failed("connection_broken", { event: "connection_broken", cause: describeError(error) }),
    }),
  );
  const hasher = new PasswordHasher(costOf(settings.hashLog2N), new WorkSlots(hashingThreads()));
  const app = createApp({ settings, pool, hasher, logins, readiness, failures }, writeLine);
  const reporter = new Reporter({
    sample: () => metrics.sampled(pool.sample()),
    take: () => [...metrics.take(), logins.take()],
    writeLine,
  });

  await app.ready();
  const port = await listen(app.server, settings.port);
  reporter.start();

  return {
    port,
    pool,
    async stop() {
      readiness.drain();
      app.log.info({ event: "draining" });
      // Each request is answered by its own deadline: what is left after that hangs for another reason.
      const limitMs = settings.pool.requestTimeoutMs + lastRequestsMs + DRAIN_MARGIN_MS;
      const complete = await drain(app.server, { lastRequestsMs, limitMs });
      await Promise.race([pool.end(), after(settings.pool.queryTimeoutMs)]);
      reporter.stop();
      app.log.info({ event: "stopped", complete });
      return complete;
    },
  };
}

/** libuv's threads (UV_THREADPOOL_SIZE) less two, which stay free for name look-ups; no more than there are CPUs. */
function hashingThreads(): number {
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || 4;
  return Math.min(availableParallelism(), threads - 2);
}

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

/**
 * Listens on every IPv4 address of the task.
 * @param port - 0 for a free one.
 * @returns the port
 * @throws {EnvironmentError} when the port cannot be had
 */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE" ? "another process uses the port" : (error.code ?? error.message);
      reject(
        new EnvironmentError([
          `PORT is ${port}, but the service cannot listen on it (${why}). Set it to a free port, or to 0 for any.`,
        ]),
      );
    });
    server.listen(port, "0.0.0.0", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

export interface DrainLimits {
  /** For so long idle connections stay open, so that a request already on its way still finds one. */
  readonly lastRequestsMs: number;
  /** After this time whatever is left is cut off. */
  readonly limitMs: number;
}

const LOOK_MS = 50;

/**
 * Ends an HTTP server without losing a request: it stops accepting at once, answers what is under way and what still
 * comes in over open connections (each answer closes its connection), then closes those that stay idle.
 *
 * Node's own `close` cuts idle connections off at once, also those on which a request is just arriving.
 * @returns whether everything was answered
 */
export function drain(server: HttpServer, { lastRequestsMs, limitMs }: DrainLimits): Promise<boolean> {
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    const finish = (complete: boolean) => {
      for (const timer of timers) clearInterval(timer);
      resolve(complete);
    };
    // The part of `close` that stops listening, without the part that cuts off idle connections.
    NetServer.prototype.close.call(server, () => finish(true));
    const closeIdle = () => server.closeIdleConnections();
    timers.push(
      setTimeout(() => timers.push(setInterval(closeIdle, LOOK_MS)), lastRequestsMs),
      setTimeout(() => {
        server.closeAllConnections();
        finish(false);
      }, limitMs),
    );
  });
}
