/** Text for XML and SVG, in elements and in attributes. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const NAMED: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text for HTML, in elements and in attributes between double quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => NAMED[character] ?? character);

/** The parts of a page as markup: whatever comes from elsewhere is escaped already. */
export interface Page {
  readonly title: string;
  readonly style: string;
  /** More lines of the head. */
  readonly head?: readonly string[];
  readonly body: readonly string[];
}

/** A page that needs nothing else: its style and its pictures are in it. */
export const htmlPage = ({ title, style, head = [], body }: Page): string =>
  [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    ...head,
    `<title>${title}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    ...body,
    "</body>",
    "</html>",
    "",
  ].join("\n");

/** For the head of a page: nothing is loaded and nothing runs, whatever a name in it says. */
export const LOADS_NOTHING = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;

/** A table with its first row as the head. @param cell - Makes markup of a cell. */
export function htmlTable(
  [head = [], ...rows]: readonly (readonly string[])[],
  cell: (text: string) => string,
): string {
  const row = (cells: readonly string[], tag: "td" | "th"): string =>
    `<tr>${cells.map((each) => `<${tag}>${cell(each)}</${tag}>`).join("")}</tr>`;
  return `<table>${row(head, "th")}${rows.map((cells) => row(cells, "td")).join("")}</table>`;
}
