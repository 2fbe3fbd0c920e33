import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { InputError, messageOf } from "./errors";
import { closest, list } from "./text";

export { InvalidArgumentError, Option };

/**
 * A command line of `commander` that throws its mistakes instead of ending the process; `endedBy` says them. Commands alone
 * load it: the pack has no command line.
 */
export class CommandLine extends Command {
  constructor(name?: string) {
    super(name);
    this.exitOverride().configureOutput({ writeErr: () => {} });
    this.helpOption("-h, --help", "print this help");
  }

  override createCommand(name?: string): CommandLine {
    return new CommandLine(name);
  }

  override parseOptions(argv: string[]): ReturnType<Command["parseOptions"]> {
    const end = argv.indexOf("--");
    for (const [index, word] of (end === -1 ? argv : argv.slice(0, end)).entries()) {
      this.#refuseValue(word, argv[index + 1]);
      if (this.parent !== null || index === 0) this.#refuseForeign(word);
    }
    return super.parseOptions(argv);
  }

  /** `commander` would take the option that follows for the value: `--output --write`. */
  #refuseValue(word: string, next: string | undefined): void {
    const [name = ""] = word.split("=", 1);
    const option = this.options.find((each) => isFlag(each, name));
    if (option?.required && name === word && next !== undefined && /^-(?:-.|[a-z])/i.test(next)) {
      throw new InputError(
        `option '${option.flags}' needs a value, and ${next} follows: write ${option.long}=${next} if that is the value`,
      );
    }
    if (option?.isBoolean() && name !== word) throw new InputError(`option '${name}' takes no value`);
  }

  /** An option of another command, or of one that is not named before it. */
  #refuseForeign(word: string): void {
    const [name = ""] = word.split("=", 1);
    if (this.options.some((each) => isFlag(each, name)) || ["-h", "--help"].includes(name)) return;
    const takers = (this.parent ?? this).commands.filter(({ options }) =>
      options.some((each) => isFlag(each, name)),
    );
    if (takers.length === 0) return;
    const where = this.parent === null ? "name the command first" : `\`${this.name()}\` does not take it`;
    throw new InputError(`option '${name}' is one of ${list(takers.map((each) => each.name()))}: ${where}`);
  }
}

const isFlag = ({ long, short }: Option, name: string): boolean => name === long || name === short;

/**
 * Says on stderr why a command ended, in one line. Set POOLPROOF_DEBUG to see where.
 * @param failed - What to say of an error that is not the input's: `the review failed`.
 * @returns The exit code: 0 after help and version, which are printed by then, else 2.
 */
export function endedBy(error: unknown, failed: string): 0 | 2 {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const isMistake = error instanceof InputError || error instanceof CommanderError;
  const message = messageOf(error).replace(/^error: /, "");
  const what = error instanceof CommanderError ? message.replace(/\s*\n\s*/g, " ") : message;
  process.stderr.write(`error: ${isMistake ? "" : `${failed}: `}${what}\n`);
  if (process.env.POOLPROOF_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 2;
}

/** A value that is one of some words. */
export const choice =
  <T extends string>(choices: readonly T[]) =>
  (text: string): T => {
    const found = choices.find((each) => each === text);
    if (found !== undefined) return found;
    const near = closest(text, choices);
    throw new InvalidArgumentError(
      `Allowed choices are ${choices.join(", ")}.${near === undefined ? "" : ` Did you mean ${near}?`}`,
    );
  };

export function fileName(text: string): string {
  if (text === "") throw new InvalidArgumentError("A file name is needed.");
  return text;
}

export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

export const numberBetween =
  (above: number, max: number, unit: string) =>
  (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value > above && value <= max) return value;
    throw new InvalidArgumentError(`It must be above ${above} and at most ${max} ${unit}.`);
  };

/** Each use of the option adds a value. */
export const repeated =
  <T>(read: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, read(text)];
