import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseDocument } from "yaml";
import { parseStackConfig } from "./parseStackConfig";
import { formatProblems } from "./problems";

/**
 * Says what is wrong with a stack file, or nothing. Read before an engine starts, so that all problems are
 * told together: the engine's own typed configuration stops at the first.
 * @param path - A file named `Pulumi.<stack>.yaml`.
 */
export function stackFileProblems(path: string): string | undefined {
  const stack = /^Pulumi\.(.+)\.ya?ml$/.exec(basename(path))?.[1];
  const config = readConfig(path);
  if (typeof config === "string") return config;
  const result = parseStackConfig(config, stack);
  return result.ok ? undefined : `${path} cannot be used:\n${formatProblems(result.problems)}`;
}

/** The `config` block of a stack file, or one line that says why it cannot be read. */
function readConfig(path: string): string | { readonly [key: string]: unknown } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return `${path} ${missing ? "does not exist" : "cannot be read"}: a stack needs a file of that name.`;
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) return `${path} is not YAML: ${error.message.split("\n")[0]}`;
  const content: unknown = document.toJS();
  const config = isMapping(content) ? (content.config ?? {}) : undefined;
  if (isMapping(config)) return config;
  return `${path} has no \`config:\` block with settings under it.`;
}

function isMapping(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
