import { closest } from "../../policies/model/nearestName";

/** Options as `parseArgs` of `node:util` takes them. */
export type OptionTable = {
  readonly [name: string]: { readonly type: "string" | "boolean"; readonly short?: string };
};

export interface CommandWords {
  readonly options: OptionTable;
  /** A value for each option that takes one, to show where it is missing. */
  readonly examples: { readonly [name: string]: string };
  /** How to get the help: `npm run stress -- --help`. */
  readonly help: string;
}

/**
 * Ties negative numbers to the option before them: Node takes `--rate -5` for two options and says so, where the reason is
 * that no rate is negative, which the command's own check tells with the range.
 */
export function withNegativeValues(argv: readonly string[], options: OptionTable): string[] {
  const tied: string[] = [];
  for (const [index, word] of argv.entries()) {
    const before = argv[index - 1];
    const name = before === undefined ? undefined : optionOf(before, options);
    if (argv.indexOf("--") !== -1 && index > argv.indexOf("--")) tied.push(word);
    else if (/^-[\d.]/.test(word) && name !== undefined && options[name]?.type === "string") {
      tied[tied.length - 1] = `--${name}=${word}`;
    } else tied.push(word);
  }
  return tied;
}

/** What is wrong with a command line that `parseArgs` refused, in one line with how to mend it. */
export function optionMistake(
  error: unknown,
  argv: readonly string[],
  { options, examples, help }: CommandWords,
): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, dashes = "", stranger = ""] = /Unknown option '(-+)([^']*)'/.exec(message) ?? [];
  if (dashes !== "") {
    const near = closest(stranger, Object.keys(options));
    const hint = near === undefined ? `: \`${help}\` lists them` : `; did you mean --${near}?`;
    return `there is no option ${dashes}${stranger}${hint}`;
  }
  const name = /--([\w-]+)/.exec(message)?.[1];
  if (name === undefined) return `the command line cannot be read: \`${help}\` says what it takes`;
  if (options[name]?.type === "boolean") return `--${name} takes no value: write --${name} alone`;
  const example = `write one after it, as in --${name} ${examples[name] ?? "VALUE"}`;
  const next = argv[argv.findIndex((word) => optionOf(word, options) === name) + 1];
  return next === undefined
    ? `--${name} needs a value: ${example}`
    : `--${name} needs a value, and ${next} follows: ${example}`;
}

/** Name of the option that a word is, without a value of its own. */
function optionOf(word: string, options: OptionTable): string | undefined {
  if (word.startsWith("--")) return Object.hasOwn(options, word.slice(2)) ? word.slice(2) : undefined;
  return Object.keys(options).find((name) => word === `-${options[name]?.short}`);
}
