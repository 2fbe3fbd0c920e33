import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repository } from "./boot/install.mjs";
import { messageOf, note, Stop } from "./boot/say.mjs";
import { isAtLeast } from "./boot/versions.mjs";
import { flagValue, policyConfigOf } from "./stacks.js";

/*
 * What the commands know of the policy pack: its report, and the policy config it judges by, both read with the pack's own
 * compiled code.
 */

export interface Violation {
  readonly rule: string;
  readonly level: string;
  readonly message: string;
  readonly allowed: { readonly min: number; readonly max: number | null } | null;
}

/** The part of a report that the commands read; its whole shape is the pack's business. */
export interface Report {
  readonly stack: string;
  readonly verdict: "accepted" | "rejected";
  readonly violations: readonly Violation[];
  readonly budgets: readonly {
    readonly clients: readonly {
      readonly poolMax: number | null;
      readonly floor: number | null;
      readonly ceiling: number | null;
    }[];
  }[];
}

/** The report that the pack has left, or undefined where it left none. */
export function readReport(file: string): Report | undefined {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    return report.verdict === "accepted" || report.verdict === "rejected" ? report : undefined;
  } catch {
    return undefined;
  }
}

/** The verdict in one line. */
export function verdictLine({ stack, verdict, violations }: Report): string {
  const mandatory = violations.filter(({ level }) => level === "mandatory").length;
  if (verdict === "accepted") return `✔ ${stack}: accepted`;
  return `✖ ${stack}: rejected, ${mandatory} ${mandatory === 1 ? "violation" : "violations"}`;
}

/** The first engine with policy configs of version 2 (pkg/v3 3.274.0, resource/analyzer/config.go; 3.260.0 refuses them). */
const ENGINE_OF_VERSION_2 = "3.274.0";

/**
 * The policy config that a stack is judged by, or undefined where there is none.
 * @param flags Pulumi's flags; the first `--policy-pack-config` among them is for our pack
 */
function fileFor(stack: string, flags: readonly string[]): string | undefined {
  const given = flagValue(flags, "--policy-pack-config");
  const file = given ?? policyConfigOf(repository, stack);
  return given === undefined && !existsSync(file) ? undefined : file;
}

/**
 * Has the pack itself read the policy configuration that a stack is about to be judged by, so that a mistake is told as
 * `check` tells it, before the engine starts. Pulumi lets a policy that does not exist pass in silence, and applies an
 * exception of its own to a rule in `neverExcepted`.
 * @param flags Pulumi's flags
 * @param pack the compiled pack
 * @returns the oldest engine that reads the file; undefined where every one does
 * @throws {Stop} in one line, naming everything that is wrong in the file
 */
export async function checkPolicyConfig(
  stack: string,
  flags: readonly string[] = [],
  pack = join(repository, "policies"),
): Promise<string | undefined> {
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
 * @param oldest what `checkPolicyConfig` returned
 * @param version the engine's
 * @throws {Stop} where the engine cannot read the policy config
 */
export function requireEngineFor(oldest: string | undefined, version: string): void {
  if (oldest === undefined || isAtLeast(version, oldest)) return;
  throw new Stop(
    `The policy config is of version 2, which Pulumi reads from ${oldest} on; this engine is ${version}. ` +
      `Install a newer Pulumi, or write the file without "version" and "exceptions".`,
  );
}

/**
 * Applies Pulumi's own exceptions to the report that the pack has left, as the engine has applied them to the pack's
 * findings: the pack sees none, and its report alone would reject what the engine has accepted.
 * @param pack the compiled pack
 */
export async function applyPulumiExceptions(
  reportFile: string,
  { stack, project, flags }: { stack: string; project: string; flags: readonly string[] },
  pack = join(repository, "policies"),
): Promise<void> {
  const file = fileFor(stack, flags);
  const report = readReport(reportFile);
  if (report === undefined || file === undefined || !isVersion2(file)) return;
  const policies = await read(file, pack);
  const { withPulumiExceptions } = compiled(pack, "reports", "pulumiExceptions.js");
  const applied: Report = withPulumiExceptions(report, policies, { stack: stack.split("/").at(-1), project });
  writeFileSync(reportFile, `${JSON.stringify(applied, null, 2)}\n`);
  const said = new Set(report.violations.map(({ message }) => message));
  for (const { level, rule, message } of applied.violations) {
    if (!said.has(message)) note(`${level === "mandatory" ? "✖" : "!"} ${rule}: ${message}`);
  }
}

/** The part of a policy config that is read here. */
interface PolicyConfig {
  readonly settings: { readonly neverExcepted: readonly string[] };
  readonly notes: readonly string[];
  readonly pulumiExceptions: readonly {
    readonly id: string;
    readonly match: readonly { readonly policies: readonly string[] }[];
  }[];
}

async function read(file: string, pack: string): Promise<PolicyConfig> {
  try {
    return await compiled(pack, "command", "policyConfig.js").readPolicyConfig(file);
  } catch (error) {
    throw new Stop(`error: ${messageOf(error)}`);
  }
}

const compiled = (pack: string, ...file: string[]) =>
  createRequire(import.meta.url)(join(pack, "dist", ...file));

/** Asked without the pack, which is not compiled wherever an engine is started. */
function isVersion2(file: string): boolean {
  try {
    return typeof JSON.parse(readFileSync(file, "utf8")).version === "number";
  } catch {
    return false;
  }
}
