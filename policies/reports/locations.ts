import type { ReportedViolation } from "./report";

/** A place in the project's files: what a code host shows a finding on. */
export interface SourceLocation {
  /** From the project's root, with forward slashes. */
  readonly file: string;
  /** Counts from 1. */
  readonly line?: number | undefined;
}

/** Where findings are in the project's files, as far as a command knows. */
export interface Locations {
  at(finding: ReportedViolation): SourceLocation | undefined;
}

/**
 * The Pulumi config key whose change mends a finding, where the policy configuration names one (`configKeys`). Tags of
 * resources (`poolproof:…`) are written alike and are none.
 */
export function configKeyOf({ fix }: Pick<ReportedViolation, "fix">): string | undefined {
  const spans = [...fix.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  return spans.find((span) => /^[\w-]+:[^\s`]+$/.test(span) && !span.startsWith("poolproof:"));
}
