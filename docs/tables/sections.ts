/** A part of a document that is written by a program, between `<!-- NAME -->` and `<!-- /NAME -->`. */
export interface Section {
  /** The document, from the project's root. */
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

/**
 * The document with its section replaced. HTML comments are the marks: neither a forge nor a registry shows them.
 *
 * @throws Error when the document has no such marks.
 */
export function withSection(document: string, { file, name, text }: Section): string {
  const [open, close] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const start = document.indexOf(open);
  const end = document.indexOf(close, start);
  if (start < 0 || end < 0) throw new Error(`${file} has no section <!-- ${name} --> … <!-- /${name} -->`);
  return `${document.slice(0, start)}${open}\n${text}\n${document.slice(end)}`;
}

/** A Markdown table. A `|` in a cell is escaped: it would open a column. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}
