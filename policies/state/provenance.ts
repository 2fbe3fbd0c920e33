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

/** How plan files and JSON reports begin: what runs of poolproof leave in a project is not its program. */
const OUTPUT = /^\{\s*"(?:poolproofPlan|schemaVersion": 1,\s*"stack)"/;

/**
 * @param root - The project's folder. Its files that may be part of the program are taken, installed packages by their lock file.
 * @param beside - The file that will hold this, which is left out.
 */
export function provenanceOf(
  root: string,
  config: { readonly [key: string]: string },
  beside: string,
): Provenance {
  return {
    root: path.relative(path.dirname(beside), root) || ".",
    files: filesIn(root, path.resolve(beside)),
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

function filesIn(root: string, beside: string): Hashes {
  const found: [string, string][] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!NO_FOLDERS.has(entry.name) && !entry.name.startsWith(".")) walk(file);
      } else if (SOURCES.test(entry.name) && !STACK_FILE.test(entry.name) && path.resolve(file) !== beside) {
        const content = readFileSync(file);
        if (OUTPUT.test(content.subarray(0, 100).toString())) continue;
        found.push([nameIn(root, file), hashOf(content)]);
      }
    }
  };
  walk(root);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const nameIn = (root: string, file: string): string => path.relative(root, file).split(path.sep).join("/");

const hashOf = (content: string | Buffer): string =>
  createHash("sha256").update(content).digest("hex").slice(0, 32);

export function isProvenance(value: unknown): value is Provenance {
  if (!isRecord(value) || typeof value.root !== "string") return false;
  return [value.files, value.config].every(
    (each) => isRecord(each) && Object.values(each).every((hash) => typeof hash === "string"),
  );
}

/**
 * The first thing that is not as it was, in words; undefined where all is.
 * @param without - A file in `root` that is not compared.
 */
export function changeSince(
  then: Provenance,
  now: Provenance,
  root: string,
  without?: string,
): string | undefined {
  const ignored = without === undefined ? undefined : nameIn(root, path.resolve(root, without));
  for (const [what, before, after] of [
    ["file", then.files, now.files],
    ["config value", then.config, now.config],
  ] as const) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    const changed = names.filter((name) => before[name] !== after[name] && name !== ignored);
    const [first] = changed;
    if (first === undefined) continue;
    const others = changed.length === 1 ? "" : ` and ${changed.length - 1} more`;
    return `the ${what} ${first}${others} changed since`;
  }
  return undefined;
}
