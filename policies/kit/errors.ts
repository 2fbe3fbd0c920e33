import { inspect } from "node:util";

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
  if (typeof error !== "object" || error === null) return String(error);
  const { message, diagnosticText } = error as { readonly [field: string]: unknown };
  const text = [message, diagnosticText].find((each) => typeof each === "string" && each !== "");
  if (typeof text === "string") return text;
  // What a module loader's thread throws (a compiler's errors among it) Node hands over as an object without a prototype that
  // knows only how it looks when inspected.
  if (inspect.custom in error) return (inspect(error).split("\n    at ")[0] ?? "").trim();
  // Its values stay unsaid: any of them may be a secret.
  return `an object without a message was thrown (${Object.keys(error).join(", ") || "it is empty"})`;
}

/** Why a file cannot be read or written, without Node's code words and call. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOENT") return "it does not exist";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "it may not be read or written";
  return messageOf(error).split("\n")[0] ?? "";
}

/** The system's code of an error, such as `EADDRINUSE` or a SQLSTATE. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** True for an object of parsed JSON or YAML: not null, not a list. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
