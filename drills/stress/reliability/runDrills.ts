import { setTimeout as sleep } from "node:timers/promises";
import { counted, outcomeOf } from "../measure/measured";
import type { PhaseRecord } from "../phase";
import { type MeasuredPhase, measure, type Session } from "../run/session";
import { BAD_MOMENTS } from "./disturbances";
import { DRILLS, type DrillName } from "./drillNames";
import type { DrillReport, SessionCount } from "./drillReport";
import { countSessions, sessionProblems, sessionRows } from "./sessionCount";

/** Seconds of undisturbed load before, and after the last failure that may still be. */
const QUIET_BEFORE = 3;
const QUIET_AFTER = 6;
/** A bad moment lasts about this long; a fleet of many tasks takes longer to replace. */
const MOMENT = 8;
const SECONDS_A_TASK = 4;
/** Of the logins and of the session checks, so many are right to be refused: to see that they are. */
const WRONG_SHARE = 0.1;

/** When the service has to be well again after a bad moment: every limit that still runs has run out by then. */
export function graceSeconds(environment: { readonly [name: string]: string }): number {
  const ms = (name: string): number => Number(environment[name]) || 0;
  return (ms("DB_POOL_ACQUIRE_TIMEOUT_MS") + ms("DB_QUERY_TIMEOUT_MS")) / 1000 + 1;
}

export const drillsOf = (which: DrillName | "all"): readonly DrillName[] =>
  which === "all" ? DRILLS : [which];

/** How long the load of a drill lasts after the warm-up. */
export function drillSeconds(
  name: DrillName,
  environment: { readonly [name: string]: string },
  tasks: number,
): number {
  const length = name === "rolling" ? Math.max(MOMENT, SECONDS_A_TASK * tasks) : MOMENT;
  return QUIET_BEFORE + length + graceSeconds(environment) + QUIET_AFTER;
}

/** Runs one drill, or all of them. @throws LabError */
export async function runDrills(
  session: Session,
  which: DrillName | "all",
  onPhase: (phase: MeasuredPhase) => void,
): Promise<DrillReport[]> {
  const reports: DrillReport[] = [];
  for (const name of drillsOf(which)) {
    const { needsOwnServer } = BAD_MOMENTS[name];
    if (needsOwnServer !== undefined && session.lab.cluster === undefined) {
      session.progress.note(`${name} is skipped: ${needsOwnServer}`);
      continue;
    }
    reports.push(await runDrill(session, name, onPhase));
  }
  return reports;
}

async function runDrill(
  session: Session,
  name: DrillName,
  onPhase: (phase: MeasuredPhase) => void,
): Promise<DrillReport> {
  const { stack, lab, scaled } = session;
  const moment = BAD_MOMENTS[name];
  const grace = graceSeconds(stack.environment);
  let overAtMs = 0;
  let notes: readonly string[] = [];
  let rowsBefore = await sessionRows(lab.admin);
  const phase = await measure(session, {
    poolMax: Math.max(stack.pool.poolMax, stack.pool.floor ?? 0),
    seconds: drillSeconds(name, stack.environment, scaled.tasks),
    wrongShare: WRONG_SHARE,
    label: `drill: ${name}`,
    disturb: async (context) => {
      rowsBefore = await sessionRows(lab.admin);
      await sleep(context.startsAtMs + QUIET_BEFORE * 1000 - Date.now());
      notes = await moment.happen(context);
      overAtMs = Date.now();
    },
  });
  onPhase(phase);
  const sessions = await countSessions(lab.admin, phase.record, rowsBefore);
  return drillReport(name, phase, { overAtMs, graceSeconds: grace, sessions, notes });
}

interface Outcome {
  readonly overAtMs: number;
  readonly graceSeconds: number;
  readonly sessions: SessionCount;
  readonly notes: readonly string[];
}

export function drillReport(
  name: DrillName,
  { report, record }: Pick<MeasuredPhase, "report" | "record">,
  { overAtMs, graceSeconds: grace, sessions, notes }: Outcome,
): DrillReport {
  const { what, mayFail } = BAD_MOMENTS[name];
  const failures = failuresOf(record);
  const lastMs = Math.max(0, ...failures);
  const recovered = Math.max(0, (lastMs - overAtMs) / 1000);
  const outcomes = counted(record.load.records);
  const wrong = outcomes.wrong_answer ?? 0;
  const remaining = (record.toMs - overAtMs) / 1000;
  const reasons = [
    ...(report.void ? ["the run is void: the load was not what it was meant to be"] : []),
    ...(remaining >= grace ? [] : [`only ${remaining.toFixed(1)} s were left to see it recover`]),
    ...(recovered <= grace ? [] : [`a request still failed ${recovered.toFixed(1)} s after it was over`]),
    ...(mayFail || failures.length === 0 ? [] : [`${failures.length} requests failed, and none may`]),
    ...(wrong === 0 ? [] : [`${wrong} requests were answered wrongly`]),
    ...sessionProblems(sessions),
  ];
  return {
    name,
    what,
    passed: reasons.length === 0,
    reasons,
    attempted: record.load.records.length,
    failed: failures.length,
    outcomes,
    recoveredAfterSeconds: Math.round(recovered * 10) / 10,
    wrongAnswers: wrong,
    sessions,
    notes,
  };
}

/** When the requests that failed should have been sent, in ms of Unix time. */
const failuresOf = ({ load }: PhaseRecord): number[] =>
  load.records.filter((request) => outcomeOf(request) !== "ok").map(({ intendedMs }) => intendedMs);
