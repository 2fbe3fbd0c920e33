import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { isRecord } from "../kit/errors";

/** What a plan was made from: a hash for each of the program's files and each config value that is not secret. */
export interface Provenance {
  /** The project's folder, from that of the file which says so. */
  readonly root: string;
  readonly files: Hashes;
  readonly config: Hashes;
}

type Hashes = { readonly [name: string]: string };

const SOURCES = /\.(?:[cm]?[jt]sx?|json|ya?ml)$/;
/** Its values are hashed one by one. */
const STACK_FILE = /^Pulumi\..+\.ya?ml$/;
/** A program reads none of them, and they change with every run. */
const NO_FOLDERS = new Set(["node_modules", "dist", "coverage"]);

/**
 * @param root - The project's folder. Its files that may be part of the program are taken, installed packages by their lock file.
 * @param own - Files of poolproof's own, which are no part of it.
 */
export function provenanceOf(
  root: string,
  config: { readonly [key: string]: string },
  beside: string,
  own: readonly string[] = [],
): Provenance {
  return {
    root: path.relative(path.dirname(beside), root) || ".",
    files: filesIn(root, new Set([...own, beside].map((file) => path.resolve(file)))),
    config: Object.fromEntries(
      Object.entries(config)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [key, hashOf(compact(value))]),
    ),
  };
}

/** Lists and objects are written with and without spaces. */
function compact(value: string): string {
  if (!/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    return value;
  }
}

function filesIn(root: string, without: ReadonlySet<string>): Hashes {
  const found: [string, string][] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!NO_FOLDERS.has(entry.name) && !entry.name.startsWith(".")) walk(file);
      } else if (
        SOURCES.test(entry.name) &&
        !STACK_FILE.test(entry.name) &&
        !without.has(path.resolve(file))
      ) {
        found.push([path.relative(root, file).split(path.sep).join("/"), hashOf(readFileSync(file))]);
      }
    }
  };
  walk(root);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const hashOf = (content: string | Buffer): string =>
  createHash("sha256").update(content).digest("hex").slice(0, 32);

export function isProvenance(value: unknown): value is Provenance {
  if (!isRecord(value) || typeof value.root !== "string") return false;
  return [value.files, value.config].every(
    (each) => isRecord(each) && Object.values(each).every((hash) => typeof hash === "string"),
  );
}

/** The first thing that is not as it was, in words; undefined where all is. */
export function changeSince(then: Provenance, now: Provenance): string | undefined {
  for (const [what, before, after] of [
    ["file", then.files, now.files],
    ["config value", then.config, now.config],
  ] as const) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    const changed = names.filter((name) => before[name] !== after[name]);
    const [first] = changed;
    if (first === undefined) continue;
    const others = changed.length === 1 ? "" : ` and ${changed.length - 1} more`;
    return `the ${what} ${first}${others} changed since`;
  }
  return undefined;
}
