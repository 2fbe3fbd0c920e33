import type { Interval } from "../measure/batchMeans";

/** A share as percent, with as many digits as it deserves. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const value = 100 * share;
  return `${value.toFixed(value >= 10 ? 0 : value >= 1 || value === 0 ? 1 : 2)} %`;
}

export function ms(value: number | null | undefined): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return "–";
  return `${value.toFixed(value >= 100 ? 0 : value >= 1 || value === 0 ? 1 : 2)} ms`;
}

/** With so many digits after the point. */
export const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : "–";

export const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** `12.3 ms (11.0–13.6)`. */
export function withInterval({ mean, low, high }: Interval, show: (value: number) => string): string {
  if (low === undefined || high === undefined) return show(mean);
  return `${show(mean)} (${show(Math.max(0, low)).replace(/ \S+$/, "")}–${show(high).replace(/ \S+$/, "")})`;
}

/** Columns of text, each as wide as its widest cell, all but the first set to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
