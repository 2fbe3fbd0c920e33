// @ts-check
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { flagValue } from "./arguments.mjs";
import { repository } from "./paths.mjs";
import { messageOf, note, Stop } from "./say.mjs";
import { policyConfigOf } from "./stackFiles.mjs";

/**
 * Has the pack itself read the policy configuration that a stack is about to be judged by, so that a mistake is told as
 * `check` tells it, before the engine starts. Pulumi lets a policy that does not exist pass in silence.
 * @param {string} stack
 * @param {readonly string[]} [flags] Pulumi's flags; the first `--policy-pack-config` among them is for our pack
 * @param {string} [pack] the compiled pack
 * @throws {Stop} in one line, naming everything that is wrong in the file
 */
export async function checkPolicyConfig(stack, flags = [], pack = join(repository, "policies")) {
  const given = flagValue(flags, "--policy-pack-config");
  const file = given ?? policyConfigOf(repository, stack);
  if (given === undefined && !existsSync(file)) return;
  const { readPolicyConfig } = createRequire(import.meta.url)(
    join(pack, "dist", "command", "policyConfig.js"),
  );
  try {
    const { notes } = await readPolicyConfig(file);
    for (const each of notes) note(`note: ${each}`);
  } catch (error) {
    throw new Stop(`error: ${messageOf(error)}`);
  }
}
