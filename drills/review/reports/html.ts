import { printable } from "../../../policies/reports/headline";
import type { Review } from "./review";
import { poolLine, SEEN_COLUMNS, seenRows, spanOf, verdictOf } from "./seenTable";

/** The review as one page that needs nothing else: to be kept, or sent. */
export function toHtml(review: Review): string {
  const title = `Review of ${review.stack}: ${verdictOf(review)}`;
  const account = review.account === null ? "" : `, account ${review.account}`;
  const parts = [
    `<h1>${review.verdict === "clean" ? "✔" : "✖"} ${text(title)}</h1>`,
    `<p class="where">${text(`${review.region}${account}; ${spanOf(review)}`)}</p>`,
    ...review.findings.map(
      ({ id, resource, urgency, message }) =>
        `<section class="${urgency}"><h2>${text(id)} <small>${text(resource)}</small></h2><p>${inline(message)}</p></section>`,
    ),
    ...(review.notReviewed.length === 0
      ? []
      : [
          `<h2>Not reviewed</h2><ul>${review.notReviewed.map(({ what, reason, fix }) => `<li>${inline(`${what}: ${reason}. ${fix}.`)}</li>`).join("")}</ul>`,
        ]),
    `<h2>What was seen</h2>${table(review)}`,
    `<p>${inline(poolLine(review))}</p>`,
    ...proposal(review),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.join("\n")}
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
.where, small { opacity: 0.7; font-weight: normal; }
section { border-left: 4px solid; padding-left: 1rem; margin: 1rem 0; }
section.now { border-color: #c0392b; }
section.soon { border-color: #c08a00; }
h2 { font-size: 1.1rem; margin-bottom: 0.25rem; }
code, pre { font-family: ui-monospace, monospace; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8884; }
td, th { padding: 0.1rem 1rem 0.1rem 0; text-align: right; }
td:first-child, th:first-child { text-align: left; }`;

function table(review: Review): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join("")}</tr>`;
  return `<table>${cells("th", SEEN_COLUMNS)}${seenRows(review)
    .map((row) => cells("td", row))
    .join("")}</table>`;
}

function proposal({ proposal: { changes, patch } }: Review): readonly string[] {
  if (changes.length === 0) return [];
  const items = changes.map(
    ({ key, from, to, reason }) =>
      `<li><code>${text(key)}</code>: ${text(String(from ?? "unset"))} → ${to} (${inline(reason)})</li>`,
  );
  const diff = printableLines(patch ?? "");
  return [`<h2>Proposed</h2><ul>${items.join("")}</ul><pre>${diff}</pre>`];
}

const printableLines = (patch: string): string => patch.split("\n").map(text).join("\n");

/** Text in which nothing is a tag. */
function text(value: string): string {
  return printable(value)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}

/** The same, with what stands in backticks as code. */
function inline(value: string): string {
  return text(value).replace(/`([^`]*)`/g, "<code>$1</code>");
}
