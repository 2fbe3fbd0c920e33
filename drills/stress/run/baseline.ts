import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../../policies/command/inputError";
import { codeOf, InputError, messageOf } from "../../../policies/kit/errors";
import { writeReport } from "../../../policies/reports/json";
import type { PhaseReport } from "../measure/phaseReport";
import type { BaselineComparison } from "../report/stressReport";
import type { RunOutcome } from "./verdict";

export type Ratios = { readonly [ratio: string]: number };

/** Ratios that were kept, by stack. */
export type Baseline = { readonly [stack: string]: Ratios };

const BASELINE_FILE = join(__dirname, "..", "baseline.json");

/** How many times its baseline a ratio may be: machines differ, and a regression worth a red build is not subtle. */
const LIMIT = 1.5;

/**
 * What a run comes to as ratios of measured to predicted, which differ less from machine to machine than times do: latencies
 * over the declared hold that they are made of, and the hold itself over the declared one.
 */
export function ratiosOf({ measured, predicted }: PhaseReport, holdMs: number): Ratios {
  return {
    // A session check is one hold; the median of an exponential one is ln 2 of its mean, its 99th percentile ln 100.
    "median latency / predicted": measured.latencyMs.p50 / (Math.LN2 * holdMs),
    "p99 latency / predicted": measured.latencyMs.p99 / (Math.log(100) * holdMs + predicted.waitP99Ms),
    "hold / declared": measured.holdMs / holdMs,
  };
}

export function compare(kept: Ratios | undefined, now: Ratios): BaselineComparison[] {
  return Object.entries(now).flatMap(([name, value]) => {
    const baseline = kept?.[name];
    if (baseline === undefined) return [];
    return [{ name, now: value, baseline, limit: LIMIT, within: value <= LIMIT * baseline }];
  });
}

/** Slower than it was, on a machine that was not the reason. */
export function withBaseline(
  run: RunOutcome,
  { bottlenecks }: Pick<PhaseReport, "bottlenecks">,
  baseline: readonly BaselineComparison[],
): RunOutcome {
  const slower = baseline.filter(({ within }) => !within);
  if (run.outcome !== "passed" || slower.length === 0 || bottlenecks.length > 0) return run;
  return {
    outcome: "failed",
    reasons: slower.map(
      ({ name, now, baseline: kept, limit }) =>
        `${name} is ${now.toFixed(2)}, more than ${limit} × the baseline of ${kept.toFixed(2)} (drills/stress/baseline.json)`,
    ),
  };
}

/** @throws InputError when the file is not the JSON it should be. */
export function readBaseline(file: string = BASELINE_FILE): Baseline {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return {};
    throw new InputError(`the baseline ${file} cannot be read: ${messageOf(error)}`);
  }
  const isBaseline =
    isRecord(content) &&
    Object.values(content).every(
      (ratios) => isRecord(ratios) && Object.values(ratios).every((value) => typeof value === "number"),
    );
  if (!isBaseline) throw new InputError(`the baseline ${file} is not { stack: { ratio: number } }`);
  return content as Baseline;
}

/** Keeps a run's ratios as what the next ones are compared with. @throws InputError */
export function keepBaseline(stack: string, ratios: Ratios, file: string = BASELINE_FILE): void {
  const rounded = Object.fromEntries(
    Object.entries(ratios).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  );
  const all = { ...readBaseline(file), [stack]: rounded };
  try {
    writeReport(file, `${JSON.stringify(all, null, 2)}\n`);
  } catch (error) {
    throw new InputError(`--update-baseline: ${file} cannot be written: ${messageOf(error)}`);
  }
}
