/** Text for XML: names are the program's, and may hold anything. */
export function escaped(text: string): string {
  // Control characters are not XML at all.
  const printable = text.replace(/[^\P{Cc}\t\n]|[\ufffe\uffff]/gu, "�");
  return printable.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Coordinates in a tenth of a pixel. */
const at = (value: number): string => String(Number(value.toFixed(1)));

export const text = (x: number, y: number, content: string, style: string): string =>
  `<text x="${at(x)}" y="${at(y)}" class="${style.trim()}">${escaped(content)}</text>`;

export const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${style}"/>`;

export const rectangle = (x: number, y: number, width: number, height: number, style: string): string =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" class="${style}"/>`;

export const polyline = (points: readonly (readonly [number, number])[], style: string): string =>
  `<polyline points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(" ")}" class="${style}"/>`;
