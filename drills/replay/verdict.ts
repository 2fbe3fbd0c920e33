import type { Severity } from "../../infra/monitoring/alarmSpec";
import type { AlarmState } from "../../policies/model/cloudwatch/alarm";
import type { Alarm } from "./alarm";
import type { Expectations, PagingRequirement } from "./scenario";
import type { Simulation } from "./simulate";
import { clockTime, lengthOf, minuteOf, type Trace } from "./trace";

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

/** Someone was paged, or a ticket was opened. */
export interface Notification {
  readonly atSeconds: number;
  readonly alarm: string;
}

/** What a simulation comes to, before it is held against what is asked. */
export interface Measured {
  /** From where times are counted: the first failure, or where nothing failed the beginning of the fault. */
  readonly firstFailureSeconds: number | undefined;
  readonly failed: boolean;
  /** Until the first page after the fault had begun. */
  readonly minutesToDetect: number | undefined;
  readonly minutesToCause: number | undefined;
  /** The cause that was named first. */
  readonly cause: string | undefined;
  /** All that were named. */
  readonly causes: readonly string[];
  readonly pages: readonly Notification[];
  readonly tickets: readonly Notification[];
  /** Alarms that went to ALARM, and how often. */
  readonly fired: readonly { readonly alarm: string; readonly times: number }[];
  readonly blind: readonly string[];
  readonly alwaysInAlarm: readonly string[];
}

interface Question {
  /** From when on something is wrong, as a scenario writes it. */
  readonly fault: string | undefined;
  /** Without a fault: a scenario in which nothing is wrong has no first failure, and of a bare trace that is not known. */
  readonly withoutFault: "nothingFails" | "failuresAreCounted";
  /** Cause whose naming is timed. @default the one that was named first, where nothing is expected */
  readonly rightCause?: string | undefined;
}

export function measure(
  alarms: readonly Alarm[],
  simulation: Simulation,
  trace: Trace,
  question: Question,
): Measured {
  const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const causeOf = ({ alarm }: Notification) => byId.get(alarm)?.cause;
  const notifications = (severity: Severity) =>
    simulation.actions.filter(
      ({ alarm, state }) => state === "ALARM" && byId.get(alarm)?.severity === severity,
    );
  const pages = notifications("page");
  const causes = [...new Set(pages.flatMap((page) => causeOf(page) ?? []))];
  const fault = question.fault === undefined ? undefined : minuteOf(question.fault, trace);
  const failure =
    fault === undefined && question.withoutFault === "nothingFails"
      ? undefined
      : firstFailureSeconds(trace, fault);
  const origin = failure ?? (fault === undefined ? undefined : fault * 60);
  const minutesTo = (page: Notification | undefined) =>
    page === undefined || origin === undefined ? undefined : (page.atSeconds - origin) / 60;
  const rightCause = "rightCause" in question ? question.rightCause : causes[0];
  const isRight = (page: Notification) => rightCause !== undefined && causeOf(page) === rightCause;
  return {
    firstFailureSeconds: origin,
    failed: failure !== undefined,
    minutesToDetect: minutesTo(pages.find(({ atSeconds }) => atSeconds >= (fault ?? 0) * 60)),
    minutesToCause: minutesTo(pages.find(isRight)),
    cause: causes[0],
    causes,
    pages,
    tickets: notifications("ticket"),
    fired: fired(simulation),
    blind: simulation.blind,
    alwaysInAlarm: alwaysInAlarm(alarms, simulation, trace),
  };
}

/** Metrics that count failed requests. */
const FAILURE_COUNTERS: ReadonlySet<string> = new Set([
  "AWS/ApplicationELB HTTPCode_Target_5XX_Count",
  "AWS/ApplicationELB HTTPCode_ELB_5XX_Count",
  "Auth/Service auth.login.failures",
]);

/** Where a trace does not say from when on something is wrong, so many failed requests in a minute do. */
const MIN_FAILURES = 5;

/**
 * Start, in seconds, of the first minute with failed requests: after the beginning of the fault, the first with more of
 * them than any minute before it had, since a healthy service answers a few with an error as well.
 * @param fault Minute from which on the fault works, where that is known.
 */
function firstFailureSeconds(trace: Trace, fault: number | undefined): number | undefined {
  const from = Math.ceil(((fault ?? 0) * 60) / trace.periodSeconds);
  const starts = trace.series.flatMap(({ namespace, metric, statistic, values }) => {
    if (statistic !== "Sum" || !FAILURE_COUNTERS.has(`${namespace} ${metric}`)) return [];
    const usual = values.slice(0, from).reduce((most: number, value) => Math.max(most, value ?? 0), 0);
    const tolerated = fault === undefined ? MIN_FAILURES - 1 : usual;
    const index = values.findIndex((value, at) => at >= from && (value ?? 0) > tolerated);
    return index === -1 ? [] : [index * trace.periodSeconds];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

function fired({ transitions }: Simulation): Measured["fired"] {
  const times = new Map<string, number>();
  for (const { alarm, to } of transitions) {
    if (to === "ALARM") times.set(alarm, (times.get(alarm) ?? 0) + 1);
  }
  return [...times].map(([alarm, count]) => ({ alarm, times: count }));
}

/** Alarms that notify, with one transition, to ALARM, in the first tenth of the trace: they carry no information. */
function alwaysInAlarm(
  alarms: readonly Alarm[],
  { transitions }: Simulation,
  trace: Trace,
): readonly string[] {
  const early = 0.1 * lengthOf(trace) * trace.periodSeconds;
  return alarms.flatMap(({ id, severity }) => {
    if (severity === "signal") return [];
    const [first, ...more] = transitions.filter(({ alarm }) => alarm === id);
    return more.length === 0 && first?.to === "ALARM" && first.atSeconds <= early ? [id] : [];
  });
}
