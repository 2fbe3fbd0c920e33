import { code, escaped } from "../../../policies/reports/markdown";
import type { Review } from "./review";
import { poolLine, SEEN_COLUMNS, seenRows, spanOf, verdictOf } from "./seenTable";

/** The review as an issue or a page: findings, what was left out, the numbers, the patch. */
export function toMarkdown(review: Review): string {
  const account = review.account === null ? "" : `, account ${code(review.account)}`;
  const mark = review.verdict === "clean" ? "✔" : "✖";
  const blocks = [
    `### ${mark} Review of ${escaped(review.stack)}: ${escaped(verdictOf(review))}`,
    `${code(review.region)}${account}; ${spanOf(review)}`,
    ...review.findings.map(
      ({ id, resource, urgency, message }) =>
        `${urgency === "now" ? "✖" : "⚠"} **${escaped(id)}** on ${code(resource)}: ${escaped(message)}`,
    ),
    ...(review.notReviewed.length === 0 ? [] : ["**Not reviewed**", notReviewed(review)]),
    table(review),
    escaped(poolLine(review)),
    ...proposal(review),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function notReviewed({ notReviewed: parts }: Review): string {
  return parts.map(({ what, reason, fix }) => `- ${escaped(`${what}: ${reason}. ${fix}.`)}`).join("\n");
}

function table(review: Review): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(SEEN_COLUMNS), "| --- | ---: | ---: | --- |", ...seenRows(review).map(line)].join("\n");
}

function proposal({ proposal: { changes, patch } }: Review): readonly string[] {
  if (changes.length === 0) return [];
  const list = changes.map(
    ({ key, from, to, reason }) => `- ${code(key)}: ${from ?? "unset"} → ${to} (${escaped(reason)})`,
  );
  // A patch is of our own files; a fence longer than any in them keeps it together.
  return ["**Proposed**", list.join("\n"), `~~~~diff\n${patch ?? ""}~~~~`];
}
