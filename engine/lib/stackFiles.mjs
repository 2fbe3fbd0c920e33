// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stop } from "./say.mjs";

/**
 * The stacks of the repository, by name.
 * @param {string} root
 */
export function stackNames(root) {
  const directory = join(root, "stacks");
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/**
 * How a command of the repository is called, and with what.
 * @param {string} command
 * @param {string} root
 */
export const stackUsage = (command, root) =>
  `In this repository: npm run ${command} -- STACK [options]\nStacks: ${stackNames(root).join(", ") || "none yet"}\n`;

/**
 * The configuration file of a stack.
 * @param {string} root
 * @param {string} stack
 * @throws {Stop} naming the stacks there are
 */
export function stackFile(root, stack) {
  const names = stackNames(root);
  if (!names.includes(stack)) {
    const near = nearest(stack, names);
    const hint = near ? ` Did you mean ${near}?` : "";
    throw new Stop(
      `There is no stack "${stack}" in stacks/.${hint} Stacks: ${names.join(", ") || "none yet"}.`,
    );
  }
  return join(root, "stacks", `Pulumi.${stack}.yaml`);
}

/**
 * The policy configuration a stack is judged by: its own where there is one, else production's.
 * @param {string} root
 * @param {string} stack
 */
export function policyConfigOf(root, stack) {
  const own = join(root, "policies", "config", `${stack}.json`);
  return existsSync(own) ? own : join(root, "policies", "config", "prod.json");
}

/**
 * Copies a stack's configuration for Pulumi to write to: a new stack gets an encryption salt, which must not show up
 * in the repository. The salt of an earlier copy is kept, as secrets in the state may depend on it.
 * @param {string} source
 * @param {string} directory
 * @param {string} stack
 * @returns {string} the copy
 */
export function copyStackFile(source, directory, stack) {
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
 * @param {string} given
 * @param {readonly string[]} names
 */
export function nearest(given, names) {
  const ranked = names
    .map((name) => ({ name, distance: name.startsWith(given) && given ? 0 : editDistance(given, name) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(given.length / 3)) ? best.name : undefined;
}

/**
 * Levenshtein's distance.
 * @param {string} a
 * @param {string} b
 */
function editDistance(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const substitution = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(substitution, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
