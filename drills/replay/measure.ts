import type { Severity } from "../../infra/monitoring/alarmSpec";
import type { Alarm } from "./alarm";
import type { Simulation } from "./simulate";
import { lengthOf, minuteOf, type Trace } from "./trace";

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
