import { ms, percent, withInterval } from "./numbers";
import type { StressReport } from "./stressReport";

/**
 * The model beside what was measured, a row a pool, in words: what every form of the report shows. The first row is
 * the head; a pool that was not run has empty cells where measurements would stand.
 */
export function modelTable({ table, phases, setup }: StressReport): readonly (readonly string[])[] {
  const head = [
    "pool",
    "ρ",
    `P(wait > ${setup.objectives.waitTargetMs} ms)`,
    "measured",
    "mean wait",
    "measured",
    "failing",
    "measured",
  ];
  const rows = table.map((predicted) => {
    const seen = phases.find(({ poolMax }) => poolMax === predicted.poolMax)?.measured;
    return [
      `${predicted.poolMax}${predicted.poolMax === setup.floor ? " (floor)" : ""}`,
      predicted.utilisation.toFixed(2),
      percent(predicted.waitBeyondTarget),
      seen ? withInterval(seen.waitBeyondTarget, percent) : "",
      predicted.meanWaitMs === undefined ? "grows" : ms(predicted.meanWaitMs),
      seen ? withInterval(seen.meanWaitMs, ms) : "",
      percent(predicted.failedShare),
      seen ? withInterval(seen.failedShare, percent) : "",
    ];
  });
  return [head, ...rows];
}
