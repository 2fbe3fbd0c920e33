import cluster from "node:cluster";
import { superviseWorkers } from "./lifecycle/workers";
import type { WriteLine } from "./metrics/reporter";
import { startService } from "./service";
import { reportAndExit } from "./settings/reportAndExit";
import { readServiceSettings, type ServiceSettings } from "./settings/serviceSettings";

const writeLine: WriteLine = (line) => process.stdout.write(line);

async function main(): Promise<void> {
  const settings = readServiceSettings(process.env);
  const { processes } = settings.pool;
  if (processes > 1 && cluster.isPrimary) process.exit(await superviseWorkers(processes, writeLine));
  await serve(settings);
}

/** One process's service, until it is told to stop. */
async function serve(settings: ServiceSettings): Promise<void> {
  const service = await startService(settings, writeLine);
  if (!cluster.isWorker) {
    const { port } = service;
    writeLine(
      `${JSON.stringify({ level: "info", time: Date.now(), event: "listening", port, pid: process.pid, processes: 1 })}\n`,
    );
  }
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void service.stop().then((complete) => process.exit(complete ? 0 : 1));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // The process that shares out the connections is gone.
  process.on("disconnect", stop);
}

main().catch((error: unknown) => reportAndExit(error, "The service could not start"));
