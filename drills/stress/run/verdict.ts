import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, InputError, isRecord, messageOf } from "../../../policies/kit/errors";
import { writeReport } from "../../../policies/reports/json";
import { type PhaseReport, voidReasons } from "../measure/phaseReport";
import type { BaselineComparison, LimitResult, PoolVerdict, StressReport } from "../report/stressReport";
import type { Objectives, StackUnderTest } from "../stackUnderTest";

/** What is said of one pool under load. */
export interface Verdict {
  readonly verdict: "holds" | "does not hold" | "void";
  readonly reasons: readonly string[];
}

/**
 * What is said of the whole command, and decides its exit code. An incident is passed although, and because, the pool of that
 * night does not hold.
 */
export type RunOutcome = Pick<StressReport, "outcome" | "reasons">;

/** Where nothing but the one pool was asked about. */
export function outcomeOfPool({ verdict, reasons }: Verdict): RunOutcome {
  return { outcome: verdict === "holds" ? "passed" : verdict === "void" ? "void" : "failed", reasons };
}

/** A search that ended without an answer is not a pass, whatever is known of the stack's own pool. */
export function withLimit(run: RunOutcome, limit: LimitResult | null): RunOutcome {
  const undecided = limit?.undecided;
  if (!undecided) return run;
  const reason = `the search for the limit ended at a pool of ${undecided.poolMax}: ${undecided.reasons.join("; ")}`;
  return { outcome: run.outcome === "failed" ? "failed" : "void", reasons: [...run.reasons, reason] };
}

/** A drill disturbs the load: what it does to a pool says nothing of its size. */
export function poolVerdict(
  report: PhaseReport,
  { stack }: { readonly stack: Pick<StackUnderTest, "objectives"> },
  run: StressReport["run"],
): PoolVerdict {
  if (run === "drills") return { poolVerdict: null, poolReasons: [] };
  const { verdict, reasons } = verdictOf(report, stack.objectives);
  return { poolVerdict: verdict, poolReasons: reasons };
}

/**
 * A measured pool against what its stack tolerates. Times that a machine at its limit has stretched say nothing of the
 * pool: where it was the bottleneck, missing them alone leaves the run without a verdict.
 */
export function verdictOf(report: PhaseReport, objectives: Objectives): Verdict {
  if (report.void) return { verdict: "void", reasons: voidReasons(report) };
  const failures = failureReasons(report, objectives);
  const times = timeReasons(report, objectives);
  if (failures.length > 0) return { verdict: "does not hold", reasons: [...failures, ...times] };
  if (times.length === 0) return { verdict: "holds", reasons: [] };
  if (report.bottlenecks.length === 0) return { verdict: "does not hold", reasons: times };
  return {
    verdict: "void",
    reasons: [...times, ...report.bottlenecks.map((reason) => `the machine is the bottleneck: ${reason}`)],
  };
}

function failureReasons({ measured, predicted }: PhaseReport, objectives: Objectives): string[] {
  const percent = (100 * (measured.attempted - measured.succeeded)) / measured.attempted;
  const wrong = measured.outcomes.wrong_answer ?? 0;
  const reasons: string[] = [];
  // A run without requests has no share that could be tolerated.
  if (!(percent <= objectives.toleratedFailurePercent)) {
    reasons.push(
      `${percent.toFixed(1)} % of requests failed, ${objectives.toleratedFailurePercent} % are tolerated; the model says ${(100 * predicted.failedShare).toFixed(1)} %`,
    );
  }
  if (wrong > 0) reasons.push(`${wrong} requests were answered wrongly`);
  return reasons;
}

function timeReasons({ measured }: PhaseReport, objectives: Objectives): string[] {
  const { toleratedLatencyMs, waitTargetMs, exceedance } = objectives;
  const { latencyMs, waitBeyondTarget: beyond } = measured;
  const reasons: string[] = [];
  if (!(latencyMs.p99 <= toleratedLatencyMs)) {
    reasons.push(
      `99 of 100 requests took up to ${Math.round(latencyMs.p99)} ms, ${toleratedLatencyMs} ms are tolerated`,
    );
  }
  // A share whose interval reaches down to what is allowed may be chance.
  if (!((beyond.low ?? beyond.mean) <= exceedance)) {
    reasons.push(
      `${(100 * beyond.mean).toFixed(1)} % of acquisitions waited longer than ${waitTargetMs} ms, ${100 * exceedance} % may`,
    );
  }
  return reasons;
}

type Ratios = { readonly [ratio: string]: number };

/** Ratios that were kept, by stack. */
type Baseline = { readonly [stack: string]: Ratios };

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
