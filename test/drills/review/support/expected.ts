import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import type { Expected } from "../../../../drills/review/expected/expected";

export const ROOT = resolve(__dirname, "../../../..");

/** What the review expects of a stack of this repository: the program is run for it. */
export function expectedOfStack(stack: string): Expected {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(__dirname, "printExpected.ts"), stack],
    { cwd: ROOT, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the program of ${stack} cannot be read: ${stderr}`);
  return JSON.parse(stdout) as Expected;
}
