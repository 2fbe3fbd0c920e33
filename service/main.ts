import { startService } from "./service";
import { EnvironmentError } from "./settings/environment";
import { readServiceSettings } from "./settings/serviceSettings";

/** What a command does that cannot use its input. */
const UNUSABLE_INPUT = 2;

async function main(): Promise<void> {
  const settings = readServiceSettings(process.env);
  const service = await startService(settings, (line) => process.stdout.write(line));
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void service.stop().then((complete) => process.exit(complete ? 0 : 1));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

main().catch((error: unknown) => {
  if (error instanceof EnvironmentError) {
    for (const problem of error.problems) process.stderr.write(`✖ ${problem}\n`);
    process.exit(UNUSABLE_INPUT);
  }
  const { code, message } = error as NodeJS.ErrnoException;
  process.stderr.write(`✖ The service could not start: ${code ?? ""} ${message}\n`);
  process.exit(1);
});
