import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** Folder of the repository. */
export const REPOSITORY = join(__dirname, "..", "..", "..");

/** Starts a TypeScript file of the repository, in a process group of its own: a Ctrl-C is the lab's to handle. */
export function startEntry(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ["--import", "tsx", join(REPOSITORY, file), ...args], {
    cwd: REPOSITORY,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** How a process ended, and its last words. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Entries that have not ended. */
const running = new Set<ChildProcess>();

/** Runs a TypeScript file of the repository to its end. Never rejects. */
export function runEntry(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = startEntry(file, args, env);
  running.add(child);
  child.once("close", () => running.delete(child));
  return ended(child);
}

/** Ends whatever `runEntry` has under way. */
export function endEntries(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Collects what a process says until it has ended. Never rejects. */
export function ended(child: ChildProcess): Promise<Ended> {
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, stdout: said.stdout, stderr: error.message }));
    child.once("close", (code) => resolve({ code, ...said }));
  });
}

/** The last line of a text that says something. */
export const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1)?.trim() ?? "";
