/** Lines around a change that show where it is. */
const CONTEXT = 3;

interface Line {
  readonly kind: " " | "-" | "+";
  readonly text: string;
}

/** The difference of two texts as `git apply` takes it, or nothing where there is none. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = compare(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines).map((range) => hunk(lines, range));
  return `--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;
}

/** Without the empty one after the last line break. */
const linesOf = (text: string): readonly string[] => text.replace(/\n$/, "").split("\n");

/** The longest common subsequence, from a table of its lengths: configuration files have some hundred lines. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ kind: " ", text: before[i] ?? "" });
      i++;
      j++;
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: "-", text: before[i++] ?? "" });
    } else {
      lines.push({ kind: "+", text: after[j++] ?? "" });
    }
  }
  return lines;
}

interface Range {
  from: number;
  to: number;
}

/** Changed lines with their context; those that meet are one. */
function hunksOf(lines: readonly Line[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const [index, { kind }] of lines.entries()) {
    if (kind === " ") continue;
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(lines.length, index + 1 + CONTEXT)];
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else ranges.push({ from, to });
  }
  return ranges;
}

function hunk(lines: readonly Line[], { from, to }: Range): string {
  const count = (some: readonly Line[], without: Line["kind"]): number =>
    some.filter(({ kind }) => kind !== without).length;
  const [before, shown] = [lines.slice(0, from), lines.slice(from, to)];
  const head = `@@ -${count(before, "+") + 1},${count(shown, "+")} +${count(before, "-") + 1},${count(shown, "-")} @@`;
  return `${head}\n${shown.map(({ kind, text }) => `${kind}${text}\n`).join("")}`;
}
