import type { Alarm } from "./alarm";
import { minuteOf } from "./clock";
import { firstFailureSeconds } from "./failures";
import type { Replay } from "./replay";
import { lengthOf, type Trace } from "./trace";

/** Somebody was woken, or will find it in the morning. */
export interface Told {
  readonly atSeconds: number;
  readonly alarm: string;
}

/** What a replay comes to, before anything is made of it. */
export interface Measured {
  /** From where times are counted: the first failure, or where nothing failed the beginning of the fault. */
  readonly firstFailureSeconds: number | undefined;
  readonly failed: boolean;
  /** Until anybody was woken after the fault had begun. */
  readonly minutesToDetect: number | undefined;
  readonly minutesToCause: number | undefined;
  /** The cause that was named first. */
  readonly cause: string | undefined;
  /** All that were named. */
  readonly causes: readonly string[];
  readonly pages: readonly Told[];
  readonly tickets: readonly Told[];
  /** Alarms that went to ALARM, and how often. */
  readonly wentOff: readonly { readonly alarm: string; readonly times: number }[];
  readonly blind: readonly string[];
  readonly alwaysInAlarm: readonly string[];
}

/** What was measured, against what was asked. */
export interface Judgement extends Measured {
  /**
   * What the verdict hangs on: the scenario's expectations, which name this project's alarms; what can be asked of any set
   * of alarms; or nothing, for a trace without expectations.
   */
  readonly judgedBy: "expectations" | "anySet" | "nothing";
  /** True where nothing was asked: there was nothing to miss. */
  readonly passed: boolean;
  /** What was asked and did not happen, or the other way round: a sentence each. */
  readonly problems: readonly string[];
  readonly wrongCauses: readonly string[];
}

export interface Question {
  /** From when on something is wrong, as a scenario writes it. */
  readonly fault: string | undefined;
  /** Without a fault: a scenario in which nothing is wrong has no first failure, and of a bare trace nobody knows. */
  readonly withoutFault: "nothingFails" | "failuresAreCounted";
  /** Cause whose naming is timed. @default the one that was named first, where nothing is expected */
  readonly rightCause?: string | undefined;
}

export function measure(
  alarms: readonly Alarm[],
  replay: Replay,
  trace: Trace,
  question: Question,
): Measured {
  const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const told = (severity: string) =>
    replay.actions.filter(({ alarm, state }) => state === "ALARM" && byId.get(alarm)?.severity === severity);
  const pages = told("page");
  const causes = [...new Set(pages.flatMap(({ alarm }) => byId.get(alarm)?.cause ?? []))];
  const startsAt = new Date(trace.startsAt);
  const fault = question.fault === undefined ? undefined : minuteOf(question.fault, startsAt);
  const failure =
    fault === undefined && question.withoutFault === "nothingFails"
      ? undefined
      : firstFailureSeconds(trace, fault);
  const origin = failure ?? (fault === undefined ? undefined : fault * 60);
  const minutesTo = (page: Told | undefined) =>
    page === undefined || origin === undefined ? undefined : (page.atSeconds - origin) / 60;
  const wrongFrom = fault === undefined ? 0 : fault * 60;
  const rightCause = "rightCause" in question ? question.rightCause : causes[0];
  return {
    firstFailureSeconds: origin,
    failed: failure !== undefined,
    minutesToDetect: minutesTo(pages.find(({ atSeconds }) => atSeconds >= wrongFrom)),
    minutesToCause: minutesTo(
      pages.find(({ alarm }) => rightCause !== undefined && byId.get(alarm)?.cause === rightCause),
    ),
    cause: causes[0],
    causes,
    pages,
    tickets: told("ticket"),
    wentOff: wentOff(replay),
    blind: replay.blind,
    alwaysInAlarm: alwaysInAlarm(alarms, replay, trace),
  };
}

function wentOff({ transitions }: Replay): Measured["wentOff"] {
  const times = new Map<string, number>();
  for (const { alarm, to } of transitions) {
    if (to === "ALARM") times.set(alarm, (times.get(alarm) ?? 0) + 1);
  }
  return [...times].map(([alarm, count]) => ({ alarm, times: count }));
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
