import { terms } from "./exceptions";
import { counted, groupUndecided, headline } from "./headline";
import type { Locations } from "./locations";
import { nameOf, printable } from "./names";
import type { Report, ReportedException, ReportedViolation } from "./report";
import { type Paint, painter, wrap } from "./terminal";
import { WINDOW_COLUMNS, type WindowTable, windowTable } from "./windows";

export interface TextOptions {
  /** ANSI colours: for terminals whose user has not set NO_COLOR. */
  readonly color: boolean;
  /** Columns to wrap at. */
  readonly width: number;
  /** Where findings are in the project's files, as far as that is known. */
  readonly locations?: Locations | undefined;
}

/** The report for a person at a terminal: the verdict first, what to do next, the numbers last. */
export function toText(report: Report, { color, width, locations }: TextOptions): string {
  const paint = painter(color);
  const lines = [verdictLine(report, paint), ""];
  for (const violation of report.violations) {
    const place = locations?.at(violation);
    lines.push(...violationLines(violation, width, paint));
    if (place?.line !== undefined) lines.push(paint.dim(printable(`  at ${place.file}:${place.line}`)));
    lines.push("");
  }
  const undecided = groupUndecided({ undecided: unsaid(report) });
  if (undecided.length > 0) {
    lines.push(paint.yellow("? undecided before the deployment"));
    for (const line of undecided) lines.push(...wrap(line, width, "  "));
    lines.push("");
  }
  for (const exception of report.exceptions) lines.push(...exceptionLines(exception, width, paint));
  for (const budget of report.budgets) lines.push(...windowLines(windowTable(budget), paint), "");
  for (const { resource, reason } of report.coverage.unexamined) {
    lines.push(...wrap(printable(`not examined: ${nameOf(resource)}: ${reason}`), width, "  "));
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

/** What is undecided of resources for which no finding says so: the policy `undecided` may be disabled or excepted. */
function unsaid({ undecided, violations }: Report): Report["undecided"] {
  const said = new Set(violations.filter(({ rule }) => rule === "undecided").map(({ resource }) => resource));
  return undecided.filter(({ resource }) => !said.has(resource));
}

function verdictLine(report: Report, paint: Paint): string {
  const { verdict, counts } = headline(report);
  const colour = report.verdict === "accepted" ? paint.green : paint.red;
  return `${colour(paint.bold(verdict))}, ${counts}`;
}

function violationLines({ rule, level, resource, message }: ReportedViolation, width: number, paint: Paint) {
  const mark = level === "mandatory" ? paint.red(`✖ ${rule}`) : paint.yellow(`! ${rule}`);
  return [`${mark}  ${paint.dim(printable(nameOf(resource)))}`, ...wrap(message, width, "  ")];
}

/** Those that do not hold are violations already; these take findings out of the verdict and say so each time. */
function exceptionLines(exception: ReportedException, width: number, paint: Paint): string[] {
  const { status, reason, findings } = exception;
  if (status !== "active") return [];
  const until = printable(`${terms(exception)}: ${reason}`);
  return findings.flatMap(({ rule, resource, message }) => [
    `${paint.yellow(`~ ${rule}`)}  ${paint.dim(printable(nameOf(resource)))}`,
    ...wrap(until, width, "  "),
    ...wrap(message, width, "  "),
    "",
  ]);
}

function windowLines({ title, numbers, rows }: WindowTable, paint: Paint): string[] {
  const widths = WINDOW_COLUMNS.map((name, i) =>
    Math.max(name.length, ...rows.map((cells) => (cells[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")}`;
  const head = numbers === "" ? paint.bold(title) : `${paint.bold(title)}: ${numbers}`;
  return rows.length === 0
    ? [head, `  ${counted(0, "client")}`]
    : [head, paint.dim(line(WINDOW_COLUMNS)), ...rows.map(line)];
}
