// @ts-check
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { lastLines, run } from "./child.mjs";
import { offlineProvider, writableDirectory } from "./paths.mjs";
import { codeOf, Stop } from "./say.mjs";
import { copyStackFile } from "./stackFiles.mjs";

/**
 * The embedded default: Pulumi with a state of its own in a folder and the offline provider in place of AWS; no account,
 * no login. Nothing of the user's Pulumi or AWS configuration is read or written.
 *
 * @typedef {{ pulumi: string; directories: readonly string[] }} EnginePlace
 * @typedef {{ stateDir: string; engine: EnginePlace; env?: NodeJS.ProcessEnv }} Embedded
 */

/** Guards nothing: the state that it encrypts is fictional. A passphrase of the user's own is used instead. */
const PASSPHRASE = "fictional state, nothing to guard";

/** Variables that would lead to an account or change what Pulumi does. */
const OUTSIDE = /^(AWS_|PULUMI_)/;

/** Of those only these are let in: they unlock secrets in a stack's file, and turn on stack traces. */
const LET_IN = new Set(["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK_TRACES"]);

/**
 * The environment of the embedded default.
 * @param {Embedded} embedded
 * @returns {NodeJS.ProcessEnv}
 */
export function embeddedEnvironment({ stateDir, engine, env = process.env }) {
  const inherited = Object.entries(env).filter(([name]) => !OUTSIDE.test(name) || LET_IN.has(name));
  const unlocked =
    env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    ...Object.fromEntries(inherited),
    ...(unlocked ? {} : { PULUMI_CONFIG_PASSPHRASE: PASSPHRASE }),
    PATH: [offlineProvider, ...engine.directories, env.PATH ?? ""].join(delimiter),
    PULUMI_HOME: join(stateDir, "home"),
    PULUMI_BACKEND_URL: pathToFileURL(join(stateDir, "backend")).href,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
  };
}

/**
 * Makes sure that a stack exists in the embedded state, with a copy of its configuration for Pulumi to write to.
 *
 * The stack is created from a stub project beside the copy, because Pulumi writes the new stack's salt next to the
 * project file it was called with.
 *
 * @param {Embedded & { stack: string; file: string; project: string }} options
 * @returns {Promise<string>} the copy of the configuration
 */
export async function prepareStack({ stack, file, project, ...embedded }) {
  const { stateDir, engine } = embedded;
  const remedy = "make it writable, or name another with POOLPROOF_STATE_DIR";
  writableDirectory(join(stateDir, "backend"), "the state of the embedded default", remedy);
  const stubs = writableDirectory(join(stateDir, "stacks"), "the copy of the stack's settings", remedy);
  writeFileSync(join(stubs, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
  const copy = copyStackFile(file, stubs, stack);
  removeDeadLocks(join(stateDir, "backend", ".pulumi", "locks", "organization", project, stack));
  if (!existsSync(join(stateDir, "backend", ".pulumi", "stacks", project, `${stack}.json`))) {
    const ended = await run(engine.pulumi, ["stack", "select", stack, "--create", "--non-interactive"], {
      cwd: stubs,
      env: embeddedEnvironment(embedded),
    });
    if (ended.code !== 0)
      throw new Stop(`Pulumi cannot create the stack ${stack}: ${lastLines(ended.stderr, 2)}`);
  }
  return copy;
}

/**
 * Pulumi locks a stack while it changes it. A run that was killed leaves its lock behind; where its process is gone the
 * lock is taken away, as `pulumi cancel` would.
 * @param {string} directory
 */
export function removeDeadLocks(directory) {
  if (!existsSync(directory)) return;
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
    const lock = JSON.parse(readFileSync(join(directory, file), "utf8"));
    if (lock.hostname !== hostname() || isRunning(lock.pid)) continue;
    rmSync(join(directory, file), { force: true });
    rmSync(join(directory, `${file}.attrs`), { force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
