import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { InputError, reasonOf } from "../../policies/kit/errors";
import { InvalidAlarmError } from "../../policies/model/cloudwatch/alarm";

/**
 * Data of a YAML or JSON file.
 * @throws InputError when it cannot be read or is neither.
 */
export function readData(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${reasonOf(error)}`);
  }
  try {
    return extname(path) === ".json" ? JSON.parse(text) : parse(text);
  } catch (error) {
    throw new InputError(`${path} is neither YAML nor JSON: ${reasonOf(error)}`);
  }
}

/** The first thing that makes data not what it should be: where, and what is wrong there. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "it has another shape";
  const at = issue.path.map(String).join(".");
  return `${at === "" ? "" : `\`${at}\` `}${issue.message.replace(/^Invalid input: /, "")}`;
}

/** @throws InputError naming the alarm, for what of it cannot be evaluated. */
export function forAlarm<T>(id: string, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof InvalidAlarmError)) throw error;
    throw new InputError(`alarm ${id}: ${error.message}`);
  }
}
