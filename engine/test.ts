import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { lastLines, run } from "./boot/child.mjs";
import { repository } from "./boot/install.mjs";
import { duration, messageOf, note, Stop, startProgress } from "./boot/say.mjs";
import { stateDirectory } from "./embedded.js";
import { provideEngine } from "./engine.js";

/**
 * `test`: all tests. Those that need an engine or moto are skipped, with the reason, where none can be had;
 * REQUIRE_ENGINE=1 and REQUIRE_MOTO=1 make that a failure. test/support/skipped.ts lists what was skipped.
 * @param args for vitest
 */
export async function test(args: readonly string[], env = process.env): Promise<number> {
  const isWhole = args.length === 0;
  if (isWhole) note(`All tests: ${usualTime(env)}. \`npm test -- --project unit\` leaves the engine out.`);
  const began = Date.now();
  const project = args.find((arg, index) => args[index - 1] === "--project" || arg.startsWith("--project="));
  const name = project?.replace("--project=", "");
  const variables = {
    ...(name === "unit" ? {} : await engineVariables(env)),
    ...(name === "engine" ? {} : await motoVariables(env)),
  };
  const vitest = join(repository, "node_modules", "vitest", "vitest.mjs");
  const ended = await run(process.execPath, [vitest, "run", ...args], {
    cwd: repository,
    env: { ...env, ...variables },
    foreground: true,
  });
  if (isWhole) rememberTime(env, Date.now() - began);
  return ended.code;
}

const timeFile = (env: NodeJS.ProcessEnv): string => join(stateDirectory(env), "test-milliseconds");

/** How long the last run of all tests took here; an estimate before the first. */
function usualTime(env: NodeJS.ProcessEnv): string {
  const last = existsSync(timeFile(env)) ? Number(readFileSync(timeFile(env), "utf8")) : 0;
  if (last > 0) return `the last run took ${duration(last)} here`;
  const cores = cpus().length;
  return cores >= 8 ? "about 8 minutes" : `about 15 to 20 minutes on ${cores} cores`;
}

function rememberTime(env: NodeJS.ProcessEnv, milliseconds: number): void {
  mkdirSync(dirname(timeFile(env)), { recursive: true });
  writeFileSync(timeFile(env), String(milliseconds));
}

/**
 * What the engine tests read: POOLPROOF_ENGINE_BIN (the folders that go to PATH, `pulumi` in the first), or
 * POOLPROOF_ENGINE_SKIP_REASON.
 */
async function engineVariables(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
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

/** AWS's API as a server of one's own, from PyPI: https://docs.getmoto.org */
const MOTO = "5.2.1";

/**
 * What the tests against moto read: POOLPROOF_MOTO_SERVER, or POOLPROOF_MOTO_SKIP_REASON. moto is installed into a virtual
 * environment that every checkout of this user shares, which takes a minute once.
 */
async function motoVariables(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "poolproof");
  const place = join(cache, `moto-${MOTO}`);
  const server = join(place, "bin", "moto_server");
  try {
    // An installation that was interrupted has the command and not all that it needs.
    const isThere = existsSync(server) && (await run(server, ["--help"])).code === 0;
    if (!isThere) await installMoto(place);
    return { POOLPROOF_MOTO_SERVER: server };
  } catch (error) {
    if (!(error instanceof Stop) || error.exitCode > 128) throw error;
    if (env.REQUIRE_MOTO === "1") throw new Stop(`REQUIRE_MOTO=1: ${error.message}`, 1);
    note(`Tests against moto will be skipped. ${error.message}`);
    return { POOLPROOF_MOTO_SKIP_REASON: error.message };
  }
}

/** @throws {Stop} with what is missing */
async function installMoto(place: string): Promise<void> {
  const done = startProgress(`Installing moto ${MOTO}`, { estimate: "about a minute, once per machine" });
  const steps: readonly (readonly string[])[] = [
    ["python3", "-m", "venv", "--clear", place],
    [
      join(place, "bin", "pip"),
      ...["install", "--quiet", "--disable-pip-version-check", "--retries", "1", `moto[server]==${MOTO}`],
    ],
  ];
  for (const [file = "", ...args] of steps) {
    const ended = await run(file, args).catch((error: unknown) => {
      done("failed");
      throw error;
    });
    if (ended.code === 0) continue;
    done("failed");
    throw new Stop(
      `moto cannot be installed: ${lastLines(ended.stderr, 1) || lastLines(ended.stdout, 1) || file}`,
    );
  }
  done("done");
}
