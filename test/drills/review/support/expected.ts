import { spawn, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import type { Expected } from "../../../../drills/review/expected";

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

/** Runs the command without the credentials, the colours and the AWS of whoever runs the tests. */
export async function runReview(
  args: readonly string[],
  env: { readonly [name: string]: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const surroundings = { PATH: process.env.PATH, HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" };
  const child = spawn(process.execPath, ["--import", "tsx", "drills/review/cli.ts", ...args], {
    cwd: ROOT,
    env: { ...surroundings, NO_COLOR: "1", ...env },
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...said };
}
