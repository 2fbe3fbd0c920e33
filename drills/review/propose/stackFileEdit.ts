import { isMap, isScalar, parseDocument } from "yaml";
import { InputError } from "../../../policies/command/inputError";

/**
 * Sets numbers in the `config:` block of a stack file and leaves every other byte of it as it is, comments above all.
 * @throws InputError where the file has no `config:` block.
 */
export function editStackFile(
  text: string,
  changes: readonly { readonly key: string; readonly to: number }[],
): string {
  return changes.reduce((edited, { key, to }) => setNumber(edited, key, String(to)), text);
}

function setNumber(text: string, key: string, value: string): string {
  const config = parseDocument(text).get("config");
  const first = isMap(config) ? config.items[0]?.key : undefined;
  if (!isMap(config) || !isScalar(first) || !first.range) {
    throw new InputError("the stack file has no `config:` block to propose a change of");
  }
  // Pulumi takes a key without a namespace as the project's own.
  const names = [key, key.slice(key.indexOf(":") + 1)];
  const pair = config.items.find((item) => isScalar(item.key) && names.includes(String(item.key.value)));
  if (pair !== undefined) {
    if (!isScalar(pair.value) || !pair.value.range) {
      throw new InputError(`${key} is no plain number in the stack file: change it by hand`);
    }
    const [start, end] = pair.value.range;
    return text.slice(0, start) + value + text.slice(end);
  }
  // A setting that has its default so far gets a line of its own, before the others.
  const lineStart = text.lastIndexOf("\n", first.range[0]) + 1;
  const indent = text.slice(lineStart, first.range[0]);
  return `${text.slice(0, lineStart)}${indent}${key}: ${value}\n${text.slice(lineStart)}`;
}
