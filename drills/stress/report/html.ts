import { chartHtml, type Line, type Stretch, timeTicks } from "../../../policies/kit/chart";
import { escapeXml, htmlPage, htmlTable, inlineCode, type Page } from "../../../policies/kit/markup";
import { count, number } from "../../../policies/kit/text";
import type { PhaseReport } from "../measure/phaseReport";
import { headline, modelTable, toText } from "./render";
import type { DrillReport, StressReport } from "./stressReport";

/**
 * The report as one page that needs nothing else: pictures inline, no script, nothing loaded.
 * @param facts - When, of which commit and on which machine.
 */
export function toHtml(report: StressReport, facts: Page["facts"]): string {
  const { setup, phases, pool } = report;
  return htmlPage({
    title: `stress: ${headline(report)}`,
    passed: report.outcome === "passed",
    facts: [
      ...facts,
      ["stack", report.stack],
      [
        "load",
        `${number(setup.requestsPerSecond)} requests/s over ${count(pool.tasks, "task")}, seed ${setup.seed}`,
      ],
      ["hold", `${setup.holdMs} ms on average`],
      ["database", `PostgreSQL ${setup.database.version}, max_connections ${setup.database.maxConnections}`],
    ],
    body: [
      ...report.reasons.map((reason) => `<p class="bad">${inlineCode(reason)}</p>`),
      `<h2>Model against measurement</h2>${htmlTable(modelTable(report))}`,
      latencies(phases),
      ...phases.map((phase, index) => overTime(phase, titleOf(report, index), stretchesOf(report, index))),
      `<h2>The whole report</h2><pre>${escapeXml(toText(report))}</pre>`,
    ],
  });
}

/** Drills run one phase each, in their order. */
function titleOf({ drills, phases }: StressReport, index: number): string {
  const drill = drills[index];
  if (drill !== undefined) return `Drill ${drill.name}: ${drill.what}`;
  return `Pool of ${phases[index]?.poolMax}${index === 0 ? ", run first" : ""}`;
}

function stretchesOf({ setup, phases, drills }: StressReport, index: number): readonly Stretch[] {
  const { warmUpSeconds: warm, seconds } = setup;
  const { timeline = [], ramp = null } = phases[index] ?? {};
  const drill = drills[index];
  return [
    { label: `warm-up, ${warm} s`, from: 0, to: warm },
    ...(ramp === null
      ? []
      : [{ label: `load beyond the peak, up to ${ramp.upTo} ×`, from: warm + seconds, to: timeline.length }]),
    ...(drill === undefined ? [] : [faultOf(drill)]),
  ];
}

const faultOf = ({ name, disturbed: { fromSecond: from, toSecond: to } }: DrillReport): Stretch => ({
  label: `fault (${name}), ${from} to ${to} s`,
  from,
  to,
});

/** Where on the axis a percentile lies: each nine takes as much room as the one before. */
const nines = (share: number): number => -Math.log10(Math.max(1e-4, 1 - share / 100));

function latencies(phases: readonly PhaseReport[]): string {
  const lines = phases.map(
    ({ poolMax, measured }, index): Line => ({
      label: `pool of ${poolMax}`,
      color: index % 6,
      points: measured.latencyCurve.map(({ percent: share, ms: y }) => ({ x: nines(share), y })),
    }),
  );
  return chartHtml({
    title: "Latency from the intended start of a request",
    unit: "ms",
    x: {
      from: 0,
      to: Math.max(nines(99.9), ...lines.flatMap(({ points }) => points.map(({ x }) => x))),
      ticks: [0, 50, 90, 99, 99.9].map((share) => ({ x: nines(share), text: String(share) })),
      label: "percentile",
    },
    lines,
  });
}

function overTime(
  { timeline, poolMax, tasks }: PhaseReport,
  title: string,
  stretches: readonly Stretch[],
): string {
  type Second = (typeof timeline)[number];
  const line = (label: string, color: number, of: (second: Second) => number | null): Line => ({
    label,
    color,
    points: timeline.map((second) => ({ x: second.second, y: of(second) })),
  });
  const x = {
    from: 0,
    to: timeline.length,
    ticks: timeTicks(timeline.length, (seconds) => `${seconds} s`),
  };
  const failure = timeline.find(({ failed }) => failed > 0);
  const marks =
    failure === undefined
      ? []
      : [{ label: `first failure, ${failure.second} s`, x: failure.second, color: 4 }];
  const chart = (name: string, unit: string, ...lines: readonly Line[]): string =>
    chartHtml({ title: name, unit, x, lines, stretches, marks });
  const limit = [0, timeline.length].map((at) => ({ x: at, y: poolMax * tasks }));
  return [
    `<h2>${escapeXml(title)}</h2>`,
    chart(
      "Requests",
      "requests/s",
      line("arrived", 0, ({ arrived }) => arrived),
      line("failed", 1, ({ failed }) => failed),
    ),
    chart(
      "The pools, all tasks together",
      "connections, requests",
      { label: `size of all pools: ${poolMax * tasks}`, color: 5, dashed: true, points: limit },
      line("connections in use", 2, ({ poolUsed }) => poolUsed),
      line("requests waiting", 1, ({ poolPending }) => poolPending),
    ),
    chart(
      "The database",
      "connections, sessions",
      line("connections", 0, ({ databaseConnections }) => databaseConnections),
      line("sessions at work", 3, ({ databaseActive }) => databaseActive),
    ),
    chart(
      "CPUs that the database keeps busy",
      "CPUs",
      line("busy", 2, ({ databaseCpus }) => databaseCpus),
    ),
  ].join("\n");
}
