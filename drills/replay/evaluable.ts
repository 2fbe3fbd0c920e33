import { InvalidAlarmError, windowOf } from "../../policies/model/cloudwatch/alarm";
import {
  alarmsRead,
  orderOfReading,
  parseCompositeRule,
} from "../../policies/model/cloudwatch/compositeRule";
import {
  type Alarm,
  type AlarmSet,
  type CompositeAlarm,
  type ExcludedAlarm,
  type MetricAlarm,
  metricsOf,
} from "./alarm";
import { alarmValues, Datapoints } from "./datapoints";
import type { Trace } from "./trace";

/**
 * Excludes from a file's alarms those that cannot be replayed on a trace, so that one of them does not keep the others
 * from being replayed. Composites that read one of those are excluded as well: their state would be made up.
 */
export function evaluableAlarms({ alarms, excluded }: AlarmSet, trace: Trace): AlarmSet {
  const namespaces = new Set(trace.series.map(({ namespace }) => namespace));
  const datapoints = new Datapoints(beginningOf(trace));
  const kept: Alarm[] = [];
  const out: ExcludedAlarm[] = [...excluded];
  for (const alarm of alarms) {
    const reason = alarm.kind === "metric" ? metricReason(alarm, datapoints, namespaces) : ruleReason(alarm);
    if (reason === undefined) kept.push(alarm);
    else out.push({ alarm: alarm.id, ...reason });
  }
  return withReadableRules(kept, out);
}

type Reason = Omit<ExcludedAlarm, "alarm">;

/** Whether an alarm can be replayed depends on which series a trace has, not on their values: a few will do. */
function beginningOf(trace: Trace): Trace {
  return {
    ...trace,
    series: trace.series.map((series) => ({ ...series, values: series.values.slice(0, 2) })),
  };
}

function metricReason(
  alarm: MetricAlarm,
  datapoints: Datapoints,
  namespaces: ReadonlySet<string>,
): Reason | undefined {
  const watched = metricsOf(alarm).map(({ namespace }) => namespace);
  if (watched.length > 0 && !watched.some((namespace) => namespaces.has(namespace))) {
    return {
      why: `it watches ${[...new Set(watched)].join(", ")}, of which nothing is in the trace`,
      whatToDo:
        "nothing, where it watches something else; to have it judged, replay it on a trace that has the metric (docs/guides/replay.md)",
    };
  }
  return refusal(() => {
    const { n } = windowOf(alarm);
    alarmValues(alarm, datapoints, { stride: 1, range: n })(0);
  }, "write it with what docs/guides/replay.md lists under “What is replayed”, or watch it in CloudWatch itself");
}

function ruleReason(alarm: CompositeAlarm): Reason | undefined {
  return refusal(
    () => parseCompositeRule(alarm.rule),
    "correct its rule, or export it anew with `aws cloudwatch describe-alarms`",
  );
}

/** Why the replay's own code refuses an alarm, if it does. */
function refusal(attempt: () => void, whatToDo: string): Reason | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidAlarmError) return { why: error.message, whatToDo };
    throw error;
  }
}

/** Composites read other composites, so that excluding one may leave the next without what it reads. */
function withReadableRules(alarms: readonly Alarm[], excluded: readonly ExcludedAlarm[]): AlarmSet {
  const composites = alarms.filter((alarm) => alarm.kind === "composite");
  const found = unreadable(composites, new Set(alarms.map(({ id }) => id)), excluded) ?? circular(composites);
  if (found === undefined) return { alarms, excluded };
  return withReadableRules(
    alarms.filter(({ id }) => id !== found.alarm),
    [...excluded, found],
  );
}

function unreadable(
  composites: readonly CompositeAlarm[],
  known: ReadonlySet<string>,
  excluded: readonly ExcludedAlarm[],
): ExcludedAlarm | undefined {
  for (const alarm of composites) {
    const suppressor = alarm.suppression?.by;
    const reads = [...readBy(alarm), ...(suppressor === undefined ? [] : [suppressor])];
    const unknown = reads.find((id) => !known.has(id));
    if (unknown === undefined) continue;
    if (excluded.some((other) => other.alarm === unknown)) {
      return {
        alarm: alarm.id,
        why: `it reads ${unknown}, which was not judged`,
        whatToDo: `see ${unknown}`,
      };
    }
    return {
      alarm: alarm.id,
      why: `it reads ${unknown}, which is not in the file`,
      whatToDo:
        "add it: `aws cloudwatch describe-alarms --alarm-types MetricAlarm CompositeAlarm` prints both kinds",
    };
  }
  return undefined;
}

function circular(composites: readonly CompositeAlarm[]): ExcludedAlarm | undefined {
  const reads = new Map(composites.map((alarm) => [alarm.id, readBy(alarm)]));
  const result = orderOfReading(reads.keys(), (id) => reads.get(id) ?? []);
  if ("order" in result) return undefined;
  const first = composites.find(({ id }) => result.circle.includes(id));
  return {
    alarm: first?.id ?? "",
    why: "its rule reads itself through other composites, and CloudWatch stops evaluating such a circle",
    whatToDo: "take one of the alarms out of the circle",
  };
}

function readBy({ rule }: CompositeAlarm): readonly string[] {
  return alarmsRead(parseCompositeRule(rule));
}
