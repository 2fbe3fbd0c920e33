import { printable } from "../../../policies/reports/headline";
import { painter, wrap } from "../../../policies/reports/text";
import type { Review } from "./review";
import { poolLine, SEEN_COLUMNS, seenRows, spanOf, verdictOf } from "./seenTable";

export interface TextOptions {
  readonly color: boolean;
  /** Columns to wrap at. */
  readonly width: number;
}

/** The review for a person at a terminal: what cannot wait first, the numbers last. */
export function toText(review: Review, { color, width }: TextOptions): string {
  const paint = painter(color);
  const mark = review.verdict === "clean" ? paint.green("✔") : paint.red("✖");
  const account = review.account === null ? "" : `, account ${review.account}`;
  const lines = [
    `${mark} ${paint.bold(`${review.stack}: ${verdictOf(review)}`)}`,
    paint.dim(`  ${review.region}${account}; ${spanOf(review)}`),
    "",
  ];
  for (const { id, resource, urgency, message } of review.findings) {
    const title = urgency === "now" ? paint.red(`✖ ${id}`) : paint.yellow(`! ${id}`);
    lines.push(`${title}  ${paint.dim(printable(resource))}`, ...wrap(printable(message), width, "  "), "");
  }
  if (review.notReviewed.length > 0) {
    lines.push(paint.yellow("? not reviewed"));
    for (const { what, reason, fix } of review.notReviewed) {
      lines.push(...wrap(printable(`${what}: ${reason}. ${fix}.`), width, "  "));
    }
    lines.push("");
  }
  lines.push(paint.bold("what was seen"), ...table([SEEN_COLUMNS, ...seenRows(review)]), "");
  lines.push(...wrap(printable(poolLine(review)), width, ""), "");
  lines.push(...proposalLines(review, width, paint.bold("proposed")));
  return `${lines.join("\n").trimEnd()}\n`;
}

function proposalLines({ proposal }: Review, width: number, title: string): readonly string[] {
  if (proposal.changes.length === 0) return [];
  const changes = proposal.changes.flatMap((change) =>
    wrap(`${change.key}: ${change.from ?? "unset"} → ${change.to} (${change.reason})`, width, "  "),
  );
  return [title, ...changes, "", ...(proposal.patch ?? "").split("\n")];
}

/** Names to the left, numbers to the right, the times as they are. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  return rows.map((cells) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")}`.trimEnd(),
  );
}
