// @ts-check
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lastLines, run } from "./child.mjs";
import { versionOf } from "./discover.mjs";
import { pinnedEngine } from "./pins.mjs";
import { startProgress } from "./progress.mjs";
import { codeOf, messageOf, Stop } from "./say.mjs";

/** From here the npm package `pulumi` takes the release that it installs. */
const DOWNLOADS = "https://get.pulumi.com/install.sh";

/** A machine without internet access must be told so in seconds. */
const REACH_MS = 6_000;

/** About 120 MB are to come. */
const DOWNLOAD_LIMIT_MS = 15 * 60_000;

/**
 * Fetches the official release through the npm package `pulumi`, whose first use downloads it.
 * https://www.npmjs.com/package/pulumi
 * @param {string} cache
 * @returns {Promise<{ pulumi: string } | { failure: string }>}
 */
export async function downloadRelease(cache) {
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

/**
 * Where the release lies once it is downloaded.
 * @param {string} cache
 */
export function releasePlace(cache) {
  return join(cache, `release-${pinnedEngine}`);
}

/**
 * @param {string} url
 * @returns {Promise<string | undefined>} why not, in a word; undefined where it answers
 */
async function cannotReach(url) {
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

/**
 * Gives a finished folder its name in one step; where another process was faster, its result is as good.
 * @param {string} finished
 * @param {string} place
 */
export function moveIntoPlace(finished, place) {
  try {
    renameSync(finished, place);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
  return place;
}
