import { junitXml } from "../../../policies/kit/junit";
import type { ScenarioResult } from "../run";
import { clockTime, type Trace } from "../trace";
import {
  countOf,
  type Entry,
  excludedAlarms,
  headOf,
  type Outcome,
  outcomeOf,
  ownerOf,
  type Pages,
  pagesOf,
  sentenceOf,
  tableRow,
  timelineOf,
} from "./summary";

/** Lines of a timeline that are shown; a fortnight has more than anyone reads. */
const MAX_TIMELINE_LINES = 48;
const WIDTH = 110;
const MAX_NAMES = 20;

const LABEL: { readonly [kind in Entry["kind"]]: string } = {
  event: "",
  failure: "",
  ALARM: "ALARM ",
  OK: "ok    ",
  PAGE: "PAGE  ",
  TICKET: "TICKET",
  over: "OVER  ",
};

const MARK: { readonly [outcome in Outcome]: string } = { passed: "✔", notPassed: "✖", replayed: "·" };

/** The report for a terminal: of each scenario who was paged and what it comes to, then its timeline; last of all a table. */
export function toText(results: readonly ScenarioResult[]): string {
  return [...results.map(scenarioText), ...notJudged(results), summary(results)].join("\n");
}

function notJudged(results: readonly ScenarioResult[]): readonly string[] {
  const alarms = excludedAlarms(results);
  if (alarms.length === 0) return [];
  const lines = alarms.flatMap((alarm) => [
    ...wrapped(sentenceOf(alarm), "  "),
    ...wrapped(`→ ${alarm.whatToDo}`, "    "),
  ]);
  const count = new Set(alarms.map(({ alarm }) => alarm)).size;
  return [`! not judged: ${count} alarm${count === 1 ? "" : "s"}\n${lines.join("\n")}\n`];
}

function scenarioText(result: ScenarioResult): string {
  const { scenario, verdict, differing } = result;
  const { trace } = scenario;
  const lines = [
    `${MARK[outcomeOf(result)]} ${scenario.name}  (alarms of ${ownerOf(scenario)})`,
    ...pageLines(pagesOf(result), trace),
    ...measures(result).map((line) => `  ${line}`),
    ...verdict.problems.map((problem) => `  ✖ ${problem}`),
    ...differing.map(
      ({ name, problems }) =>
        `  ! AWS does not document this, and the verdict depends on it: where ${name}, ${problems[0] ?? "other alarms page"}`,
    ),
    "",
    ...wrapped(scenario.about, "  "),
    "",
    ...timelineLines(timelineOf(result), trace),
  ];
  return `${lines.join("\n")}\n`;
}

/** Each page, with the words that the person on call reads. */
function pageLines({ shown, left }: Pages, trace: Trace): readonly string[] {
  const lines = shown.flatMap((page) =>
    line(clockTime(page.atSeconds, trace), LABEL.PAGE, headOf(page), page.more),
  );
  return left === 0 ? lines : [...lines, `  … and ${left} more alarms paged on-call`];
}

/** A moment, what happened, and what follows from it below. */
function line(time: string, label: string, text: string, more: readonly string[] = []): readonly string[] {
  const head = `  ${time.padEnd(5)} ${label === "" ? "" : `${label} `}`;
  const indent = " ".repeat(head.length);
  const [first = "", ...rest] = wrapped(text, indent);
  return [`${head}${first.trimStart()}`, ...rest, ...more.flatMap((one) => wrapped(one, indent))];
}

function timelineLines(entries: readonly Entry[], trace: Trace): readonly string[] {
  if (entries.length === 0) return ["  nothing happened"];
  // The words of a page stand above.
  const lines = entries.flatMap(({ atSeconds, kind, text, alarm }) =>
    line(clockTime(atSeconds, trace), LABEL[kind], kind === "PAGE" ? (alarm ?? text) : text),
  );
  const shown = lines.slice(0, MAX_TIMELINE_LINES);
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `  … ${left} more lines: --html draws all of it`];
}

/** Time to detect, time to the right cause, wrong causes, whether anyone was paged. */
function measures({ verdict, scenario }: ScenarioResult): readonly string[] {
  const { minutesToDetect, wrongCauses, pages, fired, blind, alwaysInAlarm } = verdict;
  const from = verdict.failed ? "the first failure" : "the beginning of the fault";
  return [
    ...(minutesToDetect === undefined ? [] : [`detected ${minutes(minutesToDetect)} after ${from}`]),
    ...causeLine(verdict, scenario.expected?.cause, from),
    ...(wrongCauses.length === 0 ? [] : [`wrong causes named: ${wrongCauses.join(", ")}`]),
    ...(pages.length === 0 ? ["paged no one"] : []),
    ...(verdict.judgedBy === "anySet" ? [`fired: ${firedLine(fired)}`] : []),
    ...(blind.length === 0 ? [] : [`never saw a datapoint: ${some(blind)}`]),
    ...(alwaysInAlarm.length === 0 ? [] : [`always in ALARM: ${some(alwaysInAlarm)}`]),
  ];
}

/** That other alarms name no cause is nothing against them: they may be called anything. */
function causeLine(
  { minutesToCause, cause, judgedBy }: ScenarioResult["verdict"],
  expected: string | undefined,
  from: string,
): readonly string[] {
  if (minutesToCause !== undefined)
    return [`named ${expected ?? cause} ${minutes(minutesToCause)} after ${from}`];
  if (cause !== undefined) return [`named ${cause}`];
  return judgedBy === "anySet" ? [] : ["no cause was named"];
}

function firedLine(fired: ScenarioResult["verdict"]["fired"]): string {
  if (fired.length === 0) return "none";
  return some(fired.map(({ alarm, times }) => (times === 1 ? alarm : `${alarm} (${times} times)`)));
}

/** An account has hundreds of alarms. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES);
  const left = names.length - shown.length;
  return left === 0 ? shown.join(", ") : `${shown.join(", ")} and ${left} more (all of them: --format json)`;
}

function minutes(count: number): string {
  const rounded = Math.round(count * 10) / 10;
  return `${rounded} minute${rounded === 1 ? "" : "s"}`;
}

function summary(results: readonly ScenarioResult[]): string {
  const rows = results.map((result) => [MARK[outcomeOf(result)], ...tableRow(result)]);
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

/** The report for machines. Minutes count from the first failure; `null` where there is nothing to count, or was nothing to pass. */
export function toJson(results: readonly ScenarioResult[]): string {
  return `${JSON.stringify({ schemaVersion: 1, scenarios: results.map(scenarioJson) }, null, 2)}\n`;
}

function scenarioJson(result: ScenarioResult) {
  const { scenario, verdict, differing } = result;
  const startsAt = Date.parse(scenario.trace.startsAt);
  const time = (seconds: number) => new Date(startsAt + seconds * 1000).toISOString();
  return {
    name: scenario.name,
    alarms: scenario.alarmsOf,
    judgedBy: verdict.judgedBy,
    // Where nothing was asked, nothing was passed.
    passed: verdict.judgedBy === "nothing" ? null : verdict.passed,
    firstFailure: verdict.firstFailureSeconds === undefined ? null : time(verdict.firstFailureSeconds),
    minutesToDetect: verdict.minutesToDetect ?? null,
    minutesToCause: verdict.minutesToCause ?? null,
    cause: verdict.cause ?? null,
    wrongCauses: verdict.wrongCauses,
    wentOff: verdict.fired,
    pages: verdict.pages.map(({ alarm }) => alarm),
    tickets: [...new Set(verdict.tickets.map(({ alarm }) => alarm))],
    blind: verdict.blind,
    alwaysInAlarm: verdict.alwaysInAlarm,
    problems: verdict.problems,
    unjudged: scenario.excluded,
    dependsOn: differing,
    timeline: timelineOf(result).map(({ atSeconds, kind, text }) => ({ at: time(atSeconds), kind, text })),
  };
}

/** The report as JUnit XML: a case for each scenario, and a skipped one for each alarm that was excluded. */
export function toJunit(results: readonly ScenarioResult[]): string {
  const cases = results.map((result) => ({
    name: result.scenario.name,
    failures: outcomeOf(result) === "notPassed" ? result.verdict.problems : [],
    skipped: outcomeOf(result) === "replayed" ? "nothing was expected of it" : undefined,
    seconds: result.seconds,
  }));
  const excluded = excludedAlarms(results).map((alarm) => ({
    name: alarm.alarm,
    skipped: `${sentenceOf(alarm)}; ${alarm.whatToDo}`,
  }));
  return junitXml("replay", [
    { name: "scenarios", cases },
    ...(excluded.length === 0 ? [] : [{ name: "alarms", cases: excluded }]),
  ]);
}
