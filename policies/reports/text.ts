import { styleText } from "node:util";
import { columns, printable } from "../kit/text";
import { terms } from "./exceptions";
import { byCause, counted, groupUndecided, headline, nameOf } from "./headline";
import type { Locations } from "./locations";
import type { Report, ReportedException, ReportedViolation } from "./report";
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
  for (const { finding: violation } of byCause(report.violations)) {
    const place = locations?.at(violation);
    lines.push(...violationLines(violation, width, paint));
    if (place?.line !== undefined) {
      const edit = place.edit === undefined ? "" : `: change the line to \`${place.edit}\``;
      lines.push(paint.dim(printable(`  at ${place.file}:${place.line}${edit}`)));
    }
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
  const [names = "", ...lines] = columns([WINDOW_COLUMNS, ...rows]).map((line) => `  ${line}`);
  const head = numbers === "" ? paint.bold(title) : `${paint.bold(title)}: ${numbers}`;
  return rows.length === 0 ? [head, `  ${counted(0, "client")}`] : [head, paint.dim(names), ...lines];
}

export type Paint = ReturnType<typeof painter>;

/** ANSI colours, or none: for terminals whose user has not set NO_COLOR. */
export function painter(color: boolean) {
  // Who asks for a text knows where it goes; a stream that is asked again would be stdout, which it may not be.
  const style = (format: "bold" | "dim" | "red" | "yellow" | "green") => (text: string) =>
    color ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: style("bold"),
    dim: style("dim"),
    red: style("red"),
    yellow: style("yellow"),
    green: style("green"),
  };
}

/**
 * Breaks a text into lines of 40 to 110 columns, each with the indent. What stands in backticks is there to be copied:
 * it stays on one line where it fits.
 */
export function wrap(text: string, width: number, indent: string): string[] {
  const most = Math.max(40, Math.min(width, 110)) - indent.length;
  const lines: string[] = [];
  let line = "";
  for (const word of words(text, most)) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, indent + line];
}

/** Words, where `pulumi config set key 5` is one, unless it is longer than a line. */
function words(text: string, most: number): string[] {
  const spans = text.replace(/\s+/g, " ").match(/(?:`[^`]*`|[^\s`])+|`/g) ?? [];
  return spans.flatMap((span) => (span.length > most ? span.split(" ") : [span]));
}
