import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { codeOf, LabError, messageOf } from "../labError";
import type { Account } from "./account";
import type { Binaries } from "./binaries";

/**
 * The folder from which the server can really be started by its account. npm's package may lack its symbolic links (npm
 * runs install scripts only where it is allowed to), or lie where that account may not look (below `/root`, say): then a
 * copy in the lab's own folder serves, which goes with it.
 * @param privateFolder - The lab's folder, which the account can read.
 * @throws LabError naming what the operating system objects to.
 */
export function runnableFolder(
  binaries: Binaries,
  account: Account | undefined,
  privateFolder: string,
): string {
  if (binaries.embedded !== undefined) tryToLink(binaries.embedded);
  const objection = objectionTo(binaries.folder, account);
  if (objection === undefined) return binaries.folder;
  if (binaries.embedded !== undefined) {
    const copy = join(privateFolder, "postgresql");
    cpSync(join(binaries.embedded, "native"), join(copy, "native"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    makeLinks(copy);
    const folder = join(copy, "native", "bin");
    const still = objectionTo(folder, account);
    if (still === undefined) return folder;
    throw new LabError(`PostgreSQL in ${binaries.folder} cannot be started, nor a copy of it: ${still}`);
  }
  throw new LabError(
    `PostgreSQL in ${binaries.folder} cannot be started: ${objection}; install PostgreSQL from your system's packages, or name a database of your own with --database-url`,
  );
}

function objectionTo(folder: string, account: Account | undefined): string | undefined {
  const asked = spawnSync(join(folder, "postgres"), ["--version"], {
    ...account,
    cwd: "/",
    encoding: "utf8",
  });
  if (asked.status === 0) return undefined;
  return asked.error ? messageOf(asked.error) : (asked.stderr ?? "").trim().split("\n").at(-1);
}

/** Links in the package itself, where npm left them out; a read-only package gets a copy later. */
function tryToLink(root: string): void {
  try {
    makeLinks(root);
  } catch {
    // Whether it matters shows when the server is asked for its version.
  }
}

/** Makes the links that the package lists: npm packages cannot hold any themselves. */
export function makeLinks(root: string): void {
  for (const { source, target } of listedLinks(root)) {
    const link = join(root, target);
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

function listedLinks(root: string): readonly { readonly source: string; readonly target: string }[] {
  return JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8"));
}
