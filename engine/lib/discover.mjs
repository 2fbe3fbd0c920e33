// @ts-check
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { minimumEngine } from "./pins.mjs";
import { isAtLeast, parseVersion } from "./version.mjs";

/**
 * @typedef {{ pulumi: string; version: string; source: string }} FoundEngine
 * @typedef {{ env: NodeJS.ProcessEnv; home: string; cached: { directory: string; source: string }[] }} Surroundings
 *   `cached` are the folders where this version's engine lies once it was downloaded or built
 */

/** The name that Pulumi looks for to run a Node.js program or pack. */
export const languageHost = "pulumi-language-nodejs";

/** A broken `pulumi` must not hold up the search. */
const VERSION_LIMIT_MS = 20_000;

/**
 * The first installed engine that is new enough: PATH, `~/.pulumi/bin`, then those that were downloaded or built before.
 * @param {Surroundings} around
 * @returns {{ engine?: FoundEngine; passedOver: string[] }} `passedOver` says in a few words what was found and not taken
 */
export function discoverEngine(around) {
  /** @type {string[]} */
  const passedOver = [];
  for (const { pulumi, source } of candidates(around)) {
    const version = versionOf(pulumi);
    if (version && isAtLeast(version, minimumEngine)) {
      return { engine: { pulumi, version, source }, passedOver };
    }
    passedOver.push(
      version
        ? `${pulumi} is ${version}, older than ${minimumEngine}`
        : `${pulumi} does not answer \`pulumi version\``,
    );
  }
  return { passedOver };
}

/**
 * @param {Surroundings} around
 * @returns {{ pulumi: string; source: string }[]}
 */
function candidates({ env, home, cached }) {
  const places = [
    ...searchPath(env).map((directory) => ({ directory, source: "on PATH" })),
    { directory: join(home, ".pulumi", "bin"), source: "in ~/.pulumi/bin" },
    ...newestFirst(join(home, ".pulumi", "versions")).map((directory) => ({
      directory: join(directory, "bin"),
      source: "in ~/.pulumi/versions",
    })),
    ...cached,
  ];
  return places
    .map(({ directory, source }) => ({ pulumi: join(directory, "pulumi"), source }))
    .filter(({ pulumi }) => isExecutable(pulumi));
}

/**
 * The folders of PATH. Those of npm are left out: a `pulumi` there is the npm package, which would download.
 * @param {NodeJS.ProcessEnv} env
 */
export function searchPath(env) {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "" && !directory.endsWith(join("node_modules", ".bin")));
}

/**
 * The folders in a folder, the newest first.
 * @param {string} directory
 */
function newestFirst(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .sort((a, b) => (statSync(b).mtimeMs ?? 0) - (statSync(a).mtimeMs ?? 0));
}

/**
 * @param {string} pulumi
 * @returns {string | undefined} as in "3.259.0"
 */
export function versionOf(pulumi) {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const answer = spawnSync(pulumi, ["version"], { encoding: "utf8", env, timeout: VERSION_LIMIT_MS });
  if (answer.status !== 0) return undefined;
  return parseVersion(answer.stdout)?.join(".");
}

/**
 * The folder of the Node.js language host that an engine would use: beside it, on PATH, or in `~/.pulumi/bin`.
 * @param {string} pulumi
 * @param {Surroundings} around
 * @returns {string | undefined}
 */
export function findLanguageHost(pulumi, { env, home }) {
  const beside = [dirname(pulumi), dirname(realpathSync(pulumi))];
  const directories = [...beside, ...searchPath(env), join(home, ".pulumi", "bin")];
  return directories.find((directory) => isExecutable(join(directory, languageHost)));
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @returns {Surroundings["home"]} */
export function homeDirectory(env = process.env) {
  return env.HOME || homedir();
}
