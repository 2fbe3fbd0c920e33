import { readFileSync } from "node:fs";
import * as path from "node:path";
import { isRecord } from "./isRecord";

/** Version of this package. */
export function ownVersion(): string {
  const file = path.join(__dirname, "..", "..", "package.json");
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  return isRecord(content) && typeof content.version === "string" ? content.version : "unknown";
}
