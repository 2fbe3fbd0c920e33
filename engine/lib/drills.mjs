// @ts-check
import { join } from "node:path";
import { run } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";
import { repository } from "./paths.mjs";

/**
 * A drill of `drills/`, with its own arguments: its report goes to stdout, its exit code is ours.
 * @param {"replay" | "stress"} name
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function drill(name, args) {
  await ensureInstalled(repository);
  const entry = join(repository, "drills", name, "cli.ts");
  const ended = await run(process.execPath, ["--import", "tsx", entry, ...args], {
    cwd: repository,
    env: process.env,
    foreground: true,
  });
  return ended.code;
}
