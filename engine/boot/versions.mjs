// @ts-check

/** The oldest Node.js that the program, the pack and the tests run on. */
export const minimumNode = "20.19.0";

/** The oldest engine that speaks to policy packs through the language host and takes `--config-file` everywhere. */
export const minimumEngine = "3.240.0";

/** The engine that is downloaded or built where none is installed; the same as in engine/build/go.mod. */
export const pinnedEngine = "3.276.0";

export const installLink = "https://www.pulumi.com/docs/install/";

/**
 * The numbers of a version: `v3.259.0` → [3, 259, 0]; a pre-release counts as its release.
 * @param {string} text
 * @returns {readonly [number, number, number] | undefined} undefined where the text holds no version
 */
export function parseVersion(text) {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)] : undefined;
}

/**
 * @param {string} version
 * @param {string} minimum
 */
export function isAtLeast(version, minimum) {
  const have = parseVersion(version);
  const want = parseVersion(minimum);
  if (!have || !want) return false;
  for (const [index, number] of want.entries()) {
    const difference = (have[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
