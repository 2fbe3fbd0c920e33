export { closest } from "../config/closest";

/** Input that cannot be used: the command says this one line, with how to mend it, and exits with 2. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** The message of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
