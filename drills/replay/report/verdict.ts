import type { ReadyScenario, ScenarioResult } from "../runScenario";

/** What can come of a scenario: a trace on which nothing was expected is neither passed nor failed. */
export type Verdict = "passed" | "notPassed" | "replayed";

export function verdictOf({ judgement }: ScenarioResult): Verdict {
  if (judgement.judgedBy === "nothing") return "replayed";
  return judgement.passed ? "passed" : "notPassed";
}

/** Whose alarms these are: `the stack prod`, `alarms.json`. */
export function alarmsOf({ alarmsOf: of }: ReadyScenario): string {
  return "stack" in of ? `the stack ${of.stack}` : of.file;
}

/** What the scenarios come to together. */
export function countOf(results: readonly ScenarioResult[]): string {
  const verdicts = results.map(verdictOf);
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  const judged = results.length - count("replayed");
  const failed = count("notPassed");
  return [
    ...(judged === 0
      ? []
      : [failed === 0 ? `${judged} of ${judged} passed` : `${failed} of ${judged} did not pass`]),
    ...(count("replayed") === 0
      ? []
      : [`${count("replayed")} replayed without anything expected, so neither passed nor failed`]),
  ].join("; ");
}
