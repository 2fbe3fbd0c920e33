/** A number for people: `1,200`, with at most so many decimals. */
export const number = (value: number, decimals = 0): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: decimals });

/** `1 task`, `12 tasks`. */
export const count = (n: number, noun: string): string => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/**
 * A share from 0 to 1 as percent: `40 %`, below ten percent `0.4 %`, and never 0 % for something above nothing.
 * @param decimals - Exactly so many instead.
 */
export function percent(share: number, decimals?: number): string {
  const value = 100 * share;
  if (decimals !== undefined) return `${value.toFixed(decimals)} %`;
  if (value > 0 && value < 0.1) return "less than 0.1 %";
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} %`;
}

/** A moment to the minute: `2026-11-20 18:05 UTC`. */
export const utcMinute = (time: number | Date): string =>
  `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/**
 * Rows of cells as lines of text, each column as wide as its widest cell and set to the right.
 * @param left - Columns that are set to the left.
 */
export function columns(rows: readonly (readonly string[])[], left: readonly number[] = [0]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        left.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** A typed name longer than this is compared by its start: no name of a setting or class is as long. */
const COMPARED = 200;

/** The nearest of some names to a mistyped one, when one is near. */
export function closest(typed: string, names: readonly string[]): string | undefined {
  const begun = names.filter((name) => typed.length >= 3 && name.startsWith(typed));
  if (begun.length === 1) return begun[0];
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase());
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best && best.distance <= Math.max(2, Math.floor(typed.length / 3)) ? best.name : undefined;
}

/** Levenshtein distance: insertions, deletions and substitutions between two short strings. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from.slice(0, COMPARED)].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const substitution = (row[column - 1] ?? 0) + (letter === to.charAt(column - 1) ? 0 : 1);
      next.push(Math.min(substitution, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/**
 * Control characters, and those that turn the direction of text around: a name or a reason may come from anywhere, and
 * must not move a terminal's cursor or show a reader something else than it says (Unicode TR 36, section 2).
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\ufffe\uffff]/gu;

/** A text as one line that is safe to show. Spaces stand for line breaks and tabs, U+FFFD for the rest. */
export const printable = (text: string): string =>
  text.replace(/[\t\r\n\u2028\u2029]+/g, " ").replace(UNPRINTABLE, "\ufffd");
