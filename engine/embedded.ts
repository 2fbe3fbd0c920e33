import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { lastLines, run } from "./boot/child.mjs";
import { repository } from "./boot/install.mjs";
import { codeOf, Stop } from "./boot/say.mjs";

/*
 * The embedded default: Pulumi with a state of its own in a folder and the offline provider in place of AWS; no account,
 * no login. Nothing of the user's Pulumi or AWS configuration is read or written.
 */

export interface EnginePlace {
  readonly pulumi: string;
  /** They go to the front of PATH. */
  readonly directories: readonly string[];
}

export interface Embedded {
  readonly stateDir: string;
  readonly engine: EnginePlace;
  readonly env?: NodeJS.ProcessEnv;
}

/** The folder whose `pulumi-resource-aws` stands in for AWS. */
export const offlineProvider = join(repository, "engine", "offline-aws", "bin");

/**
 * Where state, stack copies and reports of the embedded default are kept.
 * @default `.state` in the repository, which git ignores; POOLPROOF_STATE_DIR names another
 */
export function stateDirectory(env = process.env): string {
  return env.POOLPROOF_STATE_DIR ? resolve(env.POOLPROOF_STATE_DIR) : join(repository, ".state");
}

/** Guards nothing: the state that it encrypts is fictional. A passphrase of the user's own is used instead. */
const PASSPHRASE = "fictional state, nothing to guard";

/** Variables that would lead to an account or change what Pulumi does. */
const OUTSIDE = /^(AWS_|PULUMI_)/;

/** Of those only these are let in: they unlock secrets in a stack's file, and turn on stack traces. */
const LET_IN = new Set(["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK_TRACES"]);

/** The environment of the embedded default. */
export function embeddedEnvironment({ stateDir, engine, env = process.env }: Embedded): NodeJS.ProcessEnv {
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
 * The stack is created from a stub project in the copy's folder, because Pulumi writes the new stack's salt next to the
 * project file it was called with.
 * @returns the copy of the configuration
 */
export async function prepareStack({
  stack,
  file,
  project,
  ...embedded
}: Embedded & {
  readonly stack: string;
  readonly file: string;
  readonly project: string;
}): Promise<string> {
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
 * Copies a stack's configuration for Pulumi to write to: a new stack gets an encryption salt, which must not show up
 * in the repository. The salt of an earlier copy is kept, as secrets in the state may depend on it.
 * @returns the copy
 */
export function copyStackFile(source: string, directory: string, stack: string): string {
  mkdirSync(directory, { recursive: true });
  const copy = join(directory, `Pulumi.${stack}.yaml`);
  const salt = /^encryptionsalt:.*$/m;
  const text = readFileSync(source, "utf8");
  const earlier = existsSync(copy) ? salt.exec(readFileSync(copy, "utf8"))?.[0] : undefined;
  const complete = salt.test(text) || !earlier ? text : `${text.trimEnd()}\n${earlier}\n`;
  writeFileSync(copy, complete);
  return copy;
}

/**
 * The stack as it is deployed in the embedded state, for the rules that judge a change of it. Pulumi's file backend keeps a
 * checkpoint for each stack, which holds what `pulumi stack export` would write under another name
 * (sdk/go/common/apitype, `VersionedCheckpoint`). Secrets stay encrypted in it.
 * @param file where to write it
 * @returns the file; undefined for a stack that nothing is deployed of
 */
export function embeddedBase(
  { stateDir, project, stack }: { stateDir: string; project: string; stack: string },
  file: string,
): string | undefined {
  const source = join(stateDir, "backend", ".pulumi", "stacks", project, `${stack}.json`);
  if (!existsSync(source)) return undefined;
  const { version, checkpoint } = JSON.parse(readFileSync(source, "utf8"));
  const deployment = checkpoint?.latest;
  if (!deployment?.resources?.length) return undefined;
  writeFileSync(file, JSON.stringify({ version, deployment }));
  return file;
}

/**
 * Pulumi locks a stack while it changes it. A run that was killed leaves its lock behind; where its process is gone the
 * lock is taken away, as `pulumi cancel` would.
 */
export function removeDeadLocks(directory: string): void {
  if (!existsSync(directory)) return;
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
    const lock = JSON.parse(readFileSync(join(directory, file), "utf8"));
    if (lock.hostname !== hostname() || isRunning(lock.pid)) continue;
    rmSync(join(directory, file), { force: true });
    rmSync(join(directory, `${file}.attrs`), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Makes a folder and proves that it can be written.
 * @param purpose as in "the state of the embedded default"
 * @param remedy what to do where it cannot
 */
export function writableDirectory(directory: string, purpose: string, remedy: string): string {
  try {
    makeDirectory(directory);
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Stop(
      `${directory} cannot be written (${codeOf(error)}), and ${purpose} is kept there: ${remedy}.`,
    );
  }
  return directory;
}

/**
 * Makes a folder and those above it, one by one: with `recursive` Node.js never returns from file systems that answer
 * "no such file" to every attempt, as /proc does.
 */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) {
    readdirSync(directory);
    return;
  }
  makeDirectory(dirname(directory));
  mkdirSync(directory);
}
