import { accessSync, constants, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./boot/child.mjs";
import { repository } from "./boot/install.mjs";
import { note, Stop } from "./boot/say.mjs";
import { cleanEngine } from "./build.js";
import { checkStackFile, poolproof } from "./check.js";
import { stateDirectory } from "./embedded.js";
import { provideEngine } from "./engine.js";
import { checkPolicyConfig, requireEngineFor, verdictLine } from "./pack.js";
import { type PulumiCommand, runPulumi, runPulumiForReal } from "./pulumi.js";
import {
  asksForHelp,
  hasFlag,
  policyConfigOf,
  stackArguments,
  stackFile,
  stackUsage,
  takeStack,
} from "./stacks.js";
import { start } from "./start.js";
import { test } from "./test.js";

/** @returns the exit code */
type Command = (args: readonly string[], started: { readonly installMs: number }) => Promise<number>;

/** Every command of the repository, by the name of its npm script. engine/run.mjs calls them. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["start", (_, { installMs }) => start(installMs)],
  ["test", (args) => test(args)],
  ["check", (args) => poolproof("check", args)],
  ["explain", (args) => poolproof("explain", args)],
  ["preview", (args) => stackCommand("preview", args)],
  ["up", (args) => stackCommand("up", args)],
  ["destroy", (args) => stackCommand("destroy", args)],
  ["replay", (args) => drill("replay", args)],
  ["stress", (args) => drill("stress", args)],
  ["review", review],
  ["clean:engine", async () => cleanEngine()],
]);

/** `preview`, `up` and `destroy`: the embedded default, or with `--real-aws` (or POOLPROOF_AWS=real) the user's account. */
async function stackCommand(
  command: PulumiCommand,
  args: readonly string[],
  env = process.env,
): Promise<number> {
  if (asksForHelp(args)) {
    process.stdout.write(
      `${stackUsage(command, repository)}Options: those of \`pulumi ${command}\`, and --real-aws: in your account instead of a fictional one.\n`,
    );
    return 0;
  }
  const { stack, flags, realAws } = stackArguments(command, args, env);
  // In an account of one's own a stack may be named with its organisation: org/project/stack.
  const file = stackFile(repository, realAws ? (stack.split("/").at(-1) ?? stack) : stack);
  let oldest: string | undefined;
  if (command !== "destroy") {
    await checkStackFile(file);
    oldest = await checkPolicyConfig(stack, flags);
  }
  const engine = await provideEngine(env);
  requireEngineFor(oldest, engine.version);
  const reportFile = env.POOLPROOF_REPORT ? { reportFile: env.POOLPROOF_REPORT } : {};
  const given = { command, stack, flags, env, engine, ...reportFile };
  const outcome = realAws
    ? await runPulumiForReal(given)
    : await runPulumi({ ...given, stateDir: stateDirectory(env), show: true });
  if (outcome.report) note(verdictLine(outcome.report));
  if (outcome.reason) note(outcome.reason);
  return outcome.code;
}

/** A drill of `drills/`, with its own arguments: its report goes to stdout, its exit code is ours. */
async function drill(name: "replay" | "stress" | "review", args: readonly string[]): Promise<number> {
  needTemporaryFolder();
  const entry = join(repository, "drills", name, "cli.ts");
  const ended = await run(process.execPath, ["--import", "tsx", entry, ...args], {
    cwd: repository,
    env: process.env,
    foreground: true,
  });
  return ended.code;
}

/** The review of a deployed stack, which reads the policy configuration that the stack is judged by. */
async function review(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) return drill("review", args);
  const flags = [...args];
  const stack = takeStack("review", flags);
  stackFile(repository, stack);
  const config = hasFlag(flags, "--policy-config")
    ? []
    : ["--policy-config", policyConfigOf(repository, stack)];
  return drill("review", [stack, ...config, ...flags]);
}

/**
 * What compiles the drills keeps its files in the system's temporary folder and fails with a stack trace where it cannot.
 * @throws {Stop} naming the folder
 */
function needTemporaryFolder(): void {
  const folder = tmpdir();
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (statSync(folder).isDirectory()) return;
  } catch {
    // It is said below.
  }
  throw new Stop(`The folder for temporary files ${folder} cannot be written to: name another in TMPDIR.`);
}
