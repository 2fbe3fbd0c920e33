import type { ScenarioResult } from "../runScenario";
import { escaped } from "./escaped";

/** The report as JUnit XML: a test case for each scenario. */
export function toJunit(results: readonly ScenarioResult[]): string {
  const failures = results.filter(({ judgement }) => !judgement.passed).length;
  const cases = results.map(({ scenario, judgement }) => {
    const open = `  <testcase classname="replay" name="${escaped(scenario.name)}"`;
    if (judgement.passed) return `${open}/>`;
    const [first = "", ...rest] = judgement.problems;
    return [
      `${open}>`,
      `    <failure message="${escaped(first)}">${escaped([first, ...rest].join("\n"))}</failure>`,
      "  </testcase>",
    ].join("\n");
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="replay" tests="${results.length}" failures="${failures}" errors="0" skipped="0">`,
    ...cases,
    "</testsuite>",
    "",
  ].join("\n");
}
