import { readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { parse } from "yaml";
import { ReplayInputError, reasonOf } from "./inputError";

/** Where the shipped scenarios are. */
export const SCENARIOS = join(__dirname, "scenarios");

/** Names of the shipped scenarios, in the order in which they are read. */
export function shippedScenarios(): readonly string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => extname(file) === ".yaml")
    .map((file) => basename(file, ".yaml"))
    .sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

/** The outage first, quiet days next, what other alarm sets do wrong last. */
function rank(name: string): number {
  if (name.startsWith("outage")) return 0;
  if (name.startsWith("quiet")) return 1;
  return name.startsWith("defect-") ? 3 : 2;
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
