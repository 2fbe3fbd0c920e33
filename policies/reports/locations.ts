import type { ReportedViolation } from "./report";

/** A place in the project's files: what a code host shows a finding on. */
export interface SourceLocation {
  /** From the project's root, with forward slashes. */
  readonly file: string;
  /** Counts from 1. */
  readonly line?: number | undefined;
  /** What that line has to be, where the fix is a new value for one key: `auth:poolMax: "11"`. */
  readonly edit?: string | undefined;
}

/** Where findings are in the project's files, as far as a command knows. */
export interface Locations {
  at(finding: ReportedViolation): SourceLocation | undefined;
}

/** The line of a stack file that a fix asks for by `pulumi config set`, in the form in which Pulumi writes it. */
export function editOf({ fix }: Pick<ReportedViolation, "fix">): string | undefined {
  const [, key, value] = /`pulumi config set (\S+) (\S+?)(?: --stack \S+)?`/.exec(fix) ?? [];
  return key === undefined ? undefined : `${key}: "${value}"`;
}

/**
 * The Pulumi config key whose change fixes a finding, where the policy configuration names one (`configKeys`). Tags of
 * resources (`poolproof:…`) are written alike and are not config keys.
 */
export function configKeyOf({ fix }: Pick<ReportedViolation, "fix">): string | undefined {
  const spans = [...fix.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  return spans.find((span) => /^[\w-]+:[^\s`]+$/.test(span) && !span.startsWith("poolproof:"));
}
