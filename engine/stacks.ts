import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { closest } from "../policies/kit/text.js";
import { Stop } from "./boot/say.mjs";

/** The stacks of the repository, by name. */
export function stackNames(root: string): string[] {
  const directory = join(root, "stacks");
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/**
 * The configuration file of a stack.
 * @throws {Stop} naming the stacks there are
 */
export function stackFile(root: string, stack: string): string {
  const names = stackNames(root);
  if (!names.includes(stack)) {
    const near = names.find((name) => stack !== "" && name.startsWith(stack)) ?? closest(stack, names);
    const hint = near ? ` Did you mean ${near}?` : "";
    throw new Stop(
      `There is no stack "${stack}" in stacks/.${hint} Stacks: ${names.join(", ") || "none yet"}.`,
    );
  }
  return join(root, "stacks", `Pulumi.${stack}.yaml`);
}

/** How a command of the repository is called, and with what. */
export const stackUsage = (command: string, root: string): string =>
  `In this repository: npm run ${command} -- STACK [options]\nStacks: ${stackNames(root).join(", ") || "none yet"}\n`;

/** The policy configuration a stack is judged by: its own where there is one, else production's. */
export function policyConfigOf(root: string, stack: string): string {
  const own = join(root, "policies", "config", `${stack}.json`);
  return existsSync(own) ? own : join(root, "policies", "config", "prod.json");
}

export const asksForHelp = (args: readonly string[]): boolean =>
  args.some((arg) => arg === "--help" || arg === "-h");

/** Takes the first argument away, as the stack's name. */
export function takeStack(command: string, args: string[]): string {
  const stack = args.shift();
  if (stack === undefined || stack === "" || stack.startsWith("-")) {
    throw new Stop(`\`npm run ${command}\` needs a stack first: npm run ${command} -- STACK [flags].`);
  }
  return stack;
}

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

export interface StackArguments {
  readonly stack: string;
  readonly flags: readonly string[];
  readonly realAws: boolean;
}

/** Reads `STACK [pulumi flags]`. */
export function stackArguments(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): StackArguments {
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

/** The flags that one word holds: Pulumi reads `-yf` as `-y -f`. */
function flagNames(word: string): string[] {
  const name = word.split("=", 1)[0] ?? word;
  if (!/^-[A-Za-z]/.test(name)) return [name];
  const letters = [...name.slice(1)];
  const valueAt = letters.findIndex((letter) => SHORT_WITH_VALUE.includes(letter));
  return letters.slice(0, valueAt < 0 ? letters.length : valueAt + 1).map((letter) => `-${letter}`);
}

/** Whether a flag that takes a value was given, as `--name value` or `--name=value`. */
export function hasFlag(flags: readonly string[], name: string): boolean {
  return flags.some((flag) => flag === name || flag.startsWith(`${name}=`));
}

/** The value of a flag's first appearance, as `--name value` or `--name=value`. */
export function flagValue(flags: readonly string[], name: string): string | undefined {
  const at = flags.findIndex((flag) => flag === name || flag.startsWith(`${name}=`));
  const flag = flags[at];
  return flag === name ? flags[at + 1] : flag?.slice(name.length + 1);
}
