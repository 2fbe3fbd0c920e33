import { settingsPolicy } from "../config/policyIds";
import type { Report, ReportedViolation } from "../reports/report";

/** What the pack was given and cannot use: a finding of its own, while the rules go on without it. */
export interface Refusal {
  readonly text: string;
  readonly fix: string;
}

/** One for each problem: a line of its own in what the engine prints. */
export function refusedSettings(problems: readonly string[]): readonly Refusal[] {
  return problems.map((problem) => ({
    text: `The policy configuration is not valid: ${problem}. The rules used their defaults instead.`,
    fix: `Correct \`${settingsPolicy.id}\` in the policy configuration`,
  }));
}

/** @param problem - Naming the variable and the file. */
export function refusedBase(problem: string): Refusal {
  return {
    text: `${problem}. Whether this change raises the pools before the limit (\`pending-reboot-order\`) was not judged.`,
    fix: "Write the state with `pulumi stack export --file FILE` and give its full path in `POOLPROOF_BASE`, or unset the variable",
  };
}

/** The report with a violation of the settings policy for each refusal. */
export function withRefusals(
  report: Report,
  refusals: readonly Refusal[],
  level: ReportedViolation["level"],
  root: string,
): Report {
  if (refusals.length === 0) return report;
  const violations = refusals.map(
    ({ text, fix }): ReportedViolation => ({
      rule: settingsPolicy.id,
      level,
      resource: root,
      message: `${text} ${fix} (${settingsPolicy.docs}).`,
      observed: null,
      allowed: null,
      unit: null,
      fix,
      docs: settingsPolicy.docs,
    }),
  );
  return {
    ...report,
    verdict: level === "mandatory" ? "rejected" : report.verdict,
    violations: [...violations, ...report.violations],
  };
}
