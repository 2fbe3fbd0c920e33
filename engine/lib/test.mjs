// @ts-check
import { delimiter, join } from "node:path";
import { run } from "./child.mjs";
import { provideEngine } from "./engine.mjs";
import { ensureInstalled } from "./install.mjs";
import { repository } from "./paths.mjs";
import { messageOf, note, Stop } from "./say.mjs";

/**
 * `test`: all tests. Those that need an engine are reported as skipped, with the reason, where none can be had;
 * REQUIRE_ENGINE=1 makes that a failure.
 * @param {readonly string[]} args for vitest
 * @returns {Promise<number>}
 */
export async function test(args, env = process.env) {
  await ensureInstalled(repository);
  const vitest = join(repository, "node_modules", "vitest", "vitest.mjs");
  const ended = await run(process.execPath, [vitest, "run", ...args], {
    cwd: repository,
    env: { ...env, ...(await engineVariables(args, env)) },
    foreground: true,
  });
  return ended.code;
}

/**
 * What the engine tests read: POOLPROOF_ENGINE_BIN (the folders that go to PATH, `pulumi` in the first), or
 * POOLPROOF_ENGINE_SKIP_REASON.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Record<string, string>>}
 */
async function engineVariables(args, env) {
  const project = args.find((arg, index) => args[index - 1] === "--project" || arg.startsWith("--project="));
  if (project?.replace("--project=", "") === "unit") return {};
  try {
    const engine = await provideEngine(env);
    note(`Engine: Pulumi ${engine.version} ${engine.source} (${engine.pulumi})`);
    return { POOLPROOF_ENGINE_BIN: engine.directories.join(delimiter) };
  } catch (error) {
    if (!(error instanceof Stop) || error.exitCode > 128) throw error;
    if (env.REQUIRE_ENGINE === "1") throw new Stop(`REQUIRE_ENGINE=1: ${messageOf(error)}`, 1);
    note(`Engine tests will be skipped. ${messageOf(error)}`);
    return { POOLPROOF_ENGINE_SKIP_REASON: messageOf(error) };
  }
}
