// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { asksForHelp, stackArguments } from "./arguments.mjs";
import { run } from "./child.mjs";
import { provideEngine } from "./engine.mjs";
import { ensureInstalled } from "./install.mjs";
import { repository, stateDirectory } from "./paths.mjs";
import { checkPolicyConfig, requireEngineFor } from "./policyConfig.mjs";
import { runPulumi, runPulumiForReal } from "./pulumi.mjs";
import { note, Stop } from "./say.mjs";
import { stackFile, stackUsage } from "./stackFiles.mjs";

/**
 * `preview`, `up` and `destroy`: the embedded default, or with `--real-aws` (or POOLPROOF_AWS=real) the user's account.
 * @param {import("./pulumi.mjs").PulumiCommand} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function stackCommand(command, args, env = process.env) {
  if (asksForHelp(args)) {
    process.stdout.write(
      `${stackUsage(command, repository)}Options: those of \`pulumi ${command}\`, and --real-aws: in your account instead of a fictional one.\n`,
    );
    return 0;
  }
  const { stack, flags, realAws } = stackArguments(command, args, env);
  // In an account of one's own a stack may be named with its organisation: org/project/stack.
  const file = stackFile(repository, realAws ? (stack.split("/").at(-1) ?? stack) : stack);
  await ensureInstalled(repository);
  let oldest;
  if (command !== "destroy") {
    await checkStackFile(file);
    oldest = await checkPolicyConfig(stack, flags);
  }
  const engine = await provideEngine(env);
  requireEngineFor(oldest, engine.version);
  const reportFile = env.POOLPROOF_REPORT ? { reportFile: env.POOLPROOF_REPORT } : {};
  const outcome = realAws
    ? await runPulumiForReal({ command, stack, flags, env, engine, ...reportFile })
    : await runPulumi({
        command,
        stack,
        flags,
        env,
        engine,
        stateDir: stateDirectory(env),
        show: true,
        ...reportFile,
      });
  if (outcome.reason) note(outcome.reason);
  return outcome.code;
}

/**
 * Has the program read the stack's configuration by itself, so that every mistake is told at once; Pulumi stops at the
 * first mistyped value.
 * @param {string} file
 */
export async function checkStackFile(file) {
  const checker = join(repository, "infra", "config", "checkStackFile.js");
  if (!existsSync(checker)) return;
  const ended = await run(process.execPath, [checker, file], { cwd: repository });
  if (ended.code !== 0) throw new Stop(ended.stderr.trim() || `${file} cannot be read.`);
}
