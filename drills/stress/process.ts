import { type ChildProcess, spawn } from "node:child_process";

/** How a process ended, and its last words. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a TypeScript entry of the repository to its end, in a process group of its own. Never rejects. */
export function runEntry(
  entry: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", entry, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return ended(child);
}

/** Entries that have not ended. */
const running = new Set<ChildProcess>();

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
export function lastLine(text: string): string {
  return (
    text
      .split("\n")
      .findLast((line) => line.trim() !== "")
      ?.trim() ?? ""
  );
}
