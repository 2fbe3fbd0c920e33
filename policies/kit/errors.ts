/** Input that cannot be used: the command says this one line, with how to fix it, and exits with 2. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** The message of anything that was thrown, without a stack. Of several errors that have none in common, the first one's. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0) {
    return messageOf(error.errors[0]);
  }
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

/** The system's code of an error, such as `EADDRINUSE` or a SQLSTATE. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
