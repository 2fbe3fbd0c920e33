import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError, messageOf } from "./labError";

/** Start of the names of the lab's folders; the guard removes nothing else. */
export const FOLDER_PREFIX = "poolproof-stress-";

/**
 * The lab's folder, which the account of the database may enter.
 * @throws LabError when the system's folder for temporary files cannot be written.
 */
export function makeTemporaryFolder(parent: string = tmpdir()): string {
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

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
