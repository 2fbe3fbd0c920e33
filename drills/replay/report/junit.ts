import type { ScenarioResult } from "../runScenario";
import { escaped } from "./escaped";
import { leftOut, sentenceOf } from "./unjudged";
import { verdictOf } from "./verdict";

/** The report as JUnit XML: a test case for each scenario, a skipped one for each alarm that was not judged. */
export function toJunit(results: readonly ScenarioResult[]): string {
  const failures = results.filter((result) => verdictOf(result) === "notPassed").length;
  const cases = results.map((result) => {
    const { scenario, judgement } = result;
    const open = `  <testcase classname="replay" name="${escaped(scenario.name)}"`;
    if (verdictOf(result) === "passed") return `${open}/>`;
    if (verdictOf(result) === "replayed")
      return [`${open}>`, `    <skipped message="nothing was expected of it"/>`, "  </testcase>"].join("\n");
    const [first = "", ...rest] = judgement.problems;
    return [
      `${open}>`,
      `    <failure message="${escaped(first)}">${escaped([first, ...rest].join("\n"))}</failure>`,
      "  </testcase>",
    ].join("\n");
  });
  const skipped = leftOut(results).map((alarm) =>
    [
      `  <testcase classname="replay.alarms" name="${escaped(alarm.alarm)}">`,
      `    <skipped message="${escaped(`${sentenceOf(alarm)}; ${alarm.whatToDo}`)}"/>`,
      "  </testcase>",
    ].join("\n"),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="replay" tests="${results.length + skipped.length}" failures="${failures}" errors="0" skipped="${skipped.length + results.filter((result) => verdictOf(result) === "replayed").length}">`,
    ...cases,
    ...skipped,
    "</testsuite>",
    "",
  ].join("\n");
}
