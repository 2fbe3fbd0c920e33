import { cpus } from "node:os";
import { InputError } from "../../../policies/kit/errors";
import { findInstanceClass } from "../../../policies/model/instanceClasses";
import { costOf, PasswordHasher } from "../../../service/auth/passwordHash";
import { WorkSlots } from "../../../service/auth/workSlots";
import type { Trace } from "../../replay/trace";
import { runDrills } from "../drills/runDrills";
import { differences } from "../lab/fleet";
import { type PgbenchResult, runPgbench } from "../measure/pgbench";
import type { PhaseReport } from "../measure/phaseReport";
import type { HashingCost, LimitResult, PoolVerdict, Setup, StressReport } from "../report/stressReport";
import { type TracePart, traceOf } from "../trace";
import { type Incident, incidentOutcome, incidentResult, incidentToRehearse, namedCause } from "./incident";
import { findLimit, noLimit, poolsToCompare, predictedTable } from "./pools";
import {
  calibrate,
  comparisonSeconds,
  type MeasuredPhase,
  measure,
  mixOf,
  RAMP_TO,
  type Session,
  secondsOf,
  warmUpSeconds,
} from "./session";
import {
  compare,
  keepBaseline,
  outcomeOfPool,
  poolVerdict,
  type RunOutcome,
  ratiosOf,
  readBaseline,
  verdictOf,
  withBaseline,
  withLimit,
} from "./verdict";

/** What a command has come to. */
export interface StressRun {
  readonly report: StressReport;
  /** For `npm run replay`. */
  readonly trace: Trace;
}

/** Runs everything that the command was asked for. @throws InputError */
export async function stress(session: Session): Promise<StressRun> {
  await calibrate(session);
  if (session.options.drill !== undefined) return drilled(session);
  const incident = incidentToRehearse(session);
  return incident === undefined ? judged(session) : rehearsed(session, incident);
}

/** A stack's pool under its declared peak, and the pools around its floor. */
async function judged(session: Session): Promise<StressRun> {
  const { options, stack } = session;
  const ramp = options.smoke ? {} : { rampTo: RAMP_TO };
  const main = await measure(session, { poolMax: options.poolMax ?? stack.pool.poolMax, ...ramp });
  const others: MeasuredPhase[] = [];
  const search = (): Promise<LimitResult> => findLimit(session, (phase) => others.push(phase));
  const limit = !options.findLimit ? null : main.report.void ? noLimit(main) : await search();
  await compared(session, main, others);
  const baseline = baselineOf(session, main);
  const verdict = outcomeOfPool(verdictOf(main.report, stack.objectives));
  const judgedPool = withBaseline(verdict, main.report, baseline);
  const outcome = main.report.void ? judgedPool : withLimit(judgedPool, limit);
  const report = await assemble(session, outcome, [main, ...others], {
    limit,
    baseline,
    pgbench: await pgbench(session, [main, ...others]),
  });
  return { report, trace: traceFrom(session, [{ record: main.record, what: "the declared peak" }]) };
}

/** An incident: as it was, then the same load with the pool inside its window. */
async function rehearsed(session: Session, incident: Incident): Promise<StressRun> {
  const { stack, lab } = session;
  const outage = await measure(session, { poolMax: stack.pool.poolMax, label: "as it was" });
  const safe = await measure(session, {
    poolMax: stack.pool.floor ?? stack.pool.poolMax,
    label: "the safe pool",
  });
  const others = [safe];
  await compared(session, outage, others);
  const trace = traceFrom(session, [
    { record: safe.record, what: "the same load with a safe pool" },
    { record: outage.record, what: "the outage" },
  ]);
  const phases = {
    outage: outage.report,
    safe: safe.report,
    maxConnections: lab.facts.maxConnections,
    cpus: cpus().length,
    namedCause: await namedCause(trace, stack.stack, lab.folder),
  };
  const result = incidentResult(incident, phases);
  const report = await assemble(session, incidentOutcome(incident, result, phases), [outage, ...others], {
    incident: result,
    pgbench: await pgbench(session, [outage, ...others]),
  });
  return { report, trace };
}

/** Reliability drills alone: the outcome is theirs. */
async function drilled(session: Session): Promise<StressRun> {
  const phases: MeasuredPhase[] = [];
  const drills = await runDrills(session, session.options.drill ?? "all", (phase) => phases.push(phase));
  const [main] = phases;
  if (main === undefined) throw new InputError("none of the drills can be run with a database of your own");
  const failed = drills.filter(({ passed }) => !passed);
  const reasons = failed.map(({ name, reasons: why }) => `${name}: ${why.join("; ")}`);
  const outcome =
    failed.length === 0 ? "passed" : phases.some(({ report }) => report.void) ? "void" : "failed";
  const results: Results = { drills, pgbench: { ran: false, reason: "not part of the drills" } };
  const report = await assemble(session, { outcome, reasons }, phases, results);
  return {
    report,
    trace: traceFrom(session, [{ record: main.record, what: `the drill ${drills[0]?.name}` }]),
  };
}

/** Measures the pools to compare that have not been measured yet. */
async function compared(session: Session, main: MeasuredPhase, others: MeasuredPhase[]): Promise<void> {
  for (const poolMax of poolsToCompare(session)) {
    if ([main, ...others].some(({ report }) => report.poolMax === poolMax)) continue;
    others.push(await measure(session, { poolMax, seconds: comparisonSeconds(session.options) }));
  }
}

/** pgbench on the pool in which waits show most while it still carries the load. */
async function pgbench(session: Session, phases: readonly MeasuredPhase[]): Promise<PgbenchResult> {
  const { lab, scaled, stack, options, progress } = session;
  const seconds = comparisonSeconds(options);
  const carrying = phases
    .map(({ report }) => report.predicted)
    .filter(({ utilisation }) => utilisation < 1)
    .sort((a, b) => b.utilisation - a.utilisation)[0];
  if (carrying === undefined) return { ran: false, reason: "no pool that was measured carries the load" };
  progress.note(`pgbench with ${carrying.poolMax} connections, ${seconds} s`);
  return runPgbench({
    lab,
    seconds,
    seed: options.seed,
    poolMax: carrying.poolMax,
    rate: scaled.requestsPerSecondAndProcess * stack.demand.acquisitionsPerRequest,
    predictedWaitMs: carrying.meanWaitMs ?? null,
  });
}

/** Keeps the run's ratios if that was asked for; else holds them against the kept ones. */
function baselineOf({ options, stack, lab }: Session, { report }: MeasuredPhase): StressReport["baseline"] {
  const ratios = ratiosOf(report, lab.holds.meanMs);
  if (options.updateBaseline) keepBaseline(stack.stack, ratios);
  return compare(readBaseline()[stack.stack], ratios);
}

function traceFrom({ stack }: Session, parts: readonly TracePart[]): Trace {
  const [first] = parts;
  return traceOf({
    parts,
    declaredTasks: stack.demand.tasks,
    databaseVcpu: findInstanceClass(stack.database.instanceClass)?.vcpus ?? cpus().length,
    // To the minute, as CloudWatch's periods begin.
    startsAt: new Date(Math.floor((first?.record.fromMs ?? 0) / 60_000) * 60_000),
  });
}

/** What a mode of the command adds to its phases. */
type Results = Pick<StressReport, "pgbench"> &
  Partial<Pick<StressReport, "incident" | "limit" | "drills" | "baseline">>;

/**
 * The report of a command.
 * @param phases - Every pool that was measured; the first is the one that the command is about.
 */
async function assemble(
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
