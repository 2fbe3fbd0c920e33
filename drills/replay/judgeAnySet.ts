import type { Alarm } from "./alarm";
import type { Bar } from "./bar";
import { clockTime, minuteOf } from "./clock";
import { type Judgement, type Measured, measure } from "./measure";
import type { Replay } from "./replay";
import type { Trace } from "./trace";

/**
 * Judges alarms of which nothing is known but what they do: somebody is woken in time where something is wrong, and nobody
 * where nothing is. No name of an alarm plays a part.
 */
export function judgeAnySet(alarms: readonly Alarm[], replay: Replay, trace: Trace, bar: Bar): Judgement {
  const measured = measure(alarms, replay, trace, { fault: bar.fault, withoutFault: "nothingFails" });
  const problems =
    alarms.length === 0
      ? ["none of the alarms can be judged here"]
      : bar.wakes
        ? wakingProblems(bar, measured, trace)
        : quietProblems(measured, trace);
  return { judgedBy: "anySet", passed: problems.length === 0, problems, wrongCauses: [], ...measured };
}

function wakingProblems({ fault, withinMinutes }: Bar, measured: Measured, trace: Trace): readonly string[] {
  const startsAt = new Date(trace.startsAt);
  const wrongFrom = fault === undefined ? 0 : (minuteOf(fault, startsAt) ?? 0) * 60;
  const early = measured.pages.filter(({ atSeconds }) => atSeconds < wrongFrom);
  const from = measured.failed ? "the first failure" : "the beginning of the fault";
  const { minutesToDetect } = measured;
  const bar = `${withinMinutes} minutes after ${from} are the bar`;
  const woken = measured.pages.length > early.length;
  return [
    ...inVain(early, startsAt, "before anything was wrong"),
    ...(woken ? [] : [`nobody was woken, and ${bar}`]),
    ...(minutesToDetect === undefined || minutesToDetect <= withinMinutes
      ? []
      : [
          `somebody was woken ${Math.round(minutesToDetect * 10) / 10} minutes after ${from}, and ${withinMinutes} are the bar`,
        ]),
  ];
}

function quietProblems({ pages }: Measured, trace: Trace): readonly string[] {
  return inVain(pages, new Date(trace.startsAt), "and nobody has to be woken here");
}

/** A sentence for each alarm that woke somebody without need. */
function inVain(pages: Measured["pages"], startsAt: Date, when: string): readonly string[] {
  return [...new Set(pages.map(({ alarm }) => alarm))].map((alarm) => {
    const told = pages.filter((page) => page.alarm === alarm);
    const first = clockTime(told[0]?.atSeconds ?? 0, startsAt);
    const times = told.length === 1 ? `at ${first}` : `${told.length} times, first at ${first}`;
    return `${alarm} woke somebody ${times}, ${when}`;
  });
}
