import { escapeXml } from "./markup";

/** One line of a chart: `null` breaks it. */
export interface Line {
  readonly label: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
  readonly dashed?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  /** What the x axis says at a point, if not its number. */
  readonly xTicks?: readonly { readonly x: number; readonly text: string }[];
}

const WIDTH = 640;
const HEIGHT = 240;
const MARGIN = { left: 56, right: 12, top: 28, bottom: 40 };

/** A line chart as SVG, with its axes and its legend; no script. */
export function chartSvg({ title, xLabel, yLabel, lines, xTicks }: Chart): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = all.map(({ x }) => x);
  const maxX = Math.max(1e-9, ...xs);
  const minX = Math.min(0, ...xs);
  const maxY = niceTop(Math.max(0, ...all.map(({ y }) => y ?? 0)));
  const px = (x: number): number =>
    MARGIN.left + ((x - minX) / (maxX - minX)) * (WIDTH - MARGIN.left - MARGIN.right);
  const py = (y: number): number =>
    HEIGHT - MARGIN.bottom - (y / maxY) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const ticks = xTicks ?? evenly(minX, maxX, 6).map((x) => ({ x, text: short(x) }));
  const parts = [
    ...evenly(0, maxY, 4).map(
      (y) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at(py(y))}" y2="${at(py(y))}" class="grid"/><text x="${MARGIN.left - 6}" y="${at(py(y) + 4)}" text-anchor="end">${short(y)}</text>`,
    ),
    ...ticks.map(
      ({ x, text }) =>
        `<text x="${at(px(x))}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${escapeXml(text)}</text>`,
    ),
    `<text x="${MARGIN.left}" y="16" class="legend">${lines.map(({ label, color }) => `<tspan fill="${color}">■ </tspan><tspan>${escapeXml(label)}   </tspan>`).join("")}</text>`,
    `<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 6}" text-anchor="end">${escapeXml(xLabel)}</text>`,
    `<text x="4" y="${HEIGHT - 6}">${escapeXml(yLabel)}</text>`,
    ...lines.map(
      ({ color, points, dashed }) =>
        `<path d="${path(points, px, py)}" stroke="${color}"${dashed ? ' stroke-dasharray="5 4"' : ""}/>`,
    ),
  ];
  return `<figure><figcaption>${escapeXml(title)}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeXml(title)}">${parts.join("")}</svg></figure>`;
}

function path(points: Line["points"], px: (x: number) => number, py: (y: number) => number): string {
  let pen = "M";
  return points
    .map(({ x, y }) => {
      if (y === null) {
        pen = "M";
        return "";
      }
      const step = `${pen}${at(px(x))} ${at(py(y))}`;
      pen = "L";
      return step;
    })
    .join("");
}

const at = (value: number): string => value.toFixed(1);

const evenly = (from: number, to: number, steps: number): number[] =>
  Array.from({ length: steps + 1 }, (_, index) => from + ((to - from) * index) / steps);

const short = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(value < 1 ? 2 : 1);

/** The next of 1, 2, 5 and their tens. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 5, 10] as const).find((step) => step * power >= value) ?? 10) * power;
}
