import { cpus } from "node:os";
import { costOf, PasswordHasher } from "../../../service/auth/passwordHash";
import { WorkSlots } from "../../../service/auth/workSlots";
import type { PhaseReport } from "../measure/phaseReport";
import type { HashingCost, PoolVerdict, Setup, StressReport } from "../report/stressReport";
import { differences } from "../tasks/taskEnvironment";
import { predictedTable } from "./pools";
import { type MeasuredPhase, mixOf, type Session, secondsOf, warmUpSeconds } from "./session";
import { poolVerdict, type RunOutcome } from "./verdict";

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
  const [main] = phases;
  if (main === undefined) throw new Error("a report needs at least one phase");
  const { measured, predicted, poolMax, tasks } = main.report;
  const run = results.drills !== undefined ? "drills" : results.incident ? "incident" : "pool";
  const said = (report: PhaseReport): PoolVerdict => poolVerdict(report, session, run);
  return {
    schemaVersion: 2,
    stack: session.stack.stack,
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
    table: predictedTable(
      session,
      phases.map(({ report }) => report.poolMax),
    ),
    incident: null,
    limit: null,
    drills: [],
    baseline: [],
    ...results,
  };
}

/** What was run, and how far it is what would be deployed. */
function setupOf(session: Session, poolMax: number, hashing: HashingCost): Setup {
  const { stack, scaled, lab, options } = session;
  const { meanMs: holdMs } = lab.holds;
  return {
    requestsPerSecond: scaled.requestsPerSecond,
    declaredRequestsPerSecond: stack.demand.peakRequestsPerSecond,
    holdMs,
    acquisitionsPerRequest: stack.demand.acquisitionsPerRequest,
    loginShare: mixOf(session).loginShare,
    seed: options.seed,
    scale: scaled.scale,
    scaleReason: scaled.reason,
    warmUpSeconds: warmUpSeconds(stack, holdMs),
    seconds: secondsOf(options),
    floor: stack.pool.floor,
    ceiling: stack.pool.ceiling,
    objectives: stack.objectives,
    database: lab.facts,
    differences: differences(stack, poolMax),
    overheadMs: lab.holds.measuredOverheadMs,
    cpus: cpus().length,
    hashing,
  };
}

/** The service's own cost of a hash where the stack's environment says nothing else (`service/settings`). */
const DEFAULT_LOG2_N = 14;

/** vCPU that the logins of one task would keep busy with hashing at the deployed cost. */
async function hashingCost(session: Session): Promise<HashingCost> {
  const { demand, environment, taskVcpu } = session.stack;
  const log2N = Number(environment.SCRYPT_LOG2_N) || DEFAULT_LOG2_N;
  const cpuMs = await cpuMsPerHash(log2N);
  const loginsPerSecond = (demand.peakRequestsPerSecond / demand.tasks) * mixOf(session).loginShare;
  return { log2N, cpuMsPerHash: cpuMs, vcpuPerTask: (loginsPerSecond * cpuMs) / 1000, taskVcpu };
}

/** CPU time of one password hash, on this machine: what the threads used, whatever else wanted the CPUs. */
async function cpuMsPerHash(log2N: number): Promise<number> {
  const hasher = new PasswordHasher(costOf(log2N), new WorkSlots(1));
  await hasher.hash("warm-up");
  const before = process.cpuUsage();
  await hasher.hash("measured");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
