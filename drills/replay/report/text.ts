import { clockTime } from "../clock";
import type { ScenarioResult } from "../runScenario";
import { type Entry, timelineOf } from "./timeline";
import { leftOut, sentenceOf } from "./unjudged";

/** Lines of a timeline that are shown; a fortnight has more than anyone reads. */
const LONGEST_TIMELINE = 48;
const WIDTH = 110;

const LABEL: { readonly [kind in Entry["kind"]]: string } = {
  event: "",
  failure: "",
  ALARM: "ALARM ",
  OK: "ok    ",
  PAGE: "PAGE  ",
  TICKET: "TICKET",
  over: "OVER  ",
};

/** The report for a terminal: of each scenario its timeline, then what it comes to; last of all a table. */
export function toText(results: readonly ScenarioResult[]): string {
  return [...results.map(scenarioText), ...notJudged(results), summary(results)].join("\n");
}

function notJudged(results: readonly ScenarioResult[]): readonly string[] {
  const alarms = leftOut(results);
  if (alarms.length === 0) return [];
  const lines = alarms.flatMap((alarm) => [
    ...wrapped(sentenceOf(alarm), "  "),
    ...wrapped(`→ ${alarm.whatToDo}`, "    "),
  ]);
  const count = new Set(alarms.map(({ alarm }) => alarm)).size;
  return [`! not judged: ${count} alarm${count === 1 ? "" : "s"}\n${lines.join("\n")}\n`];
}

function scenarioText(result: ScenarioResult): string {
  const { scenario, judgement, differing } = result;
  const startsAt = new Date(scenario.trace.startsAt);
  const lines = [
    `${judgement.passed ? "✔" : "✖"} ${scenario.name}  (alarms of ${scenario.stack})`,
    ...wrapped(scenario.about, "  "),
    "",
    ...timelineLines(timelineOf(result), startsAt),
    "",
    ...measures(result).map((line) => `  ${line}`),
    ...judgement.problems.map((problem) => `  ✖ ${problem}`),
    ...differing.map(
      ({ name, problems }) =>
        `  ! AWS does not say, and the verdict hangs on it: where ${name}, ${problems[0] ?? "other alarms page"}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function timelineLines(entries: readonly Entry[], startsAt: Date): readonly string[] {
  if (entries.length === 0) return ["  nothing happened"];
  const lines = entries.flatMap(({ atSeconds, kind, text, more }) => {
    const time = clockTime(atSeconds, startsAt).padEnd(5);
    const label = LABEL[kind] === "" ? "" : `${LABEL[kind]} `;
    const indent = " ".repeat(time.length + label.length + 3);
    const [first = "", ...rest] = wrapped(`${text}`, indent);
    return [
      `  ${time} ${label}${first.trimStart()}`,
      ...rest,
      ...more.flatMap((line) => wrapped(line, indent)),
    ];
  });
  const shown = lines.slice(0, LONGEST_TIMELINE);
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `  … ${left} more lines: --html draws all of it`];
}

/** Time to detect, time to the right cause, wrong causes, who was woken. */
function measures({ judgement, scenario }: ScenarioResult): readonly string[] {
  const { minutesToDetect, minutesToCause, cause, wrongCauses, pages, blind, alwaysInAlarm } = judgement;
  const from = judgement.failed ? "the first failure" : "the beginning of the fault";
  return [
    ...(minutesToDetect === undefined ? [] : [`detected ${minutes(minutesToDetect)} after ${from}`]),
    ...(minutesToCause === undefined
      ? [cause === undefined ? "no cause was named" : `named ${cause}`]
      : [`named ${scenario.expected?.cause ?? cause} ${minutes(minutesToCause)} after ${from}`]),
    ...(wrongCauses.length === 0 ? [] : [`wrong causes named: ${wrongCauses.join(", ")}`]),
    pages.length === 0 ? "woke nobody" : `pages: ${pages.map(({ alarm }) => alarm).join(", ")}`.slice(0, 400),
    ...(blind.length === 0 ? [] : [`never saw a datapoint: ${blind.join(", ")}`]),
    ...(alwaysInAlarm.length === 0 ? [] : [`always in ALARM: ${alwaysInAlarm.join(", ")}`]),
  ];
}

function minutes(count: number): string {
  const rounded = Math.round(count * 10) / 10;
  return `${rounded} minute${rounded === 1 ? "" : "s"}`;
}

function summary(results: readonly ScenarioResult[]): string {
  const rows = results.map(({ scenario, judgement }) => [
    judgement.passed ? "✔" : "✖",
    scenario.name,
    judgement.minutesToDetect === undefined ? "–" : String(Math.round(judgement.minutesToDetect * 10) / 10),
    judgement.minutesToCause === undefined ? "–" : String(Math.round(judgement.minutesToCause * 10) / 10),
    judgement.cause ?? "–",
    judgement.wrongCauses.length === 0 ? "–" : judgement.wrongCauses.join(", "),
    String(judgement.pages.length),
  ]);
  const table = [["", "scenario", "detected", "cause after", "cause", "wrong causes", "pages"], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length))) ?? [];
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const failed = results.filter(({ judgement }) => !judgement.passed).length;
  const verdict =
    failed === 0
      ? `${results.length} of ${results.length} passed`
      : `${failed} of ${results.length} did not pass`;
  return `${lines.join("\n")}\n\n${verdict} (minutes from the first failure)\n`;
}

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/)) {
    if (line.trim() !== "" && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
