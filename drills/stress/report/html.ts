import { chartSvg, type Line } from "../../../policies/kit/chart";
import { escapeXml, htmlPage, htmlTable } from "../../../policies/kit/markup";
import type { PhaseReport } from "../measure/phaseReport";
import type { StressReport } from "./stressReport";
import { headline, modelTable, toText } from "./text";

const COLORS = ["#c0392b", "#2471a3", "#1e8449", "#9a7d0a", "#7d3c98", "#566573"];

/** The report as one page that needs nothing else: pictures inline, no script, nothing loaded. */
export function toHtml(report: StressReport): string {
  const title = escapeXml(headline(report));
  return htmlPage({
    title: `stress: ${title}`,
    style: STYLE,
    body: [
      `<h1 class="${report.outcome === "passed" ? "good" : "bad"}">${title}</h1>`,
      ...report.reasons.map((reason) => `<p class="bad">${escapeXml(reason)}</p>`),
      `<h2>Model against measurement</h2>${htmlTable(modelTable(report), escapeXml)}`,
      latencies(report.phases),
      ...report.phases.map((phase, index) => overTime(phase, index === 0)),
      `<h2>The whole report</h2><pre>${escapeXml(toText(report))}</pre>`,
    ],
  });
}

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
h1.good { color: #1e8449 } .bad { color: #c0392b }
table { border-collapse: collapse } td, th { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right } th:first-child, td:first-child { text-align: left }
figure { margin: 1.5em 0 } figcaption { font-weight: 600; margin-bottom: .3em }
svg { width: 100%; max-width: 760px; background: #fafafa } svg text { font: 11px system-ui, sans-serif; fill: #333 } svg .grid { stroke: #e2e2e2 } svg path { fill: none; stroke-width: 1.8 }
pre { background: #f6f6f6; padding: 1em; overflow-x: auto; font-size: 12px }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } svg { background: #202020 } svg text { fill: #ccc } svg .grid { stroke: #383838 } pre { background: #202020 } td, th { border-color: #383838 } }
`;

/** Where on the axis a percentile lies: each nine takes as much room as the one before. */
const nines = (share: number): number => -Math.log10(Math.max(1e-4, 1 - share / 100));

function latencies(phases: readonly PhaseReport[]): string {
  const lines = phases.map(
    ({ poolMax, measured }, index): Line => ({
      label: `pool of ${poolMax}`,
      color: COLORS[index % COLORS.length] ?? "#000",
      points: measured.latencyCurve.map(({ percent: share, ms: y }) => ({ x: nines(share), y })),
    }),
  );
  return chartSvg({
    title: "Latency from the intended start of a request",
    xLabel: "percentile",
    yLabel: "ms",
    lines,
    xTicks: [0, 50, 90, 99, 99.9].map((share) => ({ x: nines(share), text: String(share) })),
  });
}

function overTime({ timeline, poolMax, tasks }: PhaseReport, isFirst: boolean): string {
  type Second = (typeof timeline)[number];
  const line = (label: string, color: string, of: (second: Second) => number | null): Line => ({
    label,
    color,
    points: timeline.map((second) => ({ x: second.second, y: of(second) })),
  });
  const chart = (title: string, ...lines: readonly Line[]): string =>
    chartSvg({ title, xLabel: "seconds", yLabel: "", lines });
  const limit = [0, timeline.length].map((x) => ({ x, y: poolMax * tasks }));
  return [
    `<h2>Pool of ${poolMax}${isFirst ? ", run first" : ""}</h2>`,
    chart(
      "Requests a second",
      line("arrived", "#2471a3", ({ arrived }) => arrived),
      line("failed", "#c0392b", ({ failed }) => failed),
    ),
    chart(
      "The pools, all tasks together",
      { label: "pools together", color: "#999", dashed: true, points: limit },
      line("connections in use", "#1e8449", ({ poolUsed }) => poolUsed),
      line("requests waiting", "#c0392b", ({ poolPending }) => poolPending),
    ),
    chart(
      "The database",
      line("connections", "#2471a3", ({ databaseConnections }) => databaseConnections),
      line("sessions at work", "#9a7d0a", ({ databaseActive }) => databaseActive),
      line("CPUs busy", "#7d3c98", ({ databaseCpus }) => databaseCpus),
    ),
  ].join("\n");
}
