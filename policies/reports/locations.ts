import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

/** The repository that a release was packed from, by its address; a package that was built from a checkout names none. */
export const repository = releasedFrom(__dirname);

/** Where a rule is explained on the web; undefined where no release says where that is. Every package has the page as a file. */
export const pageOf = (rule: string): string | undefined =>
  repository && `${repository.url}/blob/v${repository.version}/docs/runbooks/${rule}.md`;

/** From the `package.json` of the package that a folder is part of. */
function releasedFrom(folder: string): { readonly url: string; readonly version: string } | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return folder === dirname(folder) ? undefined : releasedFrom(dirname(folder));
  const { repository: from, version } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly repository?: { readonly url: string };
    readonly version: string;
  };
  return from && { url: from.url.replace(/^git\+|\.git$/g, ""), version };
}
