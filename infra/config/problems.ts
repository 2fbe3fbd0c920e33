/** One thing that is wrong with a stack's configuration, and what fixes it. */
export interface Problem {
  /** What was observed and what it breaks, without the place. */
  readonly message: string;
  /** Path of the setting, such as `auth:poolMax`. */
  readonly at: string;
  /** The command, or the edit, that fixes it. */
  readonly fix: string;
}

/** Every problem at once, two lines each. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(({ message, at, fix }) => `✖ ${message}\n  → at ${at}; fix it with: ${fix}`).join("\n");
}

/**
 * Command that sets `key`, ready to be pasted into a shell; without a stack it is for the selected one. A list
 * is set item by item, since `pulumi config set` stores JSON text as text.
 */
export function configSet(key: string, value: string, stack?: string): string {
  const forStack = stack === undefined ? "" : ` --stack ${stack}`;
  if (!value.startsWith("[")) return `pulumi config set ${key} ${quoted(value)}${forStack}`;
  const first: unknown = (JSON.parse(value) as readonly unknown[])[0];
  return `pulumi config set --path '${key}[0]' ${quoted(String(first))}${forStack}`;
}

function quoted(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value}'`;
}

/** The candidate that is closest to a mistyped word, if any is close enough to have been meant. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best !== undefined && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

/** Levenshtein distance: insertions, deletions and replacements between two words. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
