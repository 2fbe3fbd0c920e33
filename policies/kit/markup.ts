/** What XML 1.0 cannot hold (section 2.2): control characters but tab and line breaks, lone surrogates, U+FFFE and U+FFFF. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Text for HTML, XML and SVG, in elements and in attributes; U+FFFD stands for what they cannot hold. */
export const escapeXml = (text: string): string =>
  text.replace(FORBIDDEN, "\ufffd").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The same, with what stands in backticks as code. */
export const inlineCode = (text: string): string => escapeXml(text).replace(/`([^`]*)`/g, "<code>$1</code>");

/** A page: title and facts as they are, the body as markup. */
export interface Page {
  readonly title: string;
  /** Whether what it is about is as it should be; undefined where that is not the question. */
  readonly passed?: boolean | undefined;
  /** When, of what and under which settings, on top of it. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly body: readonly string[];
}

/**
 * A page that needs nothing else: its style and its pictures are in it, nothing is loaded and nothing runs, whatever a name
 * in it says. It is read on a phone and on a desktop, in light and in dark.
 */
export const htmlPage = ({ title, passed, facts, body }: Page): string =>
  [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    `<h1${passed === undefined ? "" : ` class="${passed ? "good" : "bad"}"`}>${escapeXml(title)}</h1>`,
    `<dl class="facts">${facts.map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd>${inlineCode(value)}</dd>`).join("")}</dl>`,
    ...body,
    "</body>",
    "</html>",
    "",
  ].join("\n");

/** A table with its first row as the head, in a box that scrolls by itself. @param cell - Makes markup of a cell. */
export function htmlTable(
  [head = [], ...rows]: readonly (readonly string[])[],
  cell: (text: string) => string = escapeXml,
): string {
  const row = (cells: readonly string[], tag: "td" | "th"): string =>
    `<tr>${cells.map((each) => `<${tag}>${cell(each)}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll"><table>${row(head, "th")}${rows.map((cells) => row(cells, "td")).join("")}</table></div>`;
}

const LIGHT = `--ink: #1f2328; --quiet: #59636e; --paper: #ffffff; --rail: #d1d9e0; --shade: #f0f3f6; --bad: #b3261e; --good: #116329; --warn: #7d4e00;
--line-0: #1565c0; --line-1: #b3261e; --line-2: #116329; --line-3: #7d4e00; --line-4: #7b3fa0; --line-5: #59636e;`;
const DARK = `--ink: #e6edf3; --quiet: #9ea7b3; --paper: #0d1117; --rail: #3d444d; --shade: #1c2330; --bad: #ff8182; --good: #56d364; --warn: #e3b341;
--line-0: #64b5f6; --line-1: #ff8182; --line-2: #56d364; --line-3: #e3b341; --line-4: #c79bf2; --line-5: #9ea7b3;`;

/** The one stylesheet of all pages. Text in charts is HTML beside the drawing, so it keeps its size on every screen. */
const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 56rem; margin: 1.5rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25 } h2 { font-size: 1.2rem; margin: 2rem 0 .25rem }
.good { color: var(--good) } .bad { color: var(--bad) } .quiet, small, dt { color: var(--quiet); font-weight: normal }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; font-size: .875rem } dd { margin: 0 }
code, pre { font-family: ui-monospace, monospace; font-size: .875em } code { background: var(--shade); padding: .1em .3em; border-radius: 3px }
pre { background: var(--shade); padding: .75rem; overflow-x: auto; overflow-wrap: normal }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-size: .875rem; overflow-wrap: normal }
td, th { padding: .2rem .75rem .2rem 0; border-bottom: 1px solid var(--rail); text-align: right; vertical-align: top } td:first-child, th:first-child { text-align: left } th { color: var(--quiet); font-weight: 500 }
section.now, section.soon { border-left: 4px solid var(--warn); padding-left: 1rem; margin: 1rem 0 } section.now { border-color: var(--bad) }
ol.timeline { list-style: none; padding: 0 } time { color: var(--quiet); font-variant-numeric: tabular-nums; padding-right: .5rem } .PAGE, .TICKET { font-weight: 600 } .PAGE { color: var(--bad) }
figure { margin: 1.25rem 0 } figcaption { font-weight: 600 }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; list-style: none; margin: 0 0 .75rem; padding: 0; font-size: .8125rem } .legend i { display: inline-block; width: 1em; height: .6em; margin-right: .35em } .legend .shade { background: var(--shade); border: 1px solid var(--rail) }
.plot { display: grid; grid-template-columns: 3.5rem 1fr; font-size: .75rem; color: var(--quiet) } .axis-y, .axis-x { position: relative } .axis-x { grid-column: 2; height: 1.4rem }
.axis-y span { position: absolute; right: .4rem; transform: translateY(50%) } .axis-x span { position: absolute; transform: translateX(-50%); white-space: nowrap } .axis-x span.first { transform: none } .axis-x span.last { transform: translateX(-100%) }
.plot svg { display: block; width: 100%; height: 10rem; overflow: hidden } .plot svg * { vector-effect: non-scaling-stroke }
.plot path { fill: none; stroke-width: 1.75; stroke-linejoin: round } .grid { stroke: var(--rail) } .dashed { stroke-dasharray: 5 4 } .span { fill: var(--shade) } .mark { stroke-width: 1.5; stroke-dasharray: 2 3 }
.states { display: grid; grid-template-columns: minmax(6rem, 14rem) 1fr; gap: 0 .5rem; font-size: .75rem; align-items: center } .states svg { display: block; width: 100%; height: .8rem; background: var(--shade) } .states .axis-x { height: 1.4rem; color: var(--quiet) } @media (max-width: 40rem) { .states { grid-template-columns: minmax(0, 1fr) } .states .axis-x { grid-column: 1 } }
rect.ALARM { fill: var(--bad) } rect.INSUFFICIENT_DATA { fill: var(--rail) }
`;
