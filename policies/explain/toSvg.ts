import { DEFAULT_CAPACITY_SETTINGS } from "../model/defaults";
import { failingShare, waitExceedance } from "../model/erlang";
import { poolLoad } from "../model/poolFloor";
import type { ExplainedPool, Explanation } from "./explanation";

/** Every pool's chart, one above the other. */
export function explanationToSvg({ stack, databases, unlinked }: Explanation): string {
  const charts = [
    ...databases.flatMap(({ name, pools }) => pools.map((pool) => chartOf(pool, name))),
    ...unlinked.map((pool) => chartOf(pool, "a database that is not known")),
  ];
  return picture(`Safe windows of the connection pools of ${stack}`, charts);
}

function chartOf(pool: ExplainedPool, database: string): PoolChart {
  const { demand, poolMax, failingShare, floor, ceiling } = pool;
  const fails =
    failingShare && failingShare >= 0.005
      ? `, at least ${Math.round(failingShare * 100)} % of requests fail`
      : "";
  return {
    heading: `${pool.name} on ${database}`,
    floor,
    ceiling,
    setting: poolMax,
    settingLabel: `now: ${poolMax}${fails}`,
    load: demand && poolLoad(demand),
    waitTargetMs: demand?.waitTargetMs ?? DEFAULT_CAPACITY_SETTINGS.waitTargetMs,
  };
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
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${CHART_WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(words)}</desc>
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
.failing { fill: ${colours.failing} } .failing-line { stroke: ${colours.failing} }
.halo { stroke: ${colours.ground} }`;

const STYLE = `${rules(LIGHT)}
.heading, .strong { font-weight: 600 } .heading { font-size: 15px }
.middle { text-anchor: middle } .end { text-anchor: end }
.waiting-line, .failing-line { fill: none; stroke-width: 2.5 } .halo { paint-order: stroke; stroke-width: 5px }
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

export const CHART_WIDTH = 840;
export const CHART_HEIGHT = 340;
const PLOT = { left: 62, right: 812, top: 78, bottom: 262 };
/** Room for the longest label of a bound. */
const LABEL_WIDTH = 175;
/** Points of a curve: enough for the eye, few enough for pools of thousands. */
const MAX_POINTS = 120;
const MAX_TICKS = 12;

/** What a pool of each size does at its load, and the window between floor and ceiling. */
export function poolChart(chart: PoolChart): string {
  const { floor, ceiling, setting } = chart;
  const largest = largestOf(chart);
  const x = (connections: number) => PLOT.left + ((PLOT.right - PLOT.left) * connections) / largest;
  return [
    text(PLOT.left, 26, chart.heading, "ink heading"),
    ...window(floor, ceiling, x),
    ...axes(largest, x),
    ...curves(chart, largest, x),
    ...(setting === null ? [] : mark(chart, Math.min(setting, largest), x)),
  ].join("\n");
}

/** In words, for those who cannot see it. */
export function chartInWords({ heading, floor, ceiling, setting }: PoolChart): string {
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
  const [low, high] = isEmpty(floor, ceiling)
    ? [
        { at: ceiling, label: "ceiling, from the database" },
        { at: floor, label: "floor, from demand" },
      ]
    : [
        { at: floor, label: "floor, from demand" },
        { at: ceiling, label: "ceiling, from the database" },
      ];
  const bound = (at: number) => line(x(at), PLOT.top, x(at), PLOT.bottom, "bound");
  // On the outer sides of the window, so that they stand apart however narrow it is.
  const lowEnds = low.at === null ? 0 : Math.max(x(low.at), LABEL_WIDTH);
  const highStarts =
    high.at === null ? 0 : Math.min(Math.max(x(high.at), lowEnds + 8), CHART_WIDTH - LABEL_WIDTH);
  return [
    ...(low.at === null || high.at === null ? [] : area(low.at, high.at, isEmpty(floor, ceiling), x)),
    ...(low.at === null ? [] : [bound(low.at), text(lowEnds, PLOT.top - 10, low.label, "safe end")]),
    ...(high.at === null ? [] : [bound(high.at), text(highStarts, PLOT.top - 10, high.label, "safe")]),
  ];
}

const isEmpty = (floor: number | null, ceiling: number | null): boolean =>
  floor !== null && ceiling !== null && floor > ceiling;

function area(from: number, to: number, isGap: boolean, x: (connections: number) => number): string[] {
  const title = isGap ? "no safe size" : `safe window: ${from}–${to}`;
  return [
    rectangle(x(from), PLOT.top, x(to) - x(from), PLOT.bottom - PLOT.top, isGap ? "gap" : "window"),
    text(x((from + to) / 2), PLOT.top + 22, title, `${isGap ? "failing" : "safe"} strong middle halo`),
  ];
}

function axes(largest: number, x: (connections: number) => number): string[] {
  const shares = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(PLOT.left, y(share), PLOT.right, y(share), "grid"),
    text(PLOT.left - 8, y(share) + 4, percent(share), "ink end"),
  ]);
  const step = Math.max(1, Math.ceil(largest / MAX_TICKS));
  const ticks = Array.from({ length: Math.floor(largest / step) }, (_, index) => step * (index + 1)).map(
    (connections) => text(x(connections), PLOT.bottom + 18, String(connections), "ink middle"),
  );
  const middle = (PLOT.left + PLOT.right) / 2;
  return [...shares, ...ticks, text(middle, PLOT.bottom + 38, "pool.max, in connections", "ink middle")];
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
  return [
    curve(waitingShare(load, waitTargetMs), "waiting-line"),
    curve(failing(load), "failing-line"),
    ...legend(PLOT.left, `acquisitions that wait longer than ${waitTargetMs} ms`, "waiting"),
    ...legend(PLOT.left + 320, "requests that fail, at least", "failing"),
  ];
}

const legend = (from: number, label: string, style: string): string[] => [
  line(from, CHART_HEIGHT - 12, from + 24, CHART_HEIGHT - 12, `${style}-line`),
  text(from + 32, CHART_HEIGHT - 8, label, style),
];

function mark(
  { load, settingLabel, setting, floor, ceiling }: PoolChart,
  at: number,
  x: (connections: number) => number,
): string[] {
  const height = y(load && setting !== null ? failing(load)(setting) : 0);
  const isSafe = setting !== null && setting >= (floor ?? setting) && setting <= (ceiling ?? setting);
  const style = isSafe ? "safe" : "failing";
  const isRight = x(at) > (PLOT.left + PLOT.right) / 2;
  return [
    `<circle cx="${x(at).toFixed(1)}" cy="${height.toFixed(1)}" r="5" class="${style}"/>`,
    text(
      x(at) + (isRight ? -10 : 10),
      height - 8,
      settingLabel,
      `${style} strong halo ${isRight ? "end" : ""}`,
    ),
  ];
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
const percent = (share: number) => `${Math.round(share * 100)} %`;

/** Text for XML: names are the program's, and may hold anything. */
export function escaped(text: string): string {
  // Control characters are not XML at all.
  const printable = text.replace(/[^\P{Cc}\t\n]|[\ufffe\uffff]/gu, "�");
  return printable.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Coordinates in a tenth of a pixel. */
const at = (value: number): string => String(Number(value.toFixed(1)));

export const text = (x: number, y: number, content: string, style: string): string =>
  `<text x="${at(x)}" y="${at(y)}" class="${style.trim()}">${escaped(content)}</text>`;

export const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${style}"/>`;

export const rectangle = (x: number, y: number, width: number, height: number, style: string): string =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" class="${style}"/>`;

export const polyline = (points: readonly (readonly [number, number])[], style: string): string =>
  `<polyline points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(" ")}" class="${style}"/>`;
