import type { ScenarioResult } from "../runScenario";
import { timelineOf } from "./timeline";

/** The report for machines. Minutes count from the first failure; `null` where there is nothing to count, or was nothing to pass. */
export function toJson(results: readonly ScenarioResult[]): string {
  return `${JSON.stringify({ schemaVersion: 1, scenarios: results.map(scenarioJson) }, null, 2)}\n`;
}

function scenarioJson(result: ScenarioResult) {
  const { scenario, judgement, differing } = result;
  const startsAt = new Date(scenario.trace.startsAt).getTime();
  const time = (seconds: number) => new Date(startsAt + seconds * 1000).toISOString();
  return {
    name: scenario.name,
    alarms: scenario.alarmsOf,
    judgedBy: judgement.judgedBy,
    // Where nothing was asked, nothing was passed.
    passed: judgement.judgedBy === "nothing" ? null : judgement.passed,
    firstFailure: judgement.firstFailureSeconds === undefined ? null : time(judgement.firstFailureSeconds),
    minutesToDetect: judgement.minutesToDetect ?? null,
    minutesToCause: judgement.minutesToCause ?? null,
    cause: judgement.cause ?? null,
    wrongCauses: judgement.wrongCauses,
    wentOff: judgement.wentOff,
    pages: judgement.pages.map(({ alarm }) => alarm),
    tickets: [...new Set(judgement.tickets.map(({ alarm }) => alarm))],
    blind: judgement.blind,
    alwaysInAlarm: judgement.alwaysInAlarm,
    problems: judgement.problems,
    unjudged: scenario.unjudged,
    dependsOn: differing,
    timeline: timelineOf(result).map(({ atSeconds, kind, text }) => ({ at: time(atSeconds), kind, text })),
  };
}
