import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../../policies/command/inputError";
import { writeReport } from "../../../policies/reports/json";
import { codeOf, LabError, messageOf } from "../labError";
import type { PhaseReport } from "../measure/phaseReport";
import type { BaselineComparison } from "../report/stressReport";

/** Ratios that were kept, by stack. */
export type Baseline = { readonly [stack: string]: { readonly [ratio: string]: number } };

export const BASELINE_FILE = join(__dirname, "..", "baseline.json");

/** How many times its baseline a ratio may be: machines differ, and a regression worth a red build is not subtle. */
const LIMIT = 1.5;

/**
 * What a run comes to as ratios of measured to predicted, which differ less from machine to machine than times do: latencies
 * over the declared hold that they are made of, and the hold itself over the declared one.
 */
export function ratiosOf(
  { measured, predicted }: PhaseReport,
  holdMs: number,
): { readonly [ratio: string]: number } {
  return {
    // A session check is one hold; the median of an exponential one is ln 2 of its mean, its 99th percentile ln 100.
    "median latency / predicted": measured.latencyMs.p50 / (Math.LN2 * holdMs),
    "p99 latency / predicted": measured.latencyMs.p99 / (Math.log(100) * holdMs + predicted.waitP99Ms),
    "hold / declared": measured.holdMs / holdMs,
  };
}

export function compare(
  kept: { readonly [ratio: string]: number } | undefined,
  now: { readonly [ratio: string]: number },
): BaselineComparison[] {
  return Object.entries(now).flatMap(([name, value]) => {
    const baseline = kept?.[name];
    if (baseline === undefined) return [];
    return [{ name, now: value, baseline, limit: LIMIT, within: value <= LIMIT * baseline }];
  });
}

/** @throws LabError when the file is not the JSON it should be. */
export function readBaseline(file: string = BASELINE_FILE): Baseline {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return {};
    throw new LabError(`the baseline ${file} cannot be read: ${messageOf(error)}`);
  }
  const isBaseline =
    isRecord(content) &&
    Object.values(content).every(
      (ratios) => isRecord(ratios) && Object.values(ratios).every((value) => typeof value === "number"),
    );
  if (!isBaseline) throw new LabError(`the baseline ${file} is not { stack: { ratio: number } }`);
  return content as Baseline;
}

/** Keeps a run's ratios as what the next ones are compared with. @throws LabError */
export function keepBaseline(
  stack: string,
  ratios: { readonly [ratio: string]: number },
  file: string = BASELINE_FILE,
): void {
  const rounded = Object.fromEntries(
    Object.entries(ratios).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  );
  const all = { ...readBaseline(file), [stack]: rounded };
  try {
    writeReport(file, `${JSON.stringify(all, null, 2)}\n`);
  } catch (error) {
    throw new LabError(`--update-baseline: ${file} cannot be written: ${messageOf(error)}`);
  }
}
