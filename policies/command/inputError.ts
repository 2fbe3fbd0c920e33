import { inspect } from "node:util";

export { closest } from "../model/nearestName";

/** Input that cannot be used: the command says this one line, with how to mend it, and exits with 2. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** The message of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
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

/** True for an object of parsed JSON or YAML: not null, not a list. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
