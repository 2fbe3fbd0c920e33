import type { AlarmState } from "../../policies/model/cloudwatch/alarm";
import type { Alarm } from "./alarm";
import { clockTime, minuteOf } from "./clock";
import { type Judgement, type Measured, measure } from "./measure";
import type { Replay } from "./replay";
import type { Expectations } from "./scenario";
import type { Trace } from "./trace";

/** @param expected `undefined` for a trace without expectations: it is measured, and there is nothing to miss. */
export function judge(
  alarms: readonly Alarm[],
  replay: Replay,
  trace: Trace,
  expected: Expectations | undefined,
): Judgement {
  if (expected === undefined) {
    const measured = measure(alarms, replay, trace, { fault: undefined, withoutFault: "failuresAreCounted" });
    return { judgedBy: "nothing", passed: true, problems: [], wrongCauses: [], ...measured };
  }
  const { fault, cause } = expected;
  const measured = measure(alarms, replay, trace, { fault, withoutFault: "nothingFails", rightCause: cause });
  const wrongCauses = measured.causes.filter((named) => named !== cause);
  const problems = problemsOf(
    expected,
    { ...measured, wrongCauses },
    replay,
    alarms,
    new Date(trace.startsAt),
  );
  return { judgedBy: "expectations", passed: problems.length === 0, problems, wrongCauses, ...measured };
}

type WithWrongCauses = Measured & Pick<Judgement, "wrongCauses">;

function problemsOf(
  expected: Expectations,
  measured: WithWrongCauses,
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

function causeProblems({ cause, withinMinutes }: Expectations, measured: WithWrongCauses): readonly string[] {
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
