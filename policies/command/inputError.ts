export { InputError, messageOf } from "../kit/errors";
export { closest } from "../kit/text";

/** True for an object of parsed JSON or YAML: not null, not a list. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
