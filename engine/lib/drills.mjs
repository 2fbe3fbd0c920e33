// @ts-check
import { accessSync, constants, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asksForHelp, hasFlag, takeStack } from "./arguments.mjs";
import { run } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";
import { repository } from "./paths.mjs";
import { Stop } from "./say.mjs";
import { policyConfigOf, stackFile } from "./stackFiles.mjs";

/**
 * A drill of `drills/`, with its own arguments: its report goes to stdout, its exit code is ours.
 * @param {"replay" | "stress" | "review"} name
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function drill(name, args) {
  needTemporaryFolder();
  await ensureInstalled(repository);
  const entry = join(repository, "drills", name, "cli.ts");
  const ended = await run(process.execPath, ["--import", "tsx", entry, ...args], {
    cwd: repository,
    env: process.env,
    foreground: true,
  });
  return ended.code;
}

/**
 * The review of a deployed stack, which reads the policy configuration that the stack is judged by.
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export function review(args) {
  if (asksForHelp(args)) return drill("review", args);
  const flags = [...args];
  const stack = takeStack("review", flags);
  stackFile(repository, stack);
  const config = hasFlag(flags, "--policy-config")
    ? []
    : ["--policy-config", policyConfigOf(repository, stack)];
  return drill("review", [stack, ...config, ...flags]);
}

/**
 * What compiles the drills keeps its files in the system's temporary folder and fails with a stack trace where it cannot.
 * @throws {Stop} naming the folder
 */
function needTemporaryFolder() {
  const folder = tmpdir();
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (statSync(folder).isDirectory()) return;
  } catch {
    // It is told below.
  }
  throw new Stop(`The folder for temporary files ${folder} cannot be written to: name another in TMPDIR.`);
}
