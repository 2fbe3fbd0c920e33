// @ts-check
import { Stop } from "./say.mjs";

/** Pulumi's flags that name what our own argument names already, or that would let a change past the gate. */
const REFUSED = new Map([
  ["--stack", "the stack is the first argument"],
  ["-s", "the stack is the first argument"],
  ["--cwd", "the program is this repository's"],
  ["-C", "the program is this repository's"],
  ["--config-file", "the stack's file is stacks/Pulumi.STACK.yaml"],
  ["--skip-preview", "the preview is the gate: nothing is deployed that it has not accepted"],
  ["-f", "the preview is the gate: nothing is deployed that it has not accepted"],
]);

/**
 * @typedef {{ stack: string; flags: string[]; realAws: boolean }} StackArguments
 */

/**
 * Reads `STACK [pulumi flags]`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {StackArguments}
 */
export function stackArguments(command, args, env) {
  const flags = [...args];
  const stack = takeStack(command, flags);
  if (flags[0] && !flags[0].startsWith("-")) {
    throw new Stop(
      `\`npm run ${command}\` takes one stack at a time, and then flags: "${flags[0]}" is neither.`,
    );
  }
  for (const name of flags.flatMap(flagNames)) {
    const reason = REFUSED.get(name);
    if (reason) throw new Stop(`${name} is not taken by \`npm run ${command}\`: ${reason}.`);
  }
  const realAws = env.POOLPROOF_AWS === "real" || flags.includes("--real-aws");
  return { stack, flags: flags.filter((flag) => flag !== "--real-aws"), realAws };
}

/** Short flags of Pulumi that swallow the rest of their word as a value, as in `-cauth:poolMax=12`. */
const SHORT_WITH_VALUE = "cCmpstv";

/**
 * The flags that one word holds: Pulumi reads `-yf` as `-y -f`.
 * @param {string} word
 */
function flagNames(word) {
  const name = word.split("=", 1)[0] ?? word;
  if (!/^-[A-Za-z]/.test(name)) return [name];
  const letters = [...name.slice(1)];
  const valueAt = letters.findIndex((letter) => SHORT_WITH_VALUE.includes(letter));
  return letters.slice(0, valueAt < 0 ? letters.length : valueAt + 1).map((letter) => `-${letter}`);
}

/** @param {readonly string[]} args */
export const asksForHelp = (args) => args.some((arg) => arg === "--help" || arg === "-h");

/**
 * Takes the first argument away, as the stack's name.
 * @param {string} command
 * @param {string[]} args
 */
export function takeStack(command, args) {
  const stack = args.shift();
  if (stack === undefined || stack === "" || stack.startsWith("-")) {
    throw new Stop(`\`npm run ${command}\` needs a stack first: npm run ${command} -- STACK [flags].`);
  }
  return stack;
}

/**
 * Whether a flag that takes a value was given, as `--name value` or `--name=value`.
 * @param {readonly string[]} flags
 * @param {string} name
 */
export function hasFlag(flags, name) {
  return flags.some((flag) => flag === name || flag.startsWith(`${name}=`));
}

/**
 * The value of a flag's first appearance, as `--name value` or `--name=value`.
 * @param {readonly string[]} flags
 * @param {string} name
 * @returns {string | undefined}
 */
export function flagValue(flags, name) {
  const at = flags.findIndex((flag) => flag === name || flag.startsWith(`${name}=`));
  const flag = flags[at];
  return flag === name ? flags[at + 1] : flag?.slice(name.length + 1);
}
