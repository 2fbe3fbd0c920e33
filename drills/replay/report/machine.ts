import { junitXml } from "../../../policies/kit/junit";
import type { ScenarioResult } from "../run";
import { excludedAlarms, outcomeOf, sentenceOf, timelineOf } from "./summary";

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
