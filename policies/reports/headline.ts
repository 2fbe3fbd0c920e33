import { list, printable } from "../kit/text";
import type { Report, ReportedViolation } from "./report";

/** The verdict, and what it rests on: the first line of every format that people read. */
export function headline(report: Report): { readonly verdict: string; readonly counts: string } {
  const causes = byCause(report.violations);
  const mandatory = causes.filter(({ finding }) => finding.level === "mandatory").length;
  const advisory = causes.length - mandatory;
  const found = report.violations.length;
  const excepted = report.exceptions.reduce((sum, { findings }) => sum + findings.length, 0);
  const { databases, clients } = report.coverage;
  if (report.verdict === "accepted" && databases.length + clients.length === 0) {
    return {
      verdict: `✔ ${printable(report.stack)}: nothing to judge`,
      counts: [
        `no database and no client of one in ${counted(report.coverage.resources, "resource")}`,
        ...(advisory === 0 ? [] : [counted(advisory, "warning")]),
        ...(excepted === 0 ? [] : [`${excepted} excepted`]),
      ].join(", "),
    };
  }
  const seen =
    report.verdict === "rejected"
      ? counted(mandatory, "violation")
      : `${counted(clients.length, "client")} of ${counted(databases.length, "database")} examined`;
  const mark = report.verdict === "rejected" ? "✖" : "✔";
  return {
    verdict: `${mark} ${printable(report.stack)}: ${report.verdict}`,
    counts: [
      seen,
      ...(advisory === 0 ? [] : [counted(advisory, "warning")]),
      ...(found > causes.length ? [`${found} findings together`] : []),
      ...(excepted === 0 ? [] : [`${excepted} excepted`]),
    ].join(", "),
  };
}

/** Findings of one cause, and the resources that have it. */
interface Cause {
  /** The finding on the first resource; its message names the others. */
  readonly finding: ReportedViolation;
  readonly findings: readonly ReportedViolation[];
}

/** Findings that say the same of several resources, joined: 14 services without a lock timeout are one thing to fix. */
export function byCause(violations: readonly ReportedViolation[]): readonly Cause[] {
  const groups = new Map<string, ReportedViolation[]>();
  const seen = new Map<string, number>();
  for (const violation of violations) {
    // Two containers of one service stay two findings.
    const cause = causeOf(violation);
    const own = `${violation.resource} ${cause}`;
    const nth = seen.get(own) ?? 0;
    seen.set(own, nth + 1);
    const key = `${nth} ${cause}`;
    const group = groups.get(key);
    if (group) group.push(violation);
    else groups.set(key, [violation]);
  }
  return [...groups.values()].flatMap((findings) => {
    const [finding, ...others] = findings;
    if (finding === undefined) return [];
    const names = [...new Set(others.map(({ resource }) => printable(nameOf(resource))))];
    if (names.length === 0) return [{ finding, findings }];
    const message = `${finding.message} The same applies to ${list(names)}.`;
    return [{ finding: { ...finding, message }, findings }];
  });
}

/** A finding's rule and words without the names of its resource, container and task definition: equal where the cause is. */
function causeOf({ rule, level, resource, message }: ReportedViolation): string {
  const anonymous = message
    .replaceAll(printable(nameOf(resource)), "…")
    .replace(/(container|task definition) `[^`]*`/g, "$1 …");
  return JSON.stringify([rule, level, anonymous]);
}

/** What could not be decided: one line for each property and reason, with the rules that it concerns. */
export function groupUndecided({ undecided }: Pick<Report, "undecided">): string[] {
  const groups = new Map<string, Set<string>>();
  for (const { rule, resource, property, reason } of undecided) {
    const named = `\`${property}\``;
    const what = printable(`${nameOf(resource)}: ${reason.startsWith(named) ? "" : `${named}: `}${reason}`);
    groups.set(what, (groups.get(what) ?? new Set()).add(rule));
  }
  return [...groups].map(([what, rules]) => `${what} (${[...rules].join(", ")})`);
}

/** `1 client`, `no client`, `3 clients`. */
export function counted(n: number, noun: string): string {
  return n === 0 ? `no ${noun}` : `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Logical name of a resource: the last part of its URN. */
export const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;
