import { type Handlers, poolproof } from "./command/commandLine";
import { ownVersion } from "./command/output";
import { endedBy } from "./kit/cli";

/** The `poolproof` command. Sets the exit code: 0 accepted, 1 rejected, 2 input that cannot be used. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const program = poolproof(HANDLERS, ownVersion(), (code) => {
      process.exitCode = code;
    });
    await program.parseAsync(argv.length === 0 ? ["--help"] : argv, { from: "user" });
  } catch (error) {
    process.exitCode = endedBy(error, "poolproof failed");
  }
}

/** Each command's own code is loaded here: help and a mistyped option need none of it. */
const HANDLERS = {
  check: async (options) => (await import("./check/check.js")).check(options),
  analyze: async (options) => (await import("./analyze/analyze.js")).analyze(options),
  explain: async (options) => (await import("./explain/explain.js")).explain(options),
  answers: async (options) => (await import("./check/check.js")).answers(options),
  init: async (options) => (await import("./init/init.js")).init(options),
} satisfies Handlers;
