// @ts-check
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { flagValue } from "./arguments.mjs";
import { repository } from "./paths.mjs";
import { messageOf, note, Stop } from "./say.mjs";
import { policyConfigOf } from "./stackFiles.mjs";
import { readReport } from "./verdict.mjs";
import { isAtLeast } from "./version.mjs";

/** The first engine with policy configs of version 2 (pkg/v3 3.274.0, resource/analyzer/config.go; 3.260.0 refuses them). */
const ENGINE_OF_VERSION_2 = "3.274.0";

/**
 * The policy config that a stack is judged by, or undefined where there is none.
 * @param {string} stack
 * @param {readonly string[]} flags Pulumi's flags; the first `--policy-pack-config` among them is for our pack
 */
function fileFor(stack, flags) {
  const given = flagValue(flags, "--policy-pack-config");
  const file = given ?? policyConfigOf(repository, stack);
  return given === undefined && !existsSync(file) ? undefined : file;
}

/**
 * Has the pack itself read the policy configuration that a stack is about to be judged by, so that a mistake is told as
 * `check` tells it, before the engine starts. Pulumi lets a policy that does not exist pass in silence, and applies an
 * exception of its own to a rule in `neverExcepted`.
 * @param {string} stack
 * @param {readonly string[]} [flags] Pulumi's flags
 * @param {string} [pack] the compiled pack
 * @returns {Promise<string | undefined>} the oldest engine that reads the file; undefined where every one does
 * @throws {Stop} in one line, naming everything that is wrong in the file
 */
export async function checkPolicyConfig(stack, flags = [], pack = join(repository, "policies")) {
  const file = fileFor(stack, flags);
  if (file === undefined) return undefined;
  const { settings, pulumiExceptions, notes } = await read(file, pack);
  for (const each of notes) note(`note: ${each}`);
  const never = settings.neverExcepted;
  for (const { id, match } of pulumiExceptions) {
    const rule = never.find((each) => match.some(({ policies }) => policies.includes(each)));
    if (rule === undefined) continue;
    throw new Stop(
      `error: ${file}: Pulumi's exception "${id}" names ${rule}, which neverExcepted protects: Pulumi would apply it and deploy. Remove the rule from the exception.`,
      1,
    );
  }
  return isVersion2(file) ? ENGINE_OF_VERSION_2 : undefined;
}

/**
 * @param {string | undefined} oldest what `checkPolicyConfig` returned
 * @param {string} version the engine's
 * @throws {Stop} where the engine cannot read the policy config
 */
export function requireEngineFor(oldest, version) {
  if (oldest === undefined || isAtLeast(version, oldest)) return;
  throw new Stop(
    `The policy config is of version 2, which Pulumi reads from ${oldest} on; this engine is ${version}. ` +
      `Install a newer Pulumi, or write the file without "version" and "exceptions".`,
  );
}

/**
 * Applies Pulumi's own exceptions to the report that the pack has left, as the engine has applied them to the pack's
 * findings: the pack sees none, and its report alone would reject what the engine has accepted.
 * @param {string} reportFile
 * @param {{ stack: string; project: string; flags: readonly string[] }} run
 * @param {string} [pack] the compiled pack
 */
export async function applyPulumiExceptions(
  reportFile,
  { stack, project, flags },
  pack = join(repository, "policies"),
) {
  const file = fileFor(stack, flags);
  const report = readReport(reportFile);
  if (report === undefined || file === undefined || !isVersion2(file)) return;
  const policies = await read(file, pack);
  const { withPulumiExceptions } = compiled(pack, "reports", "pulumiExceptions.js");
  /** @type {import("./verdict.mjs").Report} */
  const applied = withPulumiExceptions(report, policies, { stack: stack.split("/").at(-1), project });
  writeFileSync(reportFile, `${JSON.stringify(applied, null, 2)}\n`);
  const said = new Set(report.violations.map(({ message }) => message));
  for (const { level, rule, message } of applied.violations) {
    if (!said.has(message)) note(`${level === "mandatory" ? "✖" : "!"} ${rule}: ${message}`);
  }
}

/**
 * The part of a policy config that is read here.
 * @typedef {{ settings: { neverExcepted: readonly string[] }; notes: readonly string[];
 *   pulumiExceptions: readonly { id: string; match: readonly { policies: readonly string[] }[] }[] }} PolicyConfig
 *
 * @param {string} file
 * @param {string} pack
 * @returns {Promise<PolicyConfig>}
 */
async function read(file, pack) {
  try {
    return await compiled(pack, "command", "policyConfig.js").readPolicyConfig(file);
  } catch (error) {
    throw new Stop(`error: ${messageOf(error)}`);
  }
}

/**
 * @param {string} pack
 * @param {...string} file
 */
const compiled = (pack, ...file) => createRequire(import.meta.url)(join(pack, "dist", ...file));

/**
 * Asked without the pack, which is not compiled wherever an engine is started.
 * @param {string} file
 */
function isVersion2(file) {
  try {
    return typeof JSON.parse(readFileSync(file, "utf8")).version === "number";
  } catch {
    return false;
  }
}
