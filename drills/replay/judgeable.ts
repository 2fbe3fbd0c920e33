import { windowOf } from "../../policies/model/cloudwatch/alarm";
import { alarmsRead, parseCompositeRule } from "../../policies/model/cloudwatch/compositeRule";
import type { Alarm, CompositeAlarm, MetricAlarm } from "./alarm";
import type { AlarmSet, Unjudged } from "./alarmSet";
import { Datapoints } from "./datapoints";
import { forAlarm, ReplayInputError } from "./inputError";
import { metricsOf, signalValues } from "./signalValues";
import type { Trace } from "./trace";

/**
 * Leaves out of somebody's alarms those that cannot be replayed on a trace, so that one of them does not keep the others
 * from being judged. Composites that read one of those are left out as well: their state would be made up.
 */
export function judgeable({ alarms, unjudged }: AlarmSet, trace: Trace): AlarmSet {
  const namespaces = new Set(trace.series.map(({ namespace }) => namespace));
  const beginning = new Datapoints(beginningOf(trace));
  const left: Alarm[] = [];
  const out: Unjudged[] = [...unjudged];
  for (const alarm of alarms) {
    const reason =
      alarm.kind === "metric" ? metricReason(alarm, beginning, namespaces) : ruleReason(alarm, alarm.rule);
    if (reason === undefined) left.push(alarm);
    else out.push({ alarm: alarm.id, ...reason });
  }
  return withoutOrphans(left, out);
}

type Reason = Omit<Unjudged, "alarm">;

/** Whether an alarm can be replayed hangs on which series a trace has, not on their values: a few will do. */
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
  const strange = metricsOf(alarm).map(({ namespace }) => namespace);
  if (strange.length > 0 && !strange.some((namespace) => namespaces.has(namespace))) {
    return {
      why: `it watches ${[...new Set(strange)].join(", ")}, of which nothing is in the trace`,
      whatToDo:
        "nothing, where it watches something else; to have it judged, replay it on a trace that has the metric (docs/guides/replay.md)",
    };
  }
  return attempt(
    alarm,
    () => {
      const { n } = forAlarm(alarm.id, () => windowOf(alarm));
      signalValues(alarm, datapoints, 1, n)(0);
    },
    "write it with what docs/guides/replay.md lists under “What is replayed”, or watch it in CloudWatch itself",
  );
}

function ruleReason(alarm: CompositeAlarm, rule: string): Reason | undefined {
  return attempt(
    alarm,
    () => forAlarm(alarm.id, () => parseCompositeRule(rule)),
    "correct its rule, or export it anew with `aws cloudwatch describe-alarms`",
  );
}

/** What speaks against an alarm when the replay's own code tries it. */
function attempt({ id }: Alarm, tried: () => void, whatToDo: string): Reason | undefined {
  try {
    tried();
    return undefined;
  } catch (error) {
    if (!(error instanceof ReplayInputError)) throw error;
    const about = `alarm ${id}`;
    const { message } = error;
    const why = message.startsWith(about) ? message.slice(about.length).replace(/^:? /, "") : message;
    return { why, whatToDo };
  }
}

/** Composites read other composites, so that leaving one out may orphan the next. */
function withoutOrphans(alarms: readonly Alarm[], unjudged: readonly Unjudged[]): AlarmSet {
  const known = new Set(alarms.map(({ id }) => id));
  const out = new Set(unjudged.map(({ alarm }) => alarm));
  const orphan = alarms
    .filter((alarm) => alarm.kind === "composite")
    .flatMap((alarm) => readsOf(alarm).flatMap((read) => (known.has(read) ? [] : [{ alarm, read }])))[0];
  if (orphan === undefined) return withoutCircles(alarms, unjudged);
  const { alarm, read } = orphan;
  const reason: Reason = out.has(read)
    ? { why: `it reads ${read}, which was not judged`, whatToDo: `see ${read}` }
    : {
        why: `it reads ${read}, which is not in the file`,
        whatToDo:
          "add it: `aws cloudwatch describe-alarms --alarm-types MetricAlarm CompositeAlarm` prints both kinds",
      };
  return withoutOrphans(
    alarms.filter((one) => one !== alarm),
    [...unjudged, { alarm: alarm.id, ...reason }],
  );
}

function withoutCircles(alarms: readonly Alarm[], unjudged: readonly Unjudged[]): AlarmSet {
  const composites = alarms.filter((alarm) => alarm.kind === "composite");
  const reads = new Map(composites.map((alarm) => [alarm.id, alarmsRead(parseCompositeRule(alarm.rule))]));
  const circular = composites.find(({ id }) => reaches(id, id, reads, new Set()));
  if (circular === undefined) return { alarms, unjudged };
  return withoutOrphans(
    alarms.filter((one) => one !== circular),
    [
      ...unjudged,
      {
        alarm: circular.id,
        why: "its rule reads itself through other composites, and CloudWatch stops evaluating such a circle",
        whatToDo: "take one of the alarms out of the circle",
      },
    ],
  );
}

function reaches(
  from: string,
  to: string,
  reads: ReadonlyMap<string, readonly string[]>,
  seen: Set<string>,
): boolean {
  return (reads.get(from) ?? []).some((next) => {
    if (next === to) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    return reaches(next, to, reads, seen);
  });
}

function readsOf(alarm: CompositeAlarm): readonly string[] {
  const rule = alarmsRead(parseCompositeRule(alarm.rule));
  return alarm.suppression === undefined ? rule : [...rule, alarm.suppression.by];
}
