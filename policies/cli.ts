import { HELP, parseCommandLine } from "./check/commandLine";
import { InputError, messageOf } from "./check/inputError";
import { ownVersion } from "./check/project";

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

async function run(argv: readonly string[]): Promise<number> {
  const command = parseCommandLine(argv);
  switch (command.name) {
    case "help":
      process.stdout.write(`${HELP}\n`);
      return 0;
    case "version":
      process.stdout.write(`${ownVersion()}\n`);
      return 0;
    case "check": {
      // Loaded here: help and a mistyped option need none of it.
      const { check } = await import("./check/check.js");
      return check(command.arguments);
    }
  }
}
