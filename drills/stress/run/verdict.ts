import { type PhaseReport, voidReasons } from "../measure/phaseReport";
import type { LimitResult, PoolVerdict, StressReport } from "../report/stressReport";
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
