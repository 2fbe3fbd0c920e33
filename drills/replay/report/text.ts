import { clockTime } from "../clock";
import type { ScenarioResult } from "../runScenario";
import { headOf, type Pages, pagesOf } from "./pages";
import { type Entry, timelineOf } from "./timeline";
import { leftOut, sentenceOf } from "./unjudged";
import { alarmsOf, countOf, type Verdict, verdictOf } from "./verdict";

/** Lines of a timeline that are shown; a fortnight has more than anyone reads. */
const LONGEST_TIMELINE = 48;
const WIDTH = 110;
const MOST_NAMES = 20;

const LABEL: { readonly [kind in Entry["kind"]]: string } = {
  event: "",
  failure: "",
  ALARM: "ALARM ",
  OK: "ok    ",
  PAGE: "PAGE  ",
  TICKET: "TICKET",
  over: "OVER  ",
};

const MARK: { readonly [verdict in Verdict]: string } = { passed: "✔", notPassed: "✖", replayed: "·" };

/** The report for a terminal: of each scenario who was woken and what it comes to, then its timeline; last of all a table. */
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
    `${MARK[verdictOf(result)]} ${scenario.name}  (alarms of ${alarmsOf(scenario)})`,
    ...pageLines(pagesOf(result), startsAt),
    ...measures(result).map((line) => `  ${line}`),
    ...judgement.problems.map((problem) => `  ✖ ${problem}`),
    ...differing.map(
      ({ name, problems }) =>
        `  ! AWS does not say, and the verdict hangs on it: where ${name}, ${problems[0] ?? "other alarms page"}`,
    ),
    "",
    ...wrapped(scenario.about, "  "),
    "",
    ...timelineLines(timelineOf(result), startsAt),
  ];
  return `${lines.join("\n")}\n`;
}

/** What wakes somebody, with the words that they read. */
function pageLines({ shown, left }: Pages, startsAt: Date): readonly string[] {
  const lines = shown.flatMap((page) =>
    line(clockTime(page.atSeconds, startsAt), LABEL.PAGE, headOf(page), page.more),
  );
  return left === 0 ? lines : [...lines, `  … and ${left} more alarms woke somebody`];
}

/** A moment, what happened, and what follows from it below. */
function line(time: string, label: string, text: string, more: readonly string[]): readonly string[] {
  const head = `  ${time.padEnd(5)} ${label === "" ? "" : `${label} `}`;
  const indent = " ".repeat(head.length);
  const [first = "", ...rest] = wrapped(text, indent);
  return [`${head}${first.trimStart()}`, ...rest, ...more.flatMap((one) => wrapped(one, indent))];
}

function timelineLines(entries: readonly Entry[], startsAt: Date): readonly string[] {
  if (entries.length === 0) return ["  nothing happened"];
  // The words of a page stand above.
  const lines = entries.flatMap(({ atSeconds, kind, text, alarm }) =>
    line(clockTime(atSeconds, startsAt), LABEL[kind], kind === "PAGE" ? (alarm ?? text) : text, []),
  );
  const shown = lines.slice(0, LONGEST_TIMELINE);
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `  … ${left} more lines: --html draws all of it`];
}

/** Time to detect, time to the right cause, wrong causes, who was woken. */
function measures({ judgement, scenario }: ScenarioResult): readonly string[] {
  const { minutesToDetect, wrongCauses, pages, wentOff, blind, alwaysInAlarm } = judgement;
  const from = judgement.failed ? "the first failure" : "the beginning of the fault";
  return [
    ...(minutesToDetect === undefined ? [] : [`detected ${minutes(minutesToDetect)} after ${from}`]),
    ...causeLine(judgement, scenario.expected?.cause, from),
    ...(wrongCauses.length === 0 ? [] : [`wrong causes named: ${wrongCauses.join(", ")}`]),
    ...(pages.length === 0 ? ["woke nobody"] : []),
    ...(judgement.judgedBy === "anySet" ? [`went off: ${wentOffLine(wentOff)}`] : []),
    ...(blind.length === 0 ? [] : [`never saw a datapoint: ${some(blind)}`]),
    ...(alwaysInAlarm.length === 0 ? [] : [`always in ALARM: ${some(alwaysInAlarm)}`]),
  ];
}

/** That somebody else's alarms name no cause is nothing against them: they may be called anything. */
function causeLine(
  { minutesToCause, cause, judgedBy }: ScenarioResult["judgement"],
  expected: string | undefined,
  from: string,
): readonly string[] {
  if (minutesToCause !== undefined)
    return [`named ${expected ?? cause} ${minutes(minutesToCause)} after ${from}`];
  if (cause !== undefined) return [`named ${cause}`];
  return judgedBy === "anySet" ? [] : ["no cause was named"];
}

function wentOffLine(wentOff: ScenarioResult["judgement"]["wentOff"]): string {
  if (wentOff.length === 0) return "none";
  return some(wentOff.map(({ alarm, times }) => (times === 1 ? alarm : `${alarm} (${times} times)`)));
}

/** An account has hundreds of alarms. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES);
  const left = names.length - shown.length;
  return left === 0 ? shown.join(", ") : `${shown.join(", ")} and ${left} more (all of them: --format json)`;
}

function minutes(count: number): string {
  const rounded = Math.round(count * 10) / 10;
  return `${rounded} minute${rounded === 1 ? "" : "s"}`;
}

function summary(results: readonly ScenarioResult[]): string {
  const marks = results.map((result) => MARK[verdictOf(result)]);
  const rows = results.map(({ scenario, judgement }, index) => [
    marks[index] ?? "",
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
  return `${lines.join("\n")}\n\n${countOf(results)} (minutes from the first failure)\n`;
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
