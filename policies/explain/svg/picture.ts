import { escaped } from "./elements";
import { CHART_HEIGHT, CHART_WIDTH, chartInWords, type PoolChart, poolChart } from "./poolChart";

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
