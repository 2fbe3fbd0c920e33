// @ts-check
import { dirname, join } from "node:path";
import { build, builtPlace } from "./build.mjs";
import { discoverEngine, findLanguageHost, homeDirectory, versionOf } from "./discover.mjs";
import { engineCache, engineModule, writableDirectory } from "./paths.mjs";
import { installLink, minimumEngine, pinnedEngine } from "./pins.mjs";
import { downloadRelease, releasePlace } from "./release.mjs";
import { note, Stop } from "./say.mjs";

/**
 * @typedef {{ pulumi: string; version: string; source: string; directories: string[] }} Engine
 *   `directories` go to the front of PATH: the engine's own and, where that is another, its language host's
 */

/**
 * Finds the Pulumi engine, or fetches or builds one; then makes sure that it can run Node.js programs.
 * @returns {Promise<Engine>}
 * @throws {Stop} with what was tried and how to mend it
 */
export async function provideEngine(env = process.env) {
  const cache = engineCache(env);
  const cached = [
    { directory: join(releasePlace(cache), "bin"), source: "downloaded before" },
    { directory: builtPlace("engine", engineModule, cache), source: "built before" },
  ];
  const around = { env, home: homeDirectory(env), cached };
  const { engine: found, passedOver } = discoverEngine(around);
  for (const reason of passedOver) note(`  Passed over: ${reason}.`);
  const engine = found ?? (await makeEngine(env, cache, passedOver));

  const beside = dirname(engine.pulumi);
  const host = findLanguageHost(engine.pulumi, around);
  if (host) return { ...engine, directories: [...new Set([beside, host])] };
  const built = await build("language-host", { module: engineModule, cache, env });
  if ("failure" in built) {
    throw new Stop(
      `${engine.pulumi} has no Node.js language host (pulumi-language-nodejs) beside it, and ${built.failure}. ` +
        `Install Pulumi whole: ${installLink}`,
    );
  }
  return { ...engine, directories: [beside, built.directory] };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cache
 * @param {readonly string[]} passedOver
 * @returns {Promise<import("./discover.mjs").FoundEngine>}
 */
async function makeEngine(env, cache, passedOver) {
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

/**
 * @param {string} pulumi
 * @param {string} source
 */
function describe(pulumi, source) {
  return { pulumi, version: versionOf(pulumi) ?? pinnedEngine, source };
}
