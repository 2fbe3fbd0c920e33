import type { Unjudged } from "../alarmSet";
import type { ScenarioResult } from "../runScenario";

/** An alarm that was left out, and where it was. */
export interface LeftOut extends Unjudged {
  /** Scenarios in which it could not be judged; empty where that was in all of them. */
  readonly scenarios: readonly string[];
}

/** Alarms that were left out, each once for each reason, whatever the number of scenarios. */
export function leftOut(results: readonly ScenarioResult[]): readonly LeftOut[] {
  const found = new Map<string, { readonly unjudged: Unjudged; readonly scenarios: string[] }>();
  for (const { scenario } of results) {
    for (const unjudged of scenario.unjudged) {
      const key = `${unjudged.alarm}\n${unjudged.why}`;
      const known = found.get(key) ?? { unjudged, scenarios: [] };
      known.scenarios.push(scenario.name);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ unjudged, scenarios }) => ({
    ...unjudged,
    scenarios: scenarios.length === results.length ? [] : scenarios,
  }));
}

/** What is wrong with it, and in which scenarios, in one sentence. */
export function sentenceOf({ alarm, why, scenarios }: LeftOut): string {
  const where = scenarios.length === 0 ? "" : ` (in ${scenarios.join(", ")})`;
  return `${alarm}: ${why}${where}`;
}
