import { junitXml } from "../../../policies/kit/junit";
import { columns } from "../../../policies/kit/text";
import type { Format } from "../commandLine";
import { type Deployed, TIMES_FASTER } from "../drills/drained";
import {
  contradiction,
  type ExperimentReport,
  LOADS,
  measuredText,
  predictedText,
  type Row,
  titleOf,
  unitOf,
  WARM_UP_SECONDS,
} from "../drills/experiments";
import { percent, rounded } from "./render";

export function renderExperiment(report: ExperimentReport, format: Format, seconds = 0): string {
  if (format === "text") return toText(report);
  if (format === "json") return `${JSON.stringify(report, rounded, 2)}\n`;
  const cases = report.rows.map((row) => ({
    name: titleOf(row),
    seconds: seconds / report.rows.length,
    ...(row.verdict === "void"
      ? { skipped: `not judged: ${row.voidReasons.join("; ")}` }
      : { failures: row.verdict === "outside" ? [contradiction(row)] : [] }),
  }));
  return junitXml("stress", [{ name: `experiment ${report.experiment}`, cases }]);
}

const HEADLINES = {
  passed: ["✔", "everything measured is as predicted"],
  failed: ["✖", "the model and the measurement disagree"],
  void: ["∅", "no verdict, a run is void"],
} as const;

function toText(report: ExperimentReport): string {
  const { experiment, outcome, reasons, seconds, seeds, postgres, rows } = report;
  const [mark, what] = HEADLINES[outcome];
  const isNested = experiment === "nested";
  const isDrained = experiment === "drained";
  const lines = [
    `${mark} ${experiment}: ${what}`,
    ...reasons.map((reason) => `  ${reason}`),
    "",
    LOADS[experiment],
    isDrained
      ? `node-postgres on PostgreSQL ${postgres}, a process for each task, ${TIMES_FASTER} times as fast, seeds ${seeds.join(", ")}`
      : `node-postgres on PostgreSQL ${postgres}, ${seconds} s after ${WARM_UP_SECONDS} s of warm-up, seeds ${seeds.join(", ")}`,
    "",
    ...columns([
      [
        "",
        "pool",
        ...(isNested ? ["safe from"] : []),
        "predicted",
        "measured",
        "by seed",
        ...(isDrained ? ["off by"] : []),
        "",
      ],
      ...rows.map((row) => [
        row.name,
        String(row.poolMax),
        ...(isNested ? [String(row.safeSize)] : []),
        predictedText(row),
        measuredText(row),
        row.bySeed.map(unitOf(row)).join(", "),
        ...(isDrained ? [offBy(row)] : []),
        row.verdict,
      ]),
    ]),
    ...(isDrained ? ["", ...overTime(rows)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** How far the peak that is farthest from the predicted one is off. */
function offBy({ bySeed, predicted: { high } }: Row): string {
  const worst = bySeed.reduce((most, each) => (Math.abs(each - high) > Math.abs(most - high) ? each : most));
  return worst === high ? "0" : `${worst - high} (${percent(Math.abs(worst / high - 1))})`;
}

/** Connections at one moment of each minute of the deployed service, for the first seed. */
const overTime = (rows: readonly Row[]): readonly string[] => [
  "connections of stopped and old + new tasks, every 60 s of the deployed service:",
  ...rows.flatMap((row) => [`  ${row.name}`, `    ${everyMinute(row.samples ?? []).join("  ")}`]),
];

function everyMinute(samples: Deployed["samples"]): readonly string[] {
  const minuteMs = 60_000 / TIMES_FASTER;
  const minutes = Math.ceil((samples.at(-1)?.atMs ?? 0) / minuteMs);
  return Array.from({ length: minutes }, (_, minute) => {
    // In the middle: what changes on the minute has then happened.
    const at = samples.find(({ atMs }) => atMs >= (minute + 0.5) * minuteMs) ?? samples.at(-1);
    return at === undefined ? "" : `${at.old}+${at.new}`;
  });
}
