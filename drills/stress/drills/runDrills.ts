import { setTimeout as sleep } from "node:timers/promises";
import { hashOfToken } from "../../../service/auth/sessionToken";
import type { Admin } from "../lab/admin";
import { countOutcomes, hasFailed, REQUEST_KINDS } from "../load/requests";
import type { PhaseRecord } from "../measure/measured";
import { voidReasons } from "../measure/phaseReport";
import type { DrillReport, SessionCount } from "../report/stressReport";
import { type MeasuredPhase, measure, type Session } from "../run/session";
import { BAD_MOMENTS, DRILLS, type DrillName } from "./disturbances";

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

/** Runs one drill, or all of them. @throws InputError */
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
  let [beganAtMs, overAtMs] = [0, 0];
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
      beganAtMs = Date.now();
      notes = await BAD_MOMENTS[name].happen(context);
      overAtMs = Date.now();
    },
  });
  onPhase(phase);
  const sessions = await countSessions(lab.admin, phase.record, rowsBefore);
  return drillReport(name, phase, {
    beganAtMs,
    overAtMs,
    graceSeconds: graceSeconds(stack.environment),
    sessions,
    notes,
  });
}

/** @param outcome - With the time at which the bad moment began and was over, in ms of Unix time. */
export function drillReport(
  name: DrillName,
  { report, record }: MeasuredPhase,
  outcome: Pick<DrillReport, "sessions" | "notes"> & {
    readonly beganAtMs: number;
    readonly overAtMs: number;
    readonly graceSeconds: number;
  },
): DrillReport {
  const { beganAtMs, overAtMs, graceSeconds: grace, sessions, notes } = outcome;
  const { what, mayFail } = BAD_MOMENTS[name];
  const failures = record.load.records.filter(hasFailed);
  const lastMs = failures.reduce((last, { intendedMs }) => Math.max(last, intendedMs), 0);
  const recovered = Math.max(0, (lastMs - overAtMs) / 1000);
  const outcomes = countOutcomes(record.load.records);
  const wrong = outcomes.wrong_answer ?? 0;
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  const secondOf = (atMs: number): number => tenths((atMs - record.load.startedAtMs) / 1000);
  const remaining = (record.toMs - overAtMs) / 1000;
  const reasons = [
    ...voidReasons(report),
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
    recoveredAfterSeconds: tenths(recovered),
    disturbed: { fromSecond: secondOf(beganAtMs), toSecond: secondOf(overAtMs) },
    wrongAnswers: wrong,
    sessions,
    notes,
  };
}

/** Sessions in the table now. */
export async function sessionRows(admin: Admin): Promise<number> {
  const [row] = await admin.query<{ count: number }>("SELECT count(*)::int AS count FROM public.sessions");
  return row?.count ?? 0;
}

/**
 * Holds what clients were promised against the table, once all tasks have stopped.
 * @param rowsBefore - Sessions that were there before the run.
 */
export async function countSessions(
  admin: Admin,
  record: PhaseRecord,
  rowsBefore: number,
): Promise<SessionCount> {
  const hashes = record.load.tokens.map(hashOfToken);
  const [row] = await admin.query<{ found: number }>(
    "SELECT count(*)::int AS found FROM public.sessions WHERE token_hash = ANY($1::bytea[])",
    [hashes],
  );
  const found = row?.found ?? 0;
  const login = REQUEST_KINDS.indexOf("login");
  return {
    answered: hashes.length,
    found,
    unanswered: (await sessionRows(admin)) - rowsBefore - found,
    inDoubt: record.load.records.filter((each) => each.kind === login && hasFailed(each)).length,
  };
}

/** What a count says against the service: a session that was promised and is lost, or one without a login. */
export function sessionProblems({ answered, found, unanswered, inDoubt }: SessionCount): string[] {
  const problems: string[] = [];
  if (found !== answered) {
    problems.push(`${answered - found} sessions that clients were given are not in the table`);
  }
  if (unanswered > inDoubt) {
    problems.push(
      `${unanswered} sessions more than were given out are in the table, and only ${inDoubt} logins had no answer`,
    );
  }
  return problems;
}
