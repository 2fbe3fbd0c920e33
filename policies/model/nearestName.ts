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
