import { EnvironmentError } from "./environment";

/** Exit code of a command whose input cannot be used. */
const UNUSABLE_INPUT = 2;

/** Says what is wrong, a line for each problem and never a stack, and ends: with 2 where the environment has to be corrected. */
export function reportAndExit(error: unknown, what: string): never {
  if (error instanceof EnvironmentError) {
    for (const problem of error.problems) process.stderr.write(`✖ ${problem}\n`);
    process.exit(UNUSABLE_INPUT);
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`✖ ${what}: ${message.split("\n", 1)[0]}\n`);
  process.exit(1);
}
