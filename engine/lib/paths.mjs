// @ts-check
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { codeOf, Stop } from "./say.mjs";

/** The folder that holds Pulumi.yaml. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The Go module that pins the engine and holds the language host's source. */
export const engineModule = join(repository, "engine", "build");

/** The folder whose `pulumi-resource-aws` stands in for AWS. */
export const offlineProvider = join(repository, "engine", "offline-aws", "bin");

/**
 * Where state, stack copies and reports of the embedded default are kept.
 * @default `.state` in the repository, which git ignores; POOLPROOF_STATE_DIR names another
 */
export function stateDirectory(env = process.env) {
  return env.POOLPROOF_STATE_DIR ? resolve(env.POOLPROOF_STATE_DIR) : join(repository, ".state");
}

/**
 * Where engines that were downloaded or built are kept, for every checkout of this user.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function engineCache(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "poolproof", "engine");
}

/**
 * Makes a folder and proves that it can be written.
 * @param {string} directory
 * @param {string} purpose as in "the state of the embedded default"
 * @param {string} remedy what to do where it cannot
 */
export function writableDirectory(directory, purpose, remedy) {
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
 * @param {string} directory
 */
function makeDirectory(directory) {
  if (existsSync(directory)) {
    readdirSync(directory);
    return;
  }
  makeDirectory(dirname(directory));
  mkdirSync(directory);
}
