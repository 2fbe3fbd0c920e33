import { COMMAND_HELP, HELP, parseCommandLine } from "./command/commandLine";
import { InputError, messageOf } from "./command/inputError";
import { ownVersion } from "./command/output";

/** The `poolproof` command. Sets the exit code: 0 accepted, 1 rejected, 2 input that cannot be used. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await run(argv);
  } catch (error) {
    const what = error instanceof InputError ? error.message : `poolproof failed: ${messageOf(error)}`;
    process.stderr.write(`error: ${what}\n`);
    if (process.env.POOLPROOF_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = 2;
  }
}

/** Each command's own code is loaded here: help and a mistyped option need none of it. */
async function run(argv: readonly string[]): Promise<number> {
  const command = parseCommandLine(argv);
  switch (command.name) {
    case "help":
      process.stdout.write(`${command.of === undefined ? HELP : COMMAND_HELP[command.of]}\n`);
      return 0;
    case "version":
      process.stdout.write(`${ownVersion()}\n`);
      return 0;
    case "check":
      return (await import("./check/check.js")).check(command.arguments);
    case "analyze":
      return (await import("./analyze/analyze.js")).analyze(command.arguments);
    case "explain":
      return (await import("./explain/explain.js")).explain(command.arguments);
    case "init":
      return (await import("./init/init.js")).init(command.arguments);
  }
}
