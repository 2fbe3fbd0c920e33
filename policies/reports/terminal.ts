export type Paint = ReturnType<typeof painter>;

/** ANSI colours, or none: for terminals whose user has not set NO_COLOR. */
export function painter(color: boolean) {
  const code = (open: number, close: number) => (text: string) =>
    color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    yellow: code(33, 39),
    green: code(32, 39),
  };
}

/**
 * Breaks a text into lines of 40 to 110 columns, each with the indent. What stands in backticks is there to be copied:
 * it stays on one line where it fits.
 */
export function wrap(text: string, width: number, indent: string): string[] {
  const most = Math.max(40, Math.min(width, 110)) - indent.length;
  const lines: string[] = [];
  let line = "";
  for (const word of words(text, most)) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, indent + line];
}

/** Words, where `pulumi config set key 5` is one, unless it is longer than a line. */
function words(text: string, most: number): string[] {
  const spans = text.replace(/\s+/g, " ").match(/(?:`[^`]*`|[^\s`])+|`/g) ?? [];
  return spans.flatMap((span) => (span.length > most ? span.split(" ") : [span]));
}
