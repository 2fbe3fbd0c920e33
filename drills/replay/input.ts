import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { InvalidAlarmError } from "../../policies/model/cloudwatch/alarm";

/** Input that the replay cannot use: one line that says what, where and how to correct it. Exit code 2. */
export class ReplayInputError extends Error {
  override readonly name = "ReplayInputError";
}

/**
 * Data of a YAML or JSON file.
 * @throws ReplayInputError when it cannot be read or is neither.
 */
export function readData(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ReplayInputError(`${path} cannot be read: ${reasonOf(error)}`);
  }
  try {
    return extname(path) === ".json" ? JSON.parse(text) : parse(text);
  } catch (error) {
    throw new ReplayInputError(`${path} is neither YAML nor JSON: ${reasonOf(error)}`);
  }
}

/** What the system said about a file, without Node's code words and call. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "it may not be read or written";
  return error.message.split("\n")[0] ?? error.message;
}

/** The first thing that makes data not what it should be: where, and what is wrong there. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "it has another shape";
  const at = issue.path.map(String).join(".");
  return `${at === "" ? "" : `\`${at}\` `}${issue.message.replace(/^Invalid input: /, "")}`;
}

/** @throws ReplayInputError naming the alarm, for what of it cannot be evaluated. */
export function forAlarm<T>(id: string, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof InvalidAlarmError)) throw error;
    throw new ReplayInputError(`alarm ${id}: ${error.message}`);
  }
}
