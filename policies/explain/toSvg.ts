import { roundTicks } from "../kit/chart";
import { escapeXml } from "../kit/markup";
import { number, percent } from "../kit/text";
import { DEFAULT_CAPACITY_SETTINGS } from "../model/defaults";
import { failingShare, waitExceedance } from "../model/erlang";
import { poolLoad } from "../model/poolFloor";
import { wrap } from "../reports/text";
import type { ExplainedDatabase, ExplainedPool, Explanation } from "./explanation";

/** Every pool's chart, one above the other. */
export function explanationToSvg({ stack, databases, unlinked }: Explanation): string {
  const charts = [
    ...databases.flatMap((database) => database.pools.map((pool) => chartOf(pool, database))),
    ...unlinked.map((pool) => chartOf(pool, undefined)),
  ];
  return picture(`Safe windows of the connection pools of ${stack}`, charts);
}

function chartOf(pool: ExplainedPool, of: ExplainedDatabase | undefined): PoolChart {
  const { demand, poolMax, failingShare, floor, ceiling } = pool;
  const fails =
    failingShare && failingShare >= 0.005
      ? `at least ${percent(failingShare, 0)} of requests fail`
      : undefined;
  const why = [fails, aboveCeiling(pool, of)].filter((text) => text !== undefined);
  return {
    heading: `${pool.name} on ${of?.name ?? "a database that is not known"}`,
    floor,
    ceiling,
    setting: poolMax,
    settingLabel: [`now: ${poolMax}`, ...why].join(", "),
    load: demand && poolLoad({ ...demand, requestsInFlight: undefined }),
    waitTargetMs: demand?.waitTargetMs ?? DEFAULT_CAPACITY_SETTINGS.waitTargetMs,
  };
}

/** Why a pool above its ceiling is too large: what it may open against what is left for it. */
function aboveCeiling(pool: ExplainedPool, of: ExplainedDatabase | undefined): string | undefined {
  const { poolMax, ceiling, tasksAtPeak, processesPerTask, demandOfOthers } = pool;
  if (poolMax === null || ceiling === null || poolMax <= ceiling) return undefined;
  if (of?.budget == null || tasksAtPeak === null || processesPerTask === null || demandOfOthers === null) {
    return "above the ceiling";
  }
  const left = number(of.budget - of.operationsReserve - demandOfOthers);
  return `above the ceiling: ${number(tasksAtPeak * processesPerTask)} pools may open ${number(tasksAtPeak * processesPerTask * poolMax)} connections, and ${left} are left for them`;
}

/**
 * Charts one above the other, as an SVG of its own: with a title and a description for those who cannot see it, and
 * colours that keep a contrast of 4.5 : 1 on a light and on a dark page, whichever the reader has.
 */
export function picture(title: string, charts: readonly PoolChart[]): string {
  const height = Math.max(1, charts.length) * CHART_HEIGHT;
  const words = charts.map(chartInWords).join(" ") || "The stack has no pool.";
  const groups = charts.map(
    (chart, index) => `<g transform="translate(0 ${index * CHART_HEIGHT})">\n${poolChart(chart)}\n</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${height}" viewBox="0 0 ${CHART_WIDTH} ${height}" style="max-width: 100%; height: auto" font-family="system-ui, sans-serif" font-size="14" role="img" aria-labelledby="title description">
<title id="title">${escapeXml(title)}</title>
<desc id="description">${escapeXml(words)}</desc>
<style>${STYLE}</style>
<rect width="${CHART_WIDTH}" height="${height}" class="ground"/>
${groups.join("\n")}
</svg>
`;
}

const LIGHT = {
  ground: "#ffffff",
  ink: "#24292f",
  grid: "#d0d7de",
  window: "#dafbe1",
  gap: "#ffebe9",
  safe: "#116329",
  waiting: "#7d4e00",
  failing: "#a40e26",
};
const DARK: typeof LIGHT = {
  ground: "#0d1117",
  ink: "#e6edf3",
  grid: "#30363d",
  window: "#12351f",
  gap: "#3c1618",
  safe: "#56d364",
  waiting: "#e3b341",
  failing: "#ff8182",
};

const rules = (colours: typeof LIGHT): string => `
.ground { fill: ${colours.ground} } .ink { fill: ${colours.ink} } .grid { stroke: ${colours.grid} }
.window { fill: ${colours.window} } .gap { fill: ${colours.gap} }
.safe { fill: ${colours.safe} } .bound { stroke: ${colours.safe}; stroke-width: 2 }
.waiting { fill: ${colours.waiting} } .waiting-line { stroke: ${colours.waiting} }
.failing { fill: ${colours.failing} } .failing-line { stroke: ${colours.failing} }`;

const STYLE = `${rules(LIGHT)}
.heading, .strong { font-weight: 600 } .heading { font-size: 16px }
.middle { text-anchor: middle } .end { text-anchor: end }
.waiting-line, .failing-line { fill: none; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {${rules(DARK)}
}
`;

/** What one pool's chart is drawn from; `null` = unknown. */
export interface PoolChart {
  readonly heading: string;
  readonly floor: number | null;
  readonly ceiling: number | null;
  readonly setting: number | null;
  /** Said beside the setting's mark. */
  readonly settingLabel: string;
  /** Load of one pool at the declared peak: what the curves are drawn from. */
  readonly load: PoolLoad | null;
  readonly waitTargetMs: number;
}

export interface PoolLoad {
  readonly requestsPerSecond: number;
  readonly acquisitionsPerSecond: number;
  readonly meanHoldSeconds: number;
  readonly acquisitionsPerRequest: number;
}

/** Narrow enough that its text can be read on a phone, which shows all of its width. */
const CHART_WIDTH = 520;
const CHART_HEIGHT = 470;
const PLOT = { left: 58, right: 500, top: 64, bottom: 254 };
/** Where the legend begins, and its lines. */
const LEGEND = { top: 326, line: 21, text: PLOT.left + 34 };
/** Characters of a line of the legend, and of the heading. */
const MAX_LINE = 56;
/** The same of bold text. */
const MAX_BOLD = 48;
/** Points of a curve: enough for the eye, few enough for pools of thousands. */
const MAX_POINTS = 120;

/** What a pool of each size does at its load, and the window between floor and ceiling. No text stands over a curve. */
export function poolChart(chart: PoolChart): string {
  const { floor, ceiling, heading } = chart;
  const largest = largestOf(chart);
  const x = (connections: number) => PLOT.left + ((PLOT.right - PLOT.left) * connections) / largest;
  const shown = heading.length > MAX_BOLD ? `${heading.slice(0, MAX_BOLD - 1)}…` : heading;
  return [
    text(PLOT.left, 26, shown, "ink heading"),
    ...window(floor, ceiling, x),
    ...axes(largest, x),
    ...curves(chart, largest, x),
    ...mark(chart, largest, x),
    ...legend(chart),
  ].join("\n");
}

/** In words, for those who cannot see it. */
function chartInWords({ heading, floor, ceiling, setting }: PoolChart): string {
  const window = isEmpty(floor, ceiling)
    ? `no safe size: floor ${floor}, ceiling ${ceiling}`
    : `safe window from ${floor ?? "an unknown floor"} to ${ceiling ?? "an unknown ceiling"} connections`;
  return `${heading}: ${window}; set to ${setting ?? "an unknown size"}.`;
}

/** Some room beyond the window; a setting far beyond it stands at the edge. */
function largestOf({ floor, ceiling, setting }: PoolChart): number {
  const bound = Math.max(floor ?? 0, ceiling ?? 0);
  const marks = bound === 0 ? (setting ?? 0) : Math.max(bound, Math.min(setting ?? 0, 3 * bound));
  return Math.max(4, Math.ceil(marks * 1.25));
}

function window(floor: number | null, ceiling: number | null, x: (connections: number) => number): string[] {
  const bound = (at: number) => line(x(at), PLOT.top, x(at), PLOT.bottom, "bound");
  return [
    ...(floor === null || ceiling === null ? [] : area(floor, ceiling, x)),
    ...(floor === null ? [] : [bound(floor)]),
    ...(ceiling === null ? [] : [bound(ceiling)]),
  ];
}

const isEmpty = (floor: number | null, ceiling: number | null): boolean =>
  floor !== null && ceiling !== null && floor > ceiling;

function area(floor: number, ceiling: number, x: (connections: number) => number): string[] {
  const isGap = floor > ceiling;
  const [from, to] = isGap ? [ceiling, floor] : [floor, ceiling];
  // Above its area, and inside the picture however near to an edge that is.
  const middle = Math.min(PLOT.right - 70, Math.max(PLOT.left + 70, x((from + to) / 2)));
  const title = isGap ? "no safe size" : `safe window: ${from}–${to}`;
  return [
    rectangle(x(from), PLOT.top, x(to) - x(from), PLOT.bottom - PLOT.top, isGap ? "gap" : "window"),
    text(middle, PLOT.top - 10, title, `${isGap ? "failing" : "safe"} strong middle`),
  ];
}

function axes(largest: number, x: (connections: number) => number): string[] {
  const shares = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(PLOT.left, y(share), PLOT.right, y(share), "grid"),
    text(PLOT.left - 8, y(share) + 5, percent(share, 0), "ink end"),
  ]);
  const ticks = roundTicks(0, largest)
    .filter((connections) => connections <= largest)
    .map((connections) => text(x(connections), PLOT.bottom + 20, String(connections), "ink middle"));
  const middle = (PLOT.left + PLOT.right) / 2;
  return [...shares, ...ticks, text(middle, PLOT.bottom + 42, "pool.max, in connections", "ink middle")];
}

function curves(
  { load, waitTargetMs }: PoolChart,
  largest: number,
  x: (connections: number) => number,
): string[] {
  if (!load) return [];
  const step = Math.max(1, Math.ceil(largest / MAX_POINTS));
  const sizes = Array.from({ length: Math.floor(largest / step) }, (_, index) => step * (index + 1));
  const curve = (share: (servers: number) => number, style: string) =>
    polyline(
      sizes.map((size) => [x(size), y(share(size))] as const),
      style,
    );
  return [curve(waitingShare(load, waitTargetMs), "waiting-line"), curve(failing(load), "failing-line")];
}

/** The setting, on the curve of what fails. */
function mark(chart: PoolChart, largest: number, x: (connections: number) => number): string[] {
  const { load, setting } = chart;
  if (setting === null) return [];
  const at = x(Math.min(setting, largest));
  return [circle(at, y(load ? failing(load)(setting) : 0), styleOf(chart))];
}

const styleOf = ({ setting, floor, ceiling }: PoolChart): string =>
  setting !== null && setting >= (floor ?? setting) && setting <= (ceiling ?? setting) ? "safe" : "failing";

/** What everything is, below the plot, a line each; the setting first. */
function legend(chart: PoolChart): string[] {
  const { load, waitTargetMs, floor, ceiling, setting, settingLabel } = chart;
  const bounds = [
    ...(floor === null ? [] : [`floor ${floor}, from demand`]),
    ...(ceiling === null ? [] : [`ceiling ${ceiling}, from the database`]),
  ].join("; ");
  const style = styleOf(chart);
  const swatch = (kind: string) => (top: number) => line(PLOT.left, top - 5, PLOT.left + 24, top - 5, kind);
  const entries = [
    ...(setting === null
      ? []
      : [
          {
            label: settingLabel,
            style: `${style} strong`,
            draw: (top: number) => circle(PLOT.left + 12, top - 5, style),
          },
        ]),
    ...(bounds === "" ? [] : [{ label: bounds, style: "safe", draw: swatch("bound") }]),
    ...(load === null
      ? []
      : [
          { label: "requests that fail, at least", style: "failing", draw: swatch("failing-line") },
          {
            label: `acquisitions that wait longer than ${waitTargetMs} ms`,
            style: "waiting",
            draw: swatch("waiting-line"),
          },
        ]),
  ];
  let top = LEGEND.top;
  return entries.flatMap((entry) => {
    const lines = wrap(entry.label, entry.style.includes("strong") ? MAX_BOLD : MAX_LINE, "");
    const drawn = [
      entry.draw(top),
      ...lines.map((each, index) => text(LEGEND.text, top + index * LEGEND.line, each, entry.style)),
    ];
    top += lines.length * LEGEND.line;
    return drawn;
  });
}

const failing = (load: PoolLoad) => (servers: number) =>
  failingShare({
    servers,
    requestsPerSecond: load.requestsPerSecond,
    meanHoldSeconds: load.meanHoldSeconds,
    acquisitionsPerRequest: load.acquisitionsPerRequest,
  });

const waitingShare = (load: PoolLoad, waitTargetMs: number) => (servers: number) =>
  waitExceedance({
    servers,
    arrivalsPerSecond: load.acquisitionsPerSecond,
    meanHoldSeconds: load.meanHoldSeconds,
    waitSeconds: waitTargetMs / 1000,
  });

const y = (share: number) => PLOT.bottom - (PLOT.bottom - PLOT.top) * share;
/** Coordinates in a tenth of a pixel. */
const at = (value: number): string => String(Number(value.toFixed(1)));

const text = (x: number, y: number, content: string, style: string): string =>
  `<text x="${at(x)}" y="${at(y)}" class="${style.trim()}">${escapeXml(content)}</text>`;

const circle = (x: number, y: number, style: string): string =>
  `<circle cx="${at(x)}" cy="${at(y)}" r="5" class="${style}"/>`;

const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${style}"/>`;

const rectangle = (x: number, y: number, width: number, height: number, style: string): string =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" class="${style}"/>`;

const polyline = (points: readonly (readonly [number, number])[], style: string): string =>
  `<polyline points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(" ")}" class="${style}"/>`;
