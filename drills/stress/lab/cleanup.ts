import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { codeOf, InputError, messageOf } from "../../../policies/kit/errors";

/** What has to be undone at the end, however the end comes: last begun, first undone. */
export class Cleanup {
  private readonly steps: { readonly what: string; readonly undo: () => void | Promise<void> }[] = [];
  private running: Promise<readonly string[]> | undefined;

  /** Returns a function that undoes this one step now and forgets it. */
  add(what: string, undo: () => void | Promise<void>): () => Promise<void> {
    const step = { what, undo };
    this.steps.push(step);
    return async () => {
      const at = this.steps.indexOf(step);
      if (at < 0) return;
      this.steps.splice(at, 1);
      await undo();
    };
  }

  /** Undoes everything once, however often it is asked, and goes on past failures. Returns what could not be undone. */
  all(): Promise<readonly string[]> {
    this.running ??= this.undoAll();
    return this.running;
  }

  private async undoAll(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        failures.push(`${step.what}: ${messageOf(error)}`);
      }
    }
    return failures;
  }
}

/** Start of the names of the lab's folders, before its process id; the watchdog removes nothing else. */
const FOLDER_PREFIX = "poolproof-stress-";

/**
 * What a shell does once the lab is gone without having said `done`: the lab was killed in a way it cannot notice
 * (SIGKILL, out of memory). Lines that reach it are `pid N` of something to end, and `folder PATH` to remove.
 */
const WATCHDOG = `
pids=""; folder=""
while read -r word rest; do
  case "$word" in
    done) exit 0 ;;
    pid) pids="$pids $rest" ;;
    folder) folder="$rest" ;;
  esac
done
for pid in $pids; do kill -INT "$pid" 2>/dev/null; done
tries=0
for pid in $pids; do
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null
done
case "$folder" in */${FOLDER_PREFIX}*) rm -rf "$folder" ;; esac
`;

/** Told what the lab has started; acts only when the lab dies without a word. */
export class Watchdog {
  private readonly ears: Writable;

  constructor() {
    const shell = spawn("/bin/sh", ["-c", WATCHDOG], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    shell.on("error", () => {}); // no shell, no watchdog: everything else is cleaned up as before
    shell.stdin.on("error", () => {});
    shell.unref();
    this.ears = shell.stdin;
  }

  watchProcess(pid: number): void {
    this.ears.write(`pid ${pid}\n`);
  }

  watchFolder(folder: string): void {
    this.ears.write(`folder ${folder}\n`);
  }

  /** Everything has been undone: the shell leaves. */
  dismiss(): void {
    this.ears.end("done\n");
  }
}

/**
 * The lab's folder, which the account of the database may enter.
 * @throws InputError when the system's folder for temporary files cannot be written, or is closed to that account.
 */
export function makeTemporaryFolder(
  parent: string = tmpdir(),
  uid: number | undefined = process.getuid?.(),
): string {
  const closed = uid === 0 ? closedToOthers(parent) : undefined;
  if (closed !== undefined) {
    throw new InputError(
      `${closed} is open to root alone, and PostgreSQL runs as another user: name a folder that all may enter in TMPDIR, or run the lab as a user of your own`,
    );
  }
  try {
    const folder = mkdtempSync(join(parent, `${FOLDER_PREFIX}${process.pid}-`));
    chmodSync(folder, 0o755);
    return folder;
  } catch (error) {
    throw new InputError(
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

/** A line on the labs that run on this machine at the same time; empty where there are none. */
export function otherLabsNote(parent: string = tmpdir()): readonly string[] {
  const pids = readdirSync(parent)
    .flatMap((name) =>
      name.startsWith(FOLDER_PREFIX) ? Number.parseInt(name.slice(FOLDER_PREFIX.length), 10) : [],
    )
    .filter((pid) => pid > 0 && pid !== process.pid && isAlive(pid));
  if (pids.length === 0) return [];
  return [
    `another stress lab is running on this machine (process ${[...new Set(pids)].join(", ")}): the two slow each other down, and runs may be void`,
  ];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, and is there all the same.
    return codeOf(error) === "EPERM";
  }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
