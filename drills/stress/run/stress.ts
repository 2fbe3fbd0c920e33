import { cpus } from "node:os";
import type { Options } from "../commandLine";
import { incidentOf } from "../incidents";
import type { Lab } from "../lab";
import type { StressReport } from "../report/stressReport";
import { scaleDemand } from "../settings/scale";
import type { StackUnderTest } from "../settings/stackUnderTest";
import { comparisonPools, predictedTable } from "./comparisonPools";
import { findLimit } from "./findLimit";
import { incidentResult, incidentVerdict } from "./incidentDrill";
import { Progress } from "./progress";
import { calibrate, type MeasuredPhase, measure, type Session } from "./session";
import { hashingCost, setupOf } from "./setup";
import { type Verdict, verdictOf } from "./verdict";

/** Steady load where none is asked for, in seconds. */
const SECONDS = 30;
const SMOKE_SECONDS = 15;
/** How far beyond the peak the load grows once it has been measured. */
const RAMP_TO = 1.5;

/** A report with the phases it was made from, for whatever is written beside it. */
export interface StressRun {
  readonly report: StressReport;
  /** The verdict's own phase; of a rehearsed incident, the outage. */
  readonly main: MeasuredPhase;
}

export function sessionOf(
  options: Options,
  declared: StackUnderTest,
  lab: Lab,
  say: (line: string) => void,
): Session {
  const demand = {
    ...declared.demand,
    peakRequestsPerSecond: options.rate ?? declared.demand.peakRequestsPerSecond,
  };
  return {
    options,
    stack: { ...declared, demand },
    scaled: scaleDemand(demand, options.scale, cpus().length),
    lab,
    progress: new Progress(say),
    seconds: options.durationSeconds ?? (options.smoke ? SMOKE_SECONDS : SECONDS),
  };
}

/** Runs everything that the command was asked for. @throws LabError */
export async function stress(session: Session): Promise<StressRun> {
  const { options, stack } = session;
  await calibrate(session);
  const poolMax = options.poolMax ?? stack.pool.poolMax;
  const main = await measure(session, { poolMax, ...(options.smoke ? {} : { rampTo: RAMP_TO }) });
  const others: MeasuredPhase[] = [];
  const incident = options.poolMax === undefined ? incidentOf(stack.stack) : undefined;
  const safe =
    incident === undefined
      ? undefined
      : await measure(session, { poolMax: stack.pool.floor ?? poolMax, label: "the safe pool" });
  if (safe !== undefined) others.push(safe);
  const limit = options.findLimit ? await findLimit(session, (phase) => others.push(phase)) : null;
  for (const pool of poolsToCompare(session)) {
    if ([main, ...others].some(({ report }) => report.poolMax === pool)) continue;
    others.push(await measure(session, { poolMax: pool }));
  }
  const result =
    incident === undefined || safe === undefined
      ? undefined
      : incidentResult(incident, {
          outage: main.report,
          safe: safe.report,
          maxConnections: session.lab.facts.maxConnections,
          cpus: cpus().length,
          namedCause: null,
        });
  const verdict =
    incident === undefined || result === undefined || safe === undefined
      ? verdictOf(main.report, stack.objectives)
      : incidentVerdict(incident, result, { outage: main.report, safe: safe.report });
  const report = await assemble(session, verdict, main, others, { incident: result ?? null, limit });
  return { report, main };
}

/** Pools beside the stack's own: as asked for, none for a short run, else around the floor. */
function poolsToCompare(session: Session): readonly number[] {
  const { options, stack } = session;
  if (options.pools !== undefined) return options.pools;
  if (options.smoke || options.findLimit) return [];
  return comparisonPools({ offeredLoad: offeredLoad(session), ...stack.pool });
}

const offeredLoad = ({ scaled, stack, lab }: Session): number =>
  (scaled.requestsPerSecondAndProcess * stack.demand.acquisitionsPerRequest * lab.holds.meanMs) / 1000;

async function assemble(
  session: Session,
  { verdict, reasons }: Verdict,
  main: MeasuredPhase,
  others: readonly MeasuredPhase[],
  results: Pick<StressReport, "incident" | "limit">,
): Promise<StressReport> {
  const { stack, scaled, lab } = session;
  const { measured, predicted } = main.report;
  const phases = [main, ...others].map(({ report }) => report);
  return {
    schemaVersion: 1,
    stack: stack.stack,
    verdict,
    reasons,
    poolMax: main.report.poolMax,
    tasks: main.report.tasks,
    attempted: measured.attempted,
    succeeded: measured.succeeded,
    failedShare: measured.failedShare.mean,
    predictedFailedShare: predicted.failedShare,
    latencyMs: measured.latencyMs,
    waitMs: measured.waitMs,
    predictedWaitMs: { p99: predicted.waitP99Ms },
    outcomes: measured.outcomes,
    void: main.report.void,
    setup: setupOf(session, main.report.poolMax, await hashingCost(session)),
    phases,
    table: predictedTable({
      offeredLoad: offeredLoad(session),
      ...stack.pool,
      requestsPerSecond: scaled.requestsPerSecondAndProcess,
      holdMs: lab.holds.meanMs,
      acquisitionsPerRequest: stack.demand.acquisitionsPerRequest,
      waitTargetMs: stack.objectives.waitTargetMs,
      acquireTimeoutMs: Number(stack.environment.DB_POOL_ACQUIRE_TIMEOUT_MS) || Number.POSITIVE_INFINITY,
      measured: phases.map(({ poolMax }) => poolMax),
    }),
    ...results,
    drills: [],
    pgbench: { ran: false, reason: "not asked" },
    baseline: [],
  };
}
