import type { ScenarioResult } from "../run";
import { escaped, excludedAlarms, outcomeOf, sentenceOf, timelineOf } from "./summary";

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

/** The report as JUnit XML: a test case for each scenario, a skipped one for each alarm that was excluded. */
export function toJunit(results: readonly ScenarioResult[]): string {
  const excluded = excludedAlarms(results);
  const count = (outcome: string) => results.filter((result) => outcomeOf(result) === outcome).length;
  const skipped = excluded.length + count("replayed");
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="replay" tests="${results.length + excluded.length}" failures="${count("notPassed")}" errors="0" skipped="${skipped}">`,
    ...results.map((result) => testCase("replay", result.scenario.name, bodyOf(result))),
    ...excluded.map((alarm) =>
      testCase("replay.alarms", alarm.alarm, skippedFor(`${sentenceOf(alarm)}; ${alarm.whatToDo}`)),
    ),
    "</testsuite>",
    "",
  ].join("\n");
}

function bodyOf(result: ScenarioResult): string {
  const outcome = outcomeOf(result);
  if (outcome === "passed") return "";
  if (outcome === "replayed") return skippedFor("nothing was expected of it");
  const { problems } = result.verdict;
  return `<failure message="${escaped(problems[0] ?? "")}">${escaped(problems.join("\n"))}</failure>`;
}

function skippedFor(reason: string): string {
  return `<skipped message="${escaped(reason)}"/>`;
}

function testCase(group: string, name: string, body: string): string {
  const open = `  <testcase classname="${group}" name="${escaped(name)}"`;
  return body === "" ? `${open}/>` : [`${open}>`, `    ${body}`, "  </testcase>"].join("\n");
}
