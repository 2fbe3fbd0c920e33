import { escapeXml } from "./markup";
import { number } from "./text";

/** One line of a chart: `null` breaks it. */
export interface Line {
  readonly label: string;
  /** Which colour of the page; the lines of a chart have their own from 0 to 5. */
  readonly color: number;
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
  readonly dashed?: boolean;
}

/** A stretch of the x axis: a warm-up, a fault. */
export interface Stretch {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** A moment on the x axis: the first failure, a page. */
export interface Mark {
  readonly label: string;
  readonly x: number;
  readonly color: number;
}

export interface Chart {
  readonly title: string;
  /** What the y axis counts: `ms`, `requests/s`. */
  readonly unit: string;
  readonly x: XAxis;
  readonly lines: readonly Line[];
  readonly stretches?: readonly Stretch[];
  readonly marks?: readonly Mark[];
}

export interface XAxis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
  /** What it counts, where the ticks do not say so. */
  readonly label?: string;
}

/** Units of the drawing, which is stretched to the width of the page. */
const WIDTH = 1000;
const HEIGHT = 200;

/** A line chart: axes with units, every label beside the drawing and none over a curve, no script. */
export function chartHtml({ title, unit, x, lines, stretches = [], marks = [] }: Chart): string {
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y ?? 0));
  const least = values.reduce((low, value) => Math.min(low, value), 0);
  const most = values.reduce((high, value) => Math.max(high, value), 0);
  const ticks = roundTicks(least, least === most ? least + 1 : most);
  const [bottom = 0, top = 1] = [ticks[0], ticks.at(-1)];
  const px = (value: number): number => Math.min(1, Math.max(0, shareOf(x, value))) * WIDTH;
  const py = (value: number): number => HEIGHT - ((value - bottom) / (top - bottom)) * HEIGHT;
  const drawing = [
    ...stretches.map(
      ({ from, to }) =>
        `<rect class="span" x="${at(px(from))}" y="0" width="${at(Math.max(2, px(to) - px(from)))}" height="${HEIGHT}"/>`,
    ),
    ...ticks.map((tick) => `<path class="grid" d="M0 ${at(py(tick))}H${WIDTH}"/>`),
    ...marks.map(
      (mark) =>
        `<path class="mark" style="${stroke(mark)}" d="M${at(px(mark.x))} 0V${HEIGHT}"><title>${escapeXml(mark.label)}</title></path>`,
    ),
    ...lines.map(
      (line) =>
        `<path${line.dashed ? ' class="dashed"' : ""} style="${stroke(line)}" d="${path(line.points, px, py)}"/>`,
    ),
  ];
  const name = unit === "" ? title : `${title} (${unit})`;
  const labels = ticks.map(
    (tick) => `<span style="bottom:${at(100 - (py(tick) / HEIGHT) * 100)}%">${shown(tick)}</span>`,
  );
  return [
    `<figure><figcaption>${escapeXml(title)}${unit === "" ? "" : ` <small>${escapeXml(unit)}</small>`}</figcaption>`,
    `<ul class="legend">${[...lines.map(swatch), ...marks.map(swatch), ...stretches.map(shade)].join("")}</ul>`,
    `<div class="plot"><div class="axis-y">${labels.join("")}</div>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escapeXml(name)}"><title>${escapeXml(name)}</title>${drawing.join("")}</svg>`,
    `${xAxisHtml(x)}</div></figure>`,
  ].join("");
}

/** The ticks of an x axis, below whatever is drawn along it. */
export function xAxisHtml(x: XAxis): string {
  const ticks = x.ticks.map(({ x: value, text }) => {
    const share = shareOf(x, value);
    const side = share < 0.03 ? ' class="first"' : share > 0.97 ? ' class="last"' : "";
    return `<span${side} style="left:${at(100 * share)}%">${escapeXml(text)}</span>`;
  });
  const label =
    x.label === undefined
      ? ""
      : `<div class="axis-x"><span class="last" style="left:100%">${escapeXml(x.label)}</span></div>`;
  return `<div class="axis-x">${ticks.join("")}</div>${label}`;
}

/** Where a value lies on an axis, from 0 to 1 between its ends. */
export const shareOf = ({ from, to }: Pick<XAxis, "from" | "to">, value: number): number =>
  to === from ? 0 : (value - from) / (to - from);

const stroke = ({ color }: { readonly color: number }): string => `stroke:var(--line-${color})`;
const swatch = ({ label, color }: { readonly label: string; readonly color: number }): string =>
  `<li><i style="background:var(--line-${color})"></i>${escapeXml(label)}</li>`;
const shade = ({ label }: Stretch): string => `<li><i class="shade"></i>${escapeXml(label)}</li>`;

function path(points: Line["points"], px: (x: number) => number, py: (y: number) => number): string {
  let pen = "M";
  return points
    .map(({ x, y }) => {
      const step = y === null ? "" : `${pen}${at(px(x))} ${at(py(y))}`;
      pen = y === null ? "M" : "L";
      return step;
    })
    .join("");
}

const at = (value: number): string => String(Number(value.toFixed(1)));

/** A value of an axis: thousands and more in short. */
const shown = (value: number): string =>
  Math.abs(value) >= 1e9
    ? `${number(value / 1e9, 1)}G`
    : Math.abs(value) >= 1e6
      ? `${number(value / 1e6, 1)}M`
      : number(value, 6);

/** Three to seven round numbers, steps of 1, 2 or 5 and their tens, that hold both ends. */
export function roundTicks(low: number, high: number): number[] {
  const raw = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((each) => each * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** About six round moments from one to the other, for an axis in seconds. */
export function timeTicks(seconds: number, text: (seconds: number) => string): XAxis["ticks"] {
  const steps = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  ];
  const step = steps.find((each) => seconds / each <= 6) ?? 604_800;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => ({
    x: index * step,
    text: text(index * step),
  }));
}
