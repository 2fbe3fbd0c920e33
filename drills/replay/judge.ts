import type { Alarm, AlarmState } from "./alarm";
import { clockTime, minuteOf } from "./clock";
import { firstFailureSeconds } from "./failures";
import type { Replay } from "./replay";
import type { Expectations } from "./scenario";
import { lengthOf, type Trace } from "./trace";

/** Somebody was woken, or will find it in the morning. */
export interface Told {
  readonly atSeconds: number;
  readonly alarm: string;
}

/** What a replay comes to, measured against what was expected of it. */
export interface Judgement {
  readonly passed: boolean;
  /** What was expected and did not happen, or the other way round: a sentence each. */
  readonly problems: readonly string[];
  /** From where times are counted: the first failure, or where nothing failed the beginning of the fault. */
  readonly firstFailureSeconds: number | undefined;
  readonly failed: boolean;
  readonly minutesToDetect: number | undefined;
  readonly minutesToCause: number | undefined;
  /** The cause that was named first. */
  readonly cause: string | undefined;
  readonly wrongCauses: readonly string[];
  readonly pages: readonly Told[];
  readonly tickets: readonly Told[];
  readonly blind: readonly string[];
  readonly alwaysInAlarm: readonly string[];
}

/** @param expected `undefined` for a trace without expectations: it is measured and passes. */
export function judge(
  alarms: readonly Alarm[],
  replay: Replay,
  trace: Trace,
  expected: Expectations | undefined,
): Judgement {
  const startsAt = new Date(trace.startsAt);
  const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const told = (severity: string) =>
    replay.actions.filter(({ alarm, state }) => state === "ALARM" && byId.get(alarm)?.severity === severity);
  const pages = told("page");
  const causes = [...new Set(pages.flatMap(({ alarm }) => byId.get(alarm)?.cause ?? []))];
  const fault = expected?.fault === undefined ? undefined : minuteOf(expected.fault, startsAt);
  // A scenario without a fault has no first failure: the few that there are in good health are none.
  const failure =
    expected !== undefined && fault === undefined ? undefined : firstFailureSeconds(trace, fault);
  const origin = failure ?? (fault === undefined ? undefined : fault * 60);
  const minutesTo = (page: Told | undefined) =>
    page === undefined || origin === undefined ? undefined : (page.atSeconds - origin) / 60;
  const rightCause = expected?.cause ?? (expected === undefined ? causes[0] : undefined);
  const named = pages.find(({ alarm }) => rightCause !== undefined && byId.get(alarm)?.cause === rightCause);
  const measured = {
    firstFailureSeconds: origin,
    failed: failure !== undefined,
    minutesToDetect: minutesTo(pages[0]),
    minutesToCause: minutesTo(named),
    cause: causes[0],
    wrongCauses: expected === undefined ? [] : causes.filter((cause) => cause !== expected.cause),
    pages,
    tickets: told("ticket"),
    blind: replay.blind,
    alwaysInAlarm: alwaysInAlarm(alarms, replay, trace),
  };
  const problems = expected === undefined ? [] : problemsOf(expected, measured, replay, alarms, startsAt);
  return { passed: problems.length === 0, problems, ...measured };
}

type Measured = Omit<Judgement, "passed" | "problems">;

function problemsOf(
  expected: Expectations,
  measured: Measured,
  replay: Replay,
  alarms: readonly Alarm[],
  startsAt: Date,
): readonly string[] {
  return [
    ...causeProblems(expected, measured),
    ...pageProblems(expected, measured),
    ...(expected.tickets === undefined
      ? []
      : listProblems(
          "left for the morning",
          [...expected.tickets].sort(),
          measured.tickets.map(({ alarm }) => alarm).sort(),
        )),
    ...listProblems("without a datapoint", [...(expected.blind ?? [])].sort(), [...measured.blind].sort()),
    ...listProblems(
      "always in ALARM",
      [...(expected.alwaysInAlarm ?? [])].sort(),
      [...measured.alwaysInAlarm].sort(),
    ),
    ...neverProblems(expected, replay, startsAt),
    ...stateProblems(expected, replay, alarms, startsAt),
  ];
}

function causeProblems({ cause, withinMinutes }: Expectations, measured: Measured): readonly string[] {
  const wrong = measured.wrongCauses.map((other) => `${other} was named, and it was not the cause`);
  if (cause === undefined) return wrong;
  const { minutesToCause } = measured;
  if (minutesToCause === undefined) return [`${cause} was not named`, ...wrong];
  if (minutesToCause <= withinMinutes) return wrong;
  return [`${cause} was named after ${minutesToCause} minutes, and ${withinMinutes} are the bar`, ...wrong];
}

function pageProblems({ pages, falsePages }: Expectations, measured: Measured): readonly string[] {
  const woken = measured.pages.map(({ alarm }) => alarm);
  if (falsePages === undefined) return listProblems("paged", pages, woken);
  return listProblems("paged for nothing", [...falsePages].sort(), [...new Set(woken)].sort());
}

function listProblems(
  what: string,
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  if (expected.join(" ") === found.join(" ")) return [];
  const list = (ids: readonly string[]) => (ids.length === 0 ? "none" : summarised(ids));
  return [`${what}: expected ${list(expected)}, found ${list(found)}`];
}

/** A long list of repetitions is told by its counts. */
function summarised(ids: readonly string[]): string {
  if (ids.length <= 6) return ids.join(", ");
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].map(([id, count]) => (count === 1 ? id : `${id} (${count} times)`)).join(", ");
}

function neverProblems({ never }: Expectations, replay: Replay, startsAt: Date): readonly string[] {
  if (never === undefined) return [];
  return replay.transitions
    .filter(({ alarm, to }) => to === "ALARM" && isMeant(never, alarm))
    .map(
      ({ alarm, atSeconds }) =>
        `${alarm} was in ALARM at ${clockTime(atSeconds, startsAt)}, and never should be`,
    );
}

function isMeant(never: NonNullable<Expectations["never"]>, alarm: string): boolean {
  if (never === "all") return true;
  return "allBut" in never ? !never.allBut.includes(alarm) : never.includes(alarm);
}

function stateProblems(
  { states }: Expectations,
  replay: Replay,
  alarms: readonly Alarm[],
  startsAt: Date,
): readonly string[] {
  return states.flatMap(({ at, alarms: expected }) => {
    const seconds = (minuteOf(at, startsAt) ?? 0) * 60;
    return Object.entries(expected).flatMap(([id, state]) => {
      if (!alarms.some((alarm) => alarm.id === id))
        return [`there is no alarm ${id} to be ${state} at ${at}`];
      const found = stateAt(replay, id, seconds);
      return found === state ? [] : [`${id} at ${at}: expected ${state}, found ${found}`];
    });
  });
}

/** The state an alarm is in at a moment, what happens in that moment included. */
export function stateAt(replay: Replay, id: string, seconds: number): AlarmState {
  const before = replay.transitions.filter(({ alarm, atSeconds }) => alarm === id && atSeconds <= seconds);
  return before.at(-1)?.to ?? "INSUFFICIENT_DATA";
}

/** Alarms that tell somebody, with one transition, to ALARM, in the first tenth of the trace: they say nothing. */
function alwaysInAlarm(alarms: readonly Alarm[], replay: Replay, trace: Trace): readonly string[] {
  const early = 0.1 * lengthOf(trace) * trace.periodSeconds;
  return alarms
    .filter(({ severity }) => severity !== "signal")
    .map(({ id }) => id)
    .filter((id) => {
      const own = replay.transitions.filter(({ alarm }) => alarm === id);
      const [first] = own;
      return own.length === 1 && first?.to === "ALARM" && first.atSeconds <= early;
    });
}
