import type { PhaseReport } from "../measure/phaseReport";
import type { PoolVerdict, StressReport } from "../report/stressReport";
import { predictedTable } from "./comparisonPools";
import { type MeasuredPhase, offeredLoad, type Session } from "./session";
import { hashingCost, setupOf } from "./setup";
import { type RunOutcome, verdictOf } from "./verdict";

/** What a mode of the command adds to its phases. */
export type Results = Pick<StressReport, "pgbench"> &
  Partial<Pick<StressReport, "incident" | "limit" | "drills" | "baseline">>;

/**
 * The report of a command.
 * @param phases - Every pool that was measured; the first is the one that the command is about.
 */
export async function assemble(
  session: Session,
  { outcome, reasons }: RunOutcome,
  phases: readonly MeasuredPhase[],
  results: Results,
): Promise<StressReport> {
  const { stack, scaled, lab } = session;
  const [main] = phases;
  if (main === undefined) throw new Error("a report needs at least one phase");
  const { measured, predicted, poolMax, tasks } = main.report;
  const run = results.drills !== undefined ? "drills" : results.incident ? "incident" : "pool";
  const said = (report: PhaseReport): PoolVerdict => poolVerdict(report, session, run);
  return {
    schemaVersion: 2,
    stack: stack.stack,
    run,
    outcome,
    reasons,
    pool: {
      poolMax,
      tasks,
      ...said(main.report),
      attempted: measured.attempted,
      succeeded: measured.succeeded,
      failedShare: measured.failedShare.mean,
      predictedFailedShare: predicted.failedShare,
      latencyMs: measured.latencyMs,
      waitMs: measured.waitMs,
      predictedWaitMs: { p99: predicted.waitP99Ms },
      outcomes: measured.outcomes,
      void: main.report.void,
    },
    setup: setupOf(session, poolMax, await hashingCost(session)),
    phases: phases.map(({ report }) => ({ ...report, ...said(report) })),
    table: predictedTable({
      offeredLoad: offeredLoad(session),
      ...stack.pool,
      requestsPerSecond: scaled.requestsPerSecondAndProcess,
      holdMs: lab.holds.meanMs,
      acquisitionsPerRequest: stack.demand.acquisitionsPerRequest,
      waitTargetMs: stack.objectives.waitTargetMs,
      acquireTimeoutMs: Number(stack.environment.DB_POOL_ACQUIRE_TIMEOUT_MS) || Number.POSITIVE_INFINITY,
      measured: phases.map(({ report }) => report.poolMax),
    }),
    incident: null,
    limit: null,
    drills: [],
    baseline: [],
    ...results,
  };
}

/** A drill disturbs the load: what it does to a pool says nothing of its size. */
export function poolVerdict(
  report: PhaseReport,
  { stack }: Pick<Session, "stack">,
  run: StressReport["run"],
): PoolVerdict {
  if (run === "drills") return { poolVerdict: null, poolReasons: [] };
  const { verdict, reasons } = verdictOf(report, stack.objectives);
  return { poolVerdict: verdict, poolReasons: reasons };
}
