import { availableParallelism } from "node:os";
import { costOf, PasswordHasher } from "./auth/passwordHash";
import { WorkSlots } from "./auth/workSlots";
import { createApp } from "./http/app";
import { Readiness } from "./http/readiness";
import { drain } from "./lifecycle/drain";
import { LoginMetrics } from "./metrics/loginMetrics";
import { PoolMetrics } from "./metrics/poolMetrics";
import { Reporter, type WriteLine } from "./metrics/reporter";
import { ConnectionPool } from "./pool/connectionPool";
import { toPgAddress } from "./pool/database";
import type { FailureCode } from "./pool/failure";
import { toPgPool } from "./poolSettings";
import type { ServiceSettings } from "./settings/serviceSettings";

/** A service that listens. */
export interface RunningService {
  readonly port: number;
  readonly pool: ConnectionPool;
  /** Answers what is under way, then ends. @returns whether everything was answered in time */
  stop(): Promise<boolean>;
}

/** Starts one process's service: pool, metrics, HTTP. No connection is opened before a request asks for one. */
export async function startService(settings: ServiceSettings, writeLine: WriteLine): Promise<RunningService> {
  const readiness = new Readiness();
  const metrics = new ReadinessMetrics(settings.database.poolName, settings.pool.max, readiness);
  const logins = new LoginMetrics(settings.database.poolName);
  const pool = new ConnectionPool(
    { ...toPgAddress(settings.database), ...toPgPool(settings.pool) },
    settings.pool.queueMax,
    metrics,
  );
  const hasher = new PasswordHasher(costOf(settings.hashLog2N), new WorkSlots(hashingThreads()));
  const app = createApp({ settings, pool, hasher, logins, readiness }, writeLine);
  const reporter = new Reporter({
    sample: () => metrics.sampled(pool.sample()),
    take: () => [...metrics.take(), logins.take()],
    writeLine,
  });

  await app.listen({ port: settings.port, host: "0.0.0.0" });
  reporter.start();
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : settings.port;
  app.log.info({ event: "listening", port, pid: process.pid, poolMax: pool.options.max });

  return {
    port,
    pool,
    async stop() {
      readiness.drain();
      app.log.info({ event: "draining" });
      // Each request is answered by its own deadline: what is left after that hangs for another reason.
      const complete = await drain(app.server, settings.pool.requestTimeoutMs + 1_500);
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

/** The pool's metrics, which readiness listens in on. */
class ReadinessMetrics extends PoolMetrics {
  constructor(
    poolName: string,
    max: number,
    private readonly readiness: Readiness,
  ) {
    super(poolName, max);
  }

  override acquired(waitedMs: number): void {
    super.acquired(waitedMs);
    this.readiness.reached();
  }

  override gaveUp(waitedMs: number, why: FailureCode): void {
    super.gaveUp(waitedMs, why);
    this.readiness.failed(why);
  }
}

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
