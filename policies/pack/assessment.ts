import type { StackValidationArgs } from "@pulumi/policy";
import { loadSettings } from "../config/loadSettings";
import { POLICIES, settingsPolicy } from "../config/policyIds";
import { stackAndProject } from "../plan/planIndex";
import { assess } from "../reports/assess";
import { toJson } from "../reports/json";
import type { Report, ReportedViolation } from "../reports/report";
import { writeReport } from "../reports/writeReport";
import { DEFAULT_SETTINGS } from "../rules/settings";
import { levelsInForce } from "./enforcementLevels";
import { planFromResources } from "./planFromResources";

let current: { readonly report: Report; lastToAsk: number } | undefined;

/**
 * The report of the stack that is being analysed. The SDK asks the policies in the pack's order, each with the same
 * stack: the first to ask pays for the assessment, and the others take their share of it. One that asks out of order
 * begins the next request.
 */
export async function reportFor(policy: string, args: StackValidationArgs): Promise<Report> {
  const position = POLICIES.findIndex(({ id }) => id === policy);
  if (!current || position <= current.lastToAsk) {
    const properties = policy === settingsPolicy.id ? args.getConfig<Record<string, unknown>>() : {};
    current = { report: await judge(args, properties), lastToAsk: position };
  }
  current.lastToAsk = position;
  return current.report;
}

async function judge(args: StackValidationArgs, properties: object): Promise<Report> {
  const plan = planFromResources(args.resources);
  const levels = await levelsInForce();
  const parsed = await loadSettings(properties);
  const report = assess(plan, parsed.ok ? parsed.settings : DEFAULT_SETTINGS, levels);
  const { stack, project } = stackAndProject(plan);
  const root = `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`;
  const level = levels[settingsPolicy.id] ?? "mandatory";
  const complete = parsed.ok ? report : refused(report, parsed.problems, level, root);
  const file = process.env.POOLPROOF_REPORT;
  if (file) save(file, complete);
  return complete;
}

/** Settings that are not valid are a finding of their own; the rules went on with the defaults. */
function refused(
  report: Report,
  problems: readonly string[],
  level: ReportedViolation["level"],
  root: string,
): Report {
  const fix = `Correct \`${settingsPolicy.id}\` in the policy configuration`;
  const violation: ReportedViolation = {
    rule: settingsPolicy.id,
    level,
    resource: root,
    message: `The policy configuration is not valid: ${problems.join("; ")}. The rules used their defaults instead. ${fix} (${settingsPolicy.docs}).`,
    observed: null,
    allowed: null,
    unit: null,
    fix,
    docs: settingsPolicy.docs,
  };
  return {
    ...report,
    verdict: level === "mandatory" ? "rejected" : report.verdict,
    violations: [violation, ...report.violations],
  };
}

/** A report that cannot be written must not stop the gate: the engine still gets its verdict. */
function save(file: string, report: Report): void {
  try {
    writeReport(file, toJson(report));
  } catch (error) {
    process.stderr.write(
      `poolproof: POOLPROOF_REPORT: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}
