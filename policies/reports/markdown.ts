import { printable } from "../kit/text";
import { byCause, groupUndecided, headline, nameOf } from "./headline";
import { pageOf } from "./locations";
import type { Report, ReportedViolation } from "./report";
import { WINDOW_COLUMNS, windowTable } from "./windows";

/** A comment on GitHub holds 65,536 characters; the line that says what was left out needs its place too. */
const MAX_CHARACTERS = 65_000;

/** The report as a comment on a pull request: verdict, what to do, the windows; the rest folded away. */
export function toMarkdown(report: Report): string {
  const { verdict, counts } = headline(report);
  const blocks = [
    `### ${escaped(verdict)}`,
    escaped(counts),
    ...byCause(report.violations).map(({ finding }) => violation(finding)),
    ...report.budgets.map(window),
    ...folded("Excepted", excepted(report)),
    ...folded("Undecided before the deployment", groupUndecided(report).map(escaped)),
    ...folded(
      "Not examined",
      report.coverage.unexamined.map(
        ({ resource, reason }) => `${code(nameOf(resource))}: ${escaped(reason)}`,
      ),
    ),
  ];
  return `${fitted(blocks).join("\n\n")}\n`;
}

function violation({ rule, level, resource, message }: ReportedViolation): string {
  const mark = level === "mandatory" ? "✖" : "⚠";
  const page = pageOf(rule);
  const name = page === undefined ? escaped(rule) : `[${escaped(rule)}](${page})`;
  return `${mark} **${name}** on ${code(nameOf(resource))}: ${escaped(message)}`;
}

function window(budget: Report["budgets"][number]): string {
  const { title, numbers, rows } = windowTable(budget);
  const head = `**${escaped(title)}**${numbers === "" ? "" : `: ${numbers}`}`;
  if (rows.length === 0) return `${head}, no client`;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const cells = rows.map(([pool = "", ...rest]) => line([code(pool), ...rest]));
  return [head, "", line(WINDOW_COLUMNS), line(ALIGNED), ...cells].join("\n");
}

/** Names to the left, numbers to the right. */
const ALIGNED = WINDOW_COLUMNS.map((_, i) => (i === 0 ? "---" : "---:"));

function excepted(report: Report): string[] {
  return report.exceptions.flatMap(({ id, findings, owner, expires, reason }) =>
    findings.map(
      (finding) =>
        `${id === undefined ? `until ${code(expires)} by ${code(owner)}` : `permanently by Pulumi's exception ${code(id)}, owner ${escaped(owner)}`} (${escaped(reason)}): **${escaped(finding.rule)}** on ${code(nameOf(finding.resource))}: ${escaped(finding.message)}`,
    ),
  );
}

/** A list that the reader unfolds; nothing where there is nothing. */
function folded(summary: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const list = items.map((item) => `- ${item}`).join("\n");
  return [`<details><summary>${summary} (${items.length})</summary>\n\n${list}\n\n</details>`];
}

/** The first blocks that fit, and a line for those that do not: a cut comment must not look like a whole one. */
function fitted(blocks: readonly string[]): string[] {
  const kept: string[] = [];
  let length = 0;
  for (const block of blocks) {
    if (length + block.length + 2 > MAX_CHARACTERS) continue;
    kept.push(block);
    length += block.length + 2;
  }
  const missing = blocks.length - kept.length;
  return missing === 0 ? kept : [...kept, `_${missing} more: the text or JSON report has them all._`];
}

/**
 * Text for a Markdown page, where a hostile name must not become a tag, a table cell, a link or a mention. Code between
 * backticks stays code; everything else is shown as it is.
 */
export function escaped(text: string): string {
  const parts = printable(text).split("`");
  // With an odd number of backticks the last opens nothing.
  const last = parts.length % 2 === 0 ? parts.length - 1 : parts.length;
  const shown = parts.map((part, i) => (i % 2 === 1 && i < last ? code(part) : plainText(part)));
  // Two backticks in a row would open another kind of code, which only two would close.
  return shown.join("").replace(/``/g, "` `");
}

/** A name as code. Backticks would end it, and a pipe would end its table cell even here (GFM, section 4.10). */
export function code(text: string): string {
  const inner = printable(text).replace(/`/g, "'").replace(/\|/g, "\\|").trim();
  return inner === "" ? "" : `\`${inner}\``;
}

function plainText(text: string): string {
  return text
    .replace(/[\\*_[\]|#~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/@/g, "@\u2060");
}
