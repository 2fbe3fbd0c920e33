import type { AlarmState } from "../../policies/model/cloudwatch/alarm";
import type { Alarm } from "./alarm";
import { type Measured, measure, type Notification } from "./measure";
import type { Expectations, PagingRequirement } from "./scenario";
import type { Simulation } from "./simulate";
import { clockTime, minuteOf, type Trace } from "./trace";

/** What was measured, and whether it is what was asked. */
export interface Verdict extends Measured {
  /**
   * What the verdict rests on: the scenario's expectations, which name this project's alarms; what any set of alarms must
   * do; or nothing, for a trace without expectations.
   */
  readonly judgedBy: "expectations" | "anySet" | "nothing";
  /** True where nothing was asked: there was nothing to miss. */
  readonly passed: boolean;
  /** What was asked and did not happen, or the other way round: a sentence each. */
  readonly problems: readonly string[];
  readonly wrongCauses: readonly string[];
}

/** @param expected `undefined` for a trace without expectations: it is measured, and there is nothing to miss. */
export function checkExpectations(
  alarms: readonly Alarm[],
  simulation: Simulation,
  trace: Trace,
  expected: Expectations | undefined,
): Verdict {
  if (expected === undefined) {
    const measured = measure(alarms, simulation, trace, {
      fault: undefined,
      withoutFault: "failuresAreCounted",
    });
    return { judgedBy: "nothing", passed: true, problems: [], wrongCauses: [], ...measured };
  }
  const { fault, cause } = expected;
  const measured = measure(alarms, simulation, trace, {
    fault,
    withoutFault: "nothingFails",
    rightCause: cause,
  });
  const wrongCauses = measured.causes.filter((named) => named !== cause);
  const { tickets, blind = [], alwaysInAlarm = [] } = expected;
  const problems = [
    ...causeProblems(expected, measured, wrongCauses),
    ...pageProblems(expected, namesOf(measured.pages)),
    ...(tickets === undefined ? [] : setProblems("tickets", tickets, namesOf(measured.tickets))),
    ...setProblems("without a datapoint", blind, measured.blind),
    ...setProblems("always in ALARM", alwaysInAlarm, measured.alwaysInAlarm),
    ...neverProblems(expected, simulation, trace),
    ...stateProblems(expected, simulation, alarms, trace),
  ];
  return { judgedBy: "expectations", passed: problems.length === 0, problems, wrongCauses, ...measured };
}

function namesOf(notifications: readonly Notification[]): readonly string[] {
  return notifications.map(({ alarm }) => alarm);
}

function causeProblems(
  { cause, withinMinutes }: Expectations,
  { minutesToCause }: Measured,
  wrongCauses: readonly string[],
): readonly string[] {
  const wrong = wrongCauses.map((other) => `${other} was named, and it was not the cause`);
  if (cause === undefined) return wrong;
  if (minutesToCause === undefined) return [`${cause} was not named`, ...wrong];
  if (minutesToCause <= withinMinutes) return wrong;
  return [`${cause} was named after ${minutesToCause} minutes, and ${withinMinutes} are the bar`, ...wrong];
}

function pageProblems({ pages, falsePages }: Expectations, found: readonly string[]): readonly string[] {
  if (falsePages === undefined) return listProblems("paged", pages, found);
  return setProblems("paged for nothing", falsePages, [...new Set(found)]);
}

function setProblems(what: string, expected: readonly string[], found: readonly string[]): readonly string[] {
  return listProblems(what, expected.toSorted(), found.toSorted());
}

function listProblems(
  what: string,
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  if (expected.join(" ") === found.join(" ")) return [];
  return [`${what}: expected ${summarized(expected)}, found ${summarized(found)}`];
}

/** Of a long list with repetitions, the counts. */
function summarized(ids: readonly string[]): string {
  if (ids.length === 0) return "none";
  if (ids.length <= 6) return ids.join(", ");
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].map(([id, count]) => (count === 1 ? id : `${id} (${count} times)`)).join(", ");
}

function neverProblems(
  { never }: Expectations,
  { transitions }: Simulation,
  trace: Trace,
): readonly string[] {
  if (never === undefined) return [];
  const isMeant = (alarm: string): boolean => {
    if (never === "all") return true;
    return "allBut" in never ? !never.allBut.includes(alarm) : never.includes(alarm);
  };
  return transitions.flatMap(({ alarm, to, atSeconds }) =>
    to === "ALARM" && isMeant(alarm)
      ? [`${alarm} was in ALARM at ${clockTime(atSeconds, trace)}, which should never happen`]
      : [],
  );
}

function stateProblems(
  { states }: Expectations,
  simulation: Simulation,
  alarms: readonly Alarm[],
  trace: Trace,
): readonly string[] {
  return states.flatMap(({ at, alarms: expected }) => {
    const seconds = (minuteOf(at, trace) ?? 0) * 60;
    return Object.entries(expected).flatMap(([id, state]) => {
      if (!alarms.some((alarm) => alarm.id === id)) {
        return [`there is no alarm ${id} to be ${state} at ${at}`];
      }
      const found = stateAt(simulation, id, seconds);
      return found === state ? [] : [`${id} at ${at}: expected ${state}, found ${found}`];
    });
  });
}

/** The state an alarm is in at a moment, what happens in that moment included. */
function stateAt({ transitions }: Simulation, id: string, seconds: number): AlarmState {
  const last = transitions.findLast(({ alarm, atSeconds }) => alarm === id && atSeconds <= seconds);
  return last?.to ?? "INSUFFICIENT_DATA";
}

/**
 * Checks alarms of which nothing is known but what they do: someone is paged in time where something is wrong, and no one
 * where nothing is. No name of an alarm plays a part.
 */
export function checkRequirement(
  alarms: readonly Alarm[],
  simulation: Simulation,
  trace: Trace,
  requirement: PagingRequirement,
): Verdict {
  const { fault } = requirement;
  const measured = measure(alarms, simulation, trace, { fault, withoutFault: "nothingFails" });
  const problems =
    alarms.length === 0
      ? ["none of the alarms can be judged here"]
      : requirement.pages
        ? missingPageProblems(requirement, measured, trace)
        : falsePageProblems(measured.pages, trace, "where no page is expected");
  return { judgedBy: "anySet", passed: problems.length === 0, problems, wrongCauses: [], ...measured };
}

function missingPageProblems(
  { fault, withinMinutes }: PagingRequirement,
  { pages, failed, minutesToDetect: minutes }: Measured,
  trace: Trace,
): readonly string[] {
  const wrongFrom = fault === undefined ? 0 : (minuteOf(fault, trace) ?? 0) * 60;
  const early = pages.filter(({ atSeconds }) => atSeconds < wrongFrom);
  const from = failed ? "the first failure" : "the beginning of the fault";
  const isLate = minutes !== undefined && minutes > withinMinutes;
  return [
    ...falsePageProblems(early, trace, "before anything was wrong"),
    ...(pages.length > early.length
      ? []
      : [`no one was paged; the limit is ${withinMinutes} minutes after ${from}`]),
    ...(isLate
      ? [
          `on-call was paged ${Math.round(minutes * 10) / 10} minutes after ${from}; the limit is ${withinMinutes}`,
        ]
      : []),
  ];
}

/** A sentence for each alarm that paged without need. */
function falsePageProblems(pages: readonly Notification[], trace: Trace, when: string): readonly string[] {
  return [...new Set(namesOf(pages))].map((alarm) => {
    const own = pages.filter((page) => page.alarm === alarm);
    const first = clockTime(own[0]?.atSeconds ?? 0, trace);
    const times = own.length === 1 ? `at ${first}` : `${own.length} times, first at ${first}`;
    return `${alarm} paged on-call ${times}, ${when}`;
  });
}
