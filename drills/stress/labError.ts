/** Input or surroundings that the lab cannot work with: said in this one line, exit code 2, never a stack trace. */
export class LabError extends Error {
  override readonly name = "LabError";
}

/** The message of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

/** The system's code of an error, such as `EADDRINUSE` or a SQLSTATE. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
