import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { lastLines, run } from "./boot/child.mjs";
import { codeOf, messageOf, note, Stop, startProgress } from "./boot/say.mjs";
import { installLink, isAtLeast, minimumEngine, parseVersion, pinnedEngine } from "./boot/versions.mjs";
import {
  build,
  builtPlace,
  engineCache,
  engineModule,
  isExecutable,
  languageHost,
  moveIntoPlace,
  searchPath,
} from "./build.js";
import { writableDirectory } from "./embedded.js";

/*
 * Where the Pulumi engine comes from: an installation, the official release, or a build from its Go module (build.ts).
 */

export interface FoundEngine {
  readonly pulumi: string;
  readonly version: string;
  readonly source: string;
}

export interface Engine extends FoundEngine {
  /** They go to the front of PATH: the engine's own and, where that is another, its language host's. */
  readonly directories: readonly string[];
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** The folders where this version's engine lies once it was downloaded or built. */
  readonly cached: readonly { readonly directory: string; readonly source: string }[];
}

/**
 * Finds the Pulumi engine, or fetches or builds one; then makes sure that it can run Node.js programs.
 * @throws {Stop} with what was tried and how to fix it
 */
export async function provideEngine(env = process.env): Promise<Engine> {
  const cache = engineCache(env);
  const cached = [
    { directory: join(releasePlace(cache), "bin"), source: "downloaded before" },
    { directory: builtPlace("engine", engineModule, cache), source: "built before" },
  ];
  const around = { env, home: env.HOME || homedir(), cached };
  const { engine: found, passedOver } = discoverEngine(around);
  for (const reason of passedOver) note(`  Passed over: ${reason}.`);
  const engine = found ?? (await makeEngine(env, cache, passedOver));

  const own = dirname(engine.pulumi);
  const host = findLanguageHost(engine.pulumi, around);
  if (host) return { ...engine, directories: [...new Set([own, host])] };
  const built = await build("language-host", { module: engineModule, cache, env });
  if ("failure" in built) {
    throw new Stop(
      `${engine.pulumi} has no Node.js language host (${languageHost}) in its folder, and ${built.failure}. ` +
        `Install Pulumi whole: ${installLink}`,
    );
  }
  return { ...engine, directories: [own, built.directory] };
}

async function makeEngine(
  env: NodeJS.ProcessEnv,
  cache: string,
  passedOver: readonly string[],
): Promise<FoundEngine> {
  writableDirectory(
    cache,
    "the engine",
    `make it writable, point XDG_CACHE_HOME elsewhere, or install Pulumi: ${installLink}`,
  );
  const release = await downloadRelease(cache);
  if ("pulumi" in release) return describe(release.pulumi, "downloaded");
  note(`  No official release: ${release.failure}.`);
  const built = await build("engine", { module: engineModule, cache, env });
  if ("directory" in built) return describe(join(built.directory, "pulumi"), "built here");
  const none = passedOver.length === 0 ? "none is installed" : passedOver.join("; ");
  throw new Stop(
    `No Pulumi engine: ${none}; ${release.failure}; ${built.failure}. ` +
      `Install Pulumi ${minimumEngine} or newer: ${installLink}`,
  );
}

function describe(pulumi: string, source: string): FoundEngine {
  return { pulumi, version: versionOf(pulumi) ?? pinnedEngine, source };
}

/** A broken `pulumi` must not hold up the search. */
const VERSION_LIMIT_MS = 20_000;

/**
 * The first installed engine that is new enough: PATH, `~/.pulumi/bin`, then those that were downloaded or built before.
 * `passedOver` says in a few words what was found and not taken.
 */
export function discoverEngine(around: Surroundings): { engine?: FoundEngine; passedOver: string[] } {
  const passedOver: string[] = [];
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

function candidates({ env, home, cached }: Surroundings): { pulumi: string; source: string }[] {
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

/** The folders in a folder, the newest first. */
function newestFirst(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}

/** The version that a `pulumi` says it is, as in "3.259.0". */
export function versionOf(pulumi: string): string | undefined {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const answer = spawnSync(pulumi, ["version"], { encoding: "utf8", env, timeout: VERSION_LIMIT_MS });
  if (answer.status !== 0) return undefined;
  return parseVersion(answer.stdout)?.join(".");
}

/**
 * The folder of the Node.js language host that an engine would use: the engine's own, on PATH, or `~/.pulumi/bin`.
 */
export function findLanguageHost(pulumi: string, { env, home }: Surroundings): string | undefined {
  const own = [dirname(pulumi), dirname(realpathSync(pulumi))];
  const directories = [...own, ...searchPath(env), join(home, ".pulumi", "bin")];
  return directories.find((directory) => isExecutable(join(directory, languageHost)));
}

/** From here the npm package `pulumi` takes the release that it installs. */
const DOWNLOADS = "https://get.pulumi.com/install.sh";

/** A machine without internet access must be told so in seconds. */
const REACH_MS = 6_000;

/** About 120 MB are to come. */
const DOWNLOAD_LIMIT_MS = 15 * 60_000;

/**
 * Fetches the official release through the npm package `pulumi`, whose first use downloads it.
 * https://www.npmjs.com/package/pulumi
 */
async function downloadRelease(cache: string): Promise<{ pulumi: string } | { failure: string }> {
  const unreachable = await cannotReach(DOWNLOADS);
  if (unreachable) return { failure: `get.pulumi.com cannot be reached (${unreachable})` };

  mkdirSync(cache, { recursive: true });
  const home = mkdtempSync(join(cache, ".downloading-"));
  const done = startProgress(`Downloading Pulumi ${pinnedEngine}`);
  try {
    const ended = await run(
      "npm",
      ["exec", "--yes", `--package=pulumi@${pinnedEngine}`, "--", "pulumi", "version"],
      {
        env: {
          ...process.env,
          PULUMI_HOME: home,
          PULUMI_VERSION: pinnedEngine,
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
        limitMs: DOWNLOAD_LIMIT_MS,
      },
    );
    const release = join(home, "versions", pinnedEngine);
    if (ended.code !== 0 || !versionOf(join(release, "bin", "pulumi"))) {
      done("failed");
      return {
        failure: ended.timedOut
          ? "the download took too long"
          : lastLines(ended.stderr, 1) || "the download failed",
      };
    }
    done("done");
    return { pulumi: join(moveIntoPlace(release, releasePlace(cache)), "bin", "pulumi") };
  } catch (error) {
    if (error instanceof Stop && error.exitCode > 128) throw error;
    done("failed");
    return { failure: messageOf(error) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Where the release lies once it is downloaded. */
const releasePlace = (cache: string): string => join(cache, `release-${pinnedEngine}`);

/** @returns why not, in a word; undefined where it answers */
async function cannotReach(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(REACH_MS) });
    return answer.ok ? undefined : `HTTP ${answer.status}`;
  } catch (error) {
    return (
      codeOf(error) ??
      (error instanceof Error && error.name === "TimeoutError" ? "no answer" : messageOf(error))
    );
  }
}
