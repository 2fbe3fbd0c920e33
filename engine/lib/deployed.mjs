// @ts-check
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastLines, run } from "./child.mjs";
import { note } from "./say.mjs";

/*
 * The stack as it is deployed, for the rules that judge a change of it: the engine shows a policy pack what is planned
 * alone. The pack finds it by POOLPROOF_BASE. Secrets stay encrypted in it.
 */

/**
 * Takes it from the embedded state. Pulumi's file backend keeps a checkpoint for each stack, which holds what
 * `pulumi stack export` would write under another name (sdk/go/common/apitype, `VersionedCheckpoint`).
 * @param {{ stateDir: string; project: string; stack: string }} place
 * @param {string} file where to write it
 * @returns {string | undefined} the file; undefined for a stack that nothing is deployed of
 */
export function embeddedBase({ stateDir, project, stack }, file) {
  const source = join(stateDir, "backend", ".pulumi", "stacks", project, `${stack}.json`);
  if (!existsSync(source)) return undefined;
  const { version, checkpoint } = JSON.parse(readFileSync(source, "utf8"));
  const deployment = checkpoint?.latest;
  if (!deployment?.resources?.length) return undefined;
  writeFileSync(file, JSON.stringify({ version, deployment }));
  return file;
}

/**
 * Has Pulumi export it from the user's own backend.
 * @param {{ pulumi: string; stack: string; cwd: string; env: NodeJS.ProcessEnv }} options
 * @param {string} file where to write it
 * @returns {Promise<string | undefined>} the file; undefined where the stack cannot be exported, which is said
 */
export async function exportedBase({ pulumi, stack, cwd, env }, file) {
  const args = ["stack", "export", "--stack", stack, "--file", file, "--non-interactive"];
  const ended = await run(pulumi, args, { cwd, env });
  if (ended.code === 0) return existsSync(file) ? file : undefined;
  const why = lastLines(ended.stderr, 1).replace(/^error: /, "");
  note(`note: ${stack} cannot be exported, so pending-reboot-order has nothing to compare with: ${why}`);
  return undefined;
}
