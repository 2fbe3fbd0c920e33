import cluster, { type Worker } from "node:cluster";
import type { WriteLine } from "../metrics/reporter";

/** A process that dies is replaced after this time, so that one that cannot live does not take the CPU as well. */
const REPLACE_AFTER_MS = 1_000;

/**
 * Runs the service in several processes that share one port, each with a pool of its own; Node hands each connection
 * to the next in turn. A process that dies is replaced; one that cannot start ends them all.
 * @returns the exit code: the worst of the processes'
 */
export function superviseWorkers(count: number, writeLine: WriteLine): Promise<number> {
  return new Promise((resolve) => {
    const listening = new Set<number>();
    let announced = false;
    let stopping = false;
    let worst = 0;

    const log = (level: "info" | "error", fields: object) =>
      writeLine(`${JSON.stringify({ level, time: Date.now(), ...fields })}\n`);
    const alive = (): Worker[] =>
      Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const stop = () => {
      if (stopping) return;
      stopping = true;
      for (const worker of alive()) worker.process.kill("SIGTERM");
    };

    cluster.on("listening", (worker, { port }) => {
      listening.add(worker.id);
      if (announced) log("info", { event: "worker_replaced", pid: worker.process.pid });
      if (announced || listening.size < count) return;
      announced = true;
      const workers = alive().map(({ process: { pid } }) => pid);
      log("info", { event: "listening", port, pid: process.pid, processes: count, workers });
    });
    cluster.on("exit", (worker, code, signal) => {
      const started = listening.delete(worker.id);
      // One that was told to stop before it could listen ends by the signal itself.
      const failed = code !== 0 && !(stopping && signal === "SIGTERM");
      if (stopping || !started) {
        worst = Math.max(worst, failed ? code || 1 : 0);
        stop();
        if (alive().length === 0) resolve(worst);
        return;
      }
      log("error", { event: "worker_died", pid: worker.process.pid, code, signal });
      setTimeout(() => stopping || cluster.fork(), REPLACE_AFTER_MS);
    });
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    for (let started = 0; started < count; started++) cluster.fork();
  });
}
