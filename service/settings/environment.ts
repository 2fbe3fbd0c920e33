import { z } from "zod";

/** The process's environment: every value a text, or missing. */
export type Environment = { readonly [name: string]: string | undefined };

/** What is wrong with the environment, all of it, one line for each variable. */
export class EnvironmentError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "EnvironmentError";
  }
}

/** How one variable is read: its shape, what it is for, and a value that would do. */
export interface VariableSpec<T> {
  readonly schema: z.ZodType<T, string>;
  /** What the text has to be: "a whole number of ms from 1 up". */
  readonly expected: string;
  /** What goes wrong otherwise. */
  readonly consequence: string;
  readonly example: string;
  /** Never shown, not even when it is wrong. */
  readonly secret?: true;
  /** Taken when the variable is missing or empty. Without one it has to be set. */
  readonly whenMissing?: T;
}

export type VariableSpecs = { readonly [name: string]: VariableSpec<unknown> };
export type ValuesOf<Specs extends VariableSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends VariableSpec<infer T> ? T : never;
};

/** Digits alone, as the policies read them: of "1e1" one program makes 10 and another 1. */
const DIGITS = z.string().regex(/^\d+$/).transform(Number).pipe(z.int());

export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  DIGITS.pipe(z.int().min(least).max(most));

/** Longest time a timer of Node takes: above it, it fires at once (nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time limit that has to be one: node-postgres and Node take 0 for "no limit". */
export function durationMs(consequence: string, example: string): VariableSpec<number> {
  return {
    schema: wholeNumber(1, LONGEST_TIMER_MS),
    expected: `an integer (ms) from 1 to ${LONGEST_TIMER_MS}`,
    consequence,
    example,
  };
}

/** A text that must not be empty. */
export function text(consequence: string, example: string): VariableSpec<string> {
  return { schema: z.string().min(1), expected: "non-empty text", consequence, example };
}

export function choice<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  consequence: string,
): VariableSpec<Choices[number]> {
  return {
    schema: z.enum(choices) as unknown as z.ZodType<Choices[number], string>,
    expected: choices.map((each) => `"${each}"`).join(" or "),
    consequence,
    example: choices[0],
  };
}

/**
 * Reads every variable of a table.
 * @throws {EnvironmentError} naming all that are missing or wrong, with what to set; the value of a secret is not shown.
 */
export function readVariables<const Specs extends VariableSpecs>(
  environment: Environment,
  specs: Specs,
): ValuesOf<Specs> {
  const problems: string[] = [];
  const values = Object.entries(specs).map(([name, spec]) => {
    const given = environment[name];
    if ((given === undefined || given === "") && "whenMissing" in spec) return [name, spec.whenMissing];
    const read = spec.schema.safeParse(given);
    if (read.success) return [name, read.data];
    problems.push(problemOf(name, given, spec));
    return [name, undefined];
  });
  if (problems.length > 0) throw new EnvironmentError(problems);
  return Object.fromEntries(values) as ValuesOf<Specs>;
}

function problemOf(name: string, given: string | undefined, spec: VariableSpec<unknown>): string {
  const observed = given === undefined ? "is not set" : spec.secret ? "is not usable" : `is "${given}"`;
  return `${name} ${observed}, but must be ${spec.expected}: ${spec.consequence}. Set it, for example, to ${spec.example}.`;
}

/** Runs several readers and reports the problems of all of them together. */
export function readTogether<Readers extends { readonly [part: string]: () => unknown }>(
  readers: Readers,
): { readonly [Part in keyof Readers]: ReturnType<Readers[Part]> } {
  const problems: string[] = [];
  const parts = Object.entries(readers).map(([part, read]) => {
    try {
      return [part, read()];
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      problems.push(...error.problems);
      return [part, undefined];
    }
  });
  if (problems.length > 0) throw new EnvironmentError(problems);
  return Object.fromEntries(parts) as { readonly [Part in keyof Readers]: ReturnType<Readers[Part]> };
}
