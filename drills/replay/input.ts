import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { InputError, reasonOf } from "../../policies/kit/errors";
import { list } from "../../policies/kit/text";

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
  if (issue === undefined) return "it has another form";
  const at = issue.path.map(String).join(".");
  return `${at === "" ? "" : `\`${at}\` `}${wording(issue)}`;
}

function wording(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      // zod hands the value over in its message alone.
      return issue.message.endsWith("received undefined")
        ? "is missing"
        : `must be of type ${issue.expected}`;
    case "invalid_value":
      return `can be ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `must be at least ${issue.minimum}${issue.origin === "number" ? "" : " long"}`;
    case "too_big":
      return `must be at most ${issue.maximum}${issue.origin === "number" ? "" : " long"}`;
    case "unrecognized_keys":
      return `has ${list(issue.keys.map((key) => `\`${key}\``))}, which it cannot have`;
    default:
      // A message of the schema's own says what is wrong; zod's say "Invalid …".
      return issue.message.startsWith("Invalid ") ? "has another form" : issue.message;
  }
}
