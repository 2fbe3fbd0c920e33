import { printable } from "../kit/text";
import type { Report } from "./report";

/** The verdict, and what it rests on: the first line of every format that people read. */
export function headline(report: Report): { readonly verdict: string; readonly counts: string } {
  const mandatory = report.violations.filter(({ level }) => level === "mandatory").length;
  const advisory = report.violations.length - mandatory;
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
      ...(excepted === 0 ? [] : [`${excepted} excepted`]),
    ].join(", "),
  };
}

/** What could not be decided: one line for each property and reason, with the rules that it concerns. */
export function groupUndecided({ undecided }: Pick<Report, "undecided">): string[] {
  const groups = new Map<string, Set<string>>();
  for (const { rule, resource, property, reason } of undecided) {
    const what = printable(`${nameOf(resource)}: \`${property}\`: ${reason}`);
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
