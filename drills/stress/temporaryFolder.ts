import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { LabError, messageOf } from "./labError";

/** Start of the names of the lab's folders; the guard removes nothing else. */
export const FOLDER_PREFIX = "poolproof-stress-";

/**
 * The lab's folder, which the account of the database may enter.
 * @throws LabError when the system's folder for temporary files cannot be written, or is closed to that account.
 */
export function makeTemporaryFolder(
  parent: string = tmpdir(),
  uid: number | undefined = process.getuid?.(),
): string {
  const closed = uid === 0 ? closedToOthers(parent) : undefined;
  if (closed !== undefined) {
    throw new LabError(
      `${closed} is open to root alone, and PostgreSQL runs as another user: name a folder that all may enter in TMPDIR, or run the lab as a user of your own`,
    );
  }
  try {
    const folder = mkdtempSync(join(parent, FOLDER_PREFIX));
    chmodSync(folder, 0o755);
    return folder;
  } catch (error) {
    throw new LabError(
      `no folder for the database can be made in ${parent}: ${messageOf(error)}; name a writable one in TMPDIR`,
    );
  }
}

/** The first folder on the way that others may not pass through. */
function closedToOthers(path: string): string | undefined {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
