import { cpus } from "node:os";
import { findInstanceClass } from "../../../policies/model/instanceClasses";
import type { Trace } from "../../replay/trace";
import { type IncidentDrill, incidentToRehearse } from "../incidents";
import { LabError } from "../labError";
import { runPgbench } from "../measure/pgbench";
import { runDrills } from "../reliability/runDrills";
import type { PgbenchResult, StressReport } from "../report/stressReport";
import { type TracePart, traceOf } from "../trace/trace";
import { assemble, type Results } from "./assemble";
import { compare, keepBaseline, ratiosOf, readBaseline } from "./baseline";
import { poolsToCompare } from "./comparisonPools";
import { findLimit } from "./findLimit";
import { incidentOutcome, incidentResult } from "./incidentDrill";
import { namedCause } from "./namedCause";
import {
  besideSeconds,
  calibrate,
  type MeasuredPhase,
  measure,
  offeredLoad,
  RAMP_TO,
  type Session,
} from "./session";
import { outcomeOfPool, type RunOutcome, verdictOf } from "./verdict";

/** What a command has come to. */
export interface StressRun {
  readonly report: StressReport;
  /** For `npm run replay`. */
  readonly trace: Trace;
}

/** Runs everything that the command was asked for. @throws LabError */
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
  const limit = options.findLimit ? await findLimit(session, (phase) => others.push(phase)) : null;
  await compared(session, main, others);
  const baseline = baselineOf(session, main);
  const outcome = withBaseline(outcomeOfPool(verdictOf(main.report, stack.objectives)), main, baseline);
  const report = await assemble(session, outcome, [main, ...others], {
    limit,
    baseline,
    pgbench: await pgbench(session, [main, ...others]),
  });
  return { report, trace: traceFrom(session, [{ record: main.record, what: "the declared peak" }]) };
}

/** An incident: as it was, then the same load with the pool inside its window. */
async function rehearsed(session: Session, incident: IncidentDrill): Promise<StressRun> {
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
  if (main === undefined) throw new LabError("none of the drills can be run with a database of your own");
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
  for (const poolMax of poolsToCompare({ ...session, offeredLoad: offeredLoad(session) })) {
    if ([main, ...others].some(({ report }) => report.poolMax === poolMax)) continue;
    others.push(await measure(session, { poolMax, seconds: besideSeconds(session) }));
  }
}

/** pgbench on the pool in which waits show most while it still carries the load. */
async function pgbench(session: Session, phases: readonly MeasuredPhase[]): Promise<PgbenchResult> {
  const { lab, scaled, stack, options, progress } = session;
  const seconds = besideSeconds(session);
  const carrying = phases
    .map(({ report }) => report.predicted)
    .filter(({ utilisation }) => utilisation < 1)
    .sort((a, b) => b.utilisation - a.utilisation)[0];
  if (carrying === undefined) return { ran: false, reason: "no pool that was measured carries the load" };
  progress.note(`pgbench with ${carrying.poolMax} connections, ${seconds} s`);
  return runPgbench({
    lab,
    folder: lab.folder,
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

/** Slower than it was, on a machine that was not the reason. */
function withBaseline(
  run: RunOutcome,
  { report }: MeasuredPhase,
  baseline: StressReport["baseline"],
): RunOutcome {
  const slower = baseline.filter(({ within }) => !within);
  if (run.outcome !== "passed" || slower.length === 0 || report.bottlenecks.length > 0) return run;
  return {
    outcome: "failed",
    reasons: slower.map(
      ({ name, now, baseline: kept, limit }) =>
        `${name} is ${now.toFixed(2)}, more than ${limit} × the baseline of ${kept.toFixed(2)} (drills/stress/baseline.json)`,
    ),
  };
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
