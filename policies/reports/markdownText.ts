import { printable } from "./names";

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
