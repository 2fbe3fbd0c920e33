import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { InputError, messageOf } from "../command/inputError";

/**
 * Reads a YAML or JSON file (JSON is YAML). Whole numbers keep all their digits.
 * @throws InputError naming the file, and the line of the first mistake.
 */
export function parseYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${messageOf(error)}`);
  }
  const document = parseDocument(text, { intAsBigInt: true, logLevel: "silent" });
  const [problem] = document.errors;
  if (problem) {
    const line = problem.linePos?.[0].line;
    const what = problem.message.split("\n")[0]?.replace(/ at line \d+.*$/, "") ?? "it is malformed";
    throw new InputError(`${file}${line === undefined ? "" : `, line ${line}`}: ${what}`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError(`${file}: ${messageOf(error)}`);
  }
}
