import type { AlarmState } from "../../policies/model/cloudwatch/alarm";
import {
  alarmsRead,
  type CompositeRule,
  orderOfReading,
  parseCompositeRule,
  ruleHolds,
} from "../../policies/model/cloudwatch/compositeRule";
import type { MathReading } from "../../policies/model/cloudwatch/metricMath";
import { closest } from "../../policies/model/nearestName";
import type { Alarm, CompositeAlarm, MetricAlarm } from "./alarm";
import { Suppressor } from "./composites/suppressor";
import { Datapoints } from "./datapoints";
import { forAlarm, ReplayInputError } from "./inputError";
import { metricAlarmChanges } from "./metricAlarmStates";
import { metricsOf } from "./signalValues";
import type { Trace } from "./trace";

/** CloudWatch evaluates a standard alarm every minute (CloudWatch User Guide, alarm-evaluation). */
const EVERY_SECONDS = 60;

export interface ReplayOptions {
  /** From the end of a period until CloudWatch has its datapoint. @default 60 */
  readonly ingestionDelaySeconds?: number | undefined;
  /** Periods that an alarm retrieves beyond its N; AWS publishes 5 for N = 3. @default 2 */
  readonly extraPeriods?: number | undefined;
  /**
   * What an alarm sees whose metrics are all absent from the trace: nothing, as it would in CloudWatch, or is it that the
   * trace was taken where such a metric is not measured? Then the alarm stays in INSUFFICIENT_DATA. @default "noData"
   */
  readonly absentMetrics?: "noData" | "unobserved" | undefined;
  /** Second of the minute at which a metric alarm is evaluated; AWS does not say. @default 0 for each */
  readonly phaseSeconds?: ((alarmId: string) => number) | undefined;
  /** How metric math reads what is missing. @default as AWS's guide says */
  readonly reading?: MathReading | undefined;
}

/** A change of state. Times are seconds from the start of the trace. */
export interface Transition {
  readonly atSeconds: number;
  readonly alarm: string;
  readonly from: AlarmState;
  readonly to: AlarmState;
}

/** An alarm tells somebody of its state. */
export interface Action {
  readonly atSeconds: number;
  readonly alarm: string;
  readonly state: AlarmState;
}

/** What the alarms did over a trace. */
export interface Replay {
  readonly transitions: readonly Transition[];
  /** Of alarms with a severity other than `signal`, the initial OK left out. */
  readonly actions: readonly Action[];
  /** Alarms none of whose metrics is in the trace. */
  readonly blind: readonly string[];
  /** Metrics whose averages over several periods count every period alike, since the trace has no sample counts. */
  readonly equallyWeighted: readonly string[];
}

/**
 * Runs a set of alarms over a trace: every minute each metric alarm is evaluated on what has arrived by then, and
 * composites follow. Alarms act on transitions only; a suppressed composite acts when it is no longer held back.
 * @throws ReplayInputError naming the alarm that cannot be replayed on this trace, and why.
 */
export function replay(alarms: readonly Alarm[], trace: Trace, options: ReplayOptions = {}): Replay {
  const known = uniqueIds(alarms);
  const metricAlarms = alarms.filter((alarm) => alarm.kind === "metric");
  const composites = inOrder(
    alarms.filter((alarm) => alarm.kind === "composite"),
    known,
  );
  const datapoints = new Datapoints(trace);
  const blind = metricAlarms.filter((alarm) => !metricsOf(alarm).some((metric) => datapoints.has(metric)));
  const observed =
    options.absentMetrics === "unobserved"
      ? metricAlarms.filter((one) => !blind.includes(one))
      : metricAlarms;
  const events = eventsOf(observed, datapoints, trace, options);
  const room = new Room(alarms, composites);
  for (const { atSeconds, changes } of events) room.happen(atSeconds, changes);
  const end = trace.periodSeconds * datapoints.length + (options.ingestionDelaySeconds ?? EVERY_SECONDS);
  room.happen(end, []);
  return {
    transitions: room.transitions,
    actions: room.actions.toSorted((one, other) => one.atSeconds - other.atSeconds),
    blind: blind.map(({ id }) => id),
    equallyWeighted: [...datapoints.equallyWeighted],
  };
}

function uniqueIds(alarms: readonly Alarm[]): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { id } of alarms) {
    if (known.has(id)) throw new ReplayInputError(`there are two alarms named ${id}`);
    known.add(id);
  }
  return known;
}

/** A composite alarm with its rule read. */
interface ReadComposite {
  readonly alarm: CompositeAlarm;
  readonly rule: CompositeRule;
}

/**
 * Composites in an order in which each comes after those that it reads.
 * @param known Ids of all alarms of the set.
 * @throws ReplayInputError for a rule or a suppressor that names no alarm of the set, and for rules that read each
 * other in a circle: CloudWatch stops evaluating those.
 */
function inOrder(
  composites: readonly CompositeAlarm[],
  known: ReadonlySet<string>,
): readonly ReadComposite[] {
  const read = new Map(
    composites.map((alarm) => [
      alarm.id,
      { alarm, rule: forAlarm(alarm.id, () => parseCompositeRule(alarm.rule)) },
    ]),
  );
  for (const { alarm, rule } of read.values()) {
    for (const id of alarmsRead(rule)) requireKnown(alarm.id, "its rule reads", id, known);
    if (alarm.suppression) requireKnown(alarm.id, "it is suppressed by", alarm.suppression.by, known);
  }
  const result = orderOfReading(read.keys(), (id) => {
    const composite = read.get(id);
    return composite === undefined ? [] : alarmsRead(composite.rule);
  });
  if ("order" in result) return result.order.flatMap((id) => read.get(id) ?? []);
  throw new ReplayInputError(`composite alarms read each other in a circle: ${result.circle.join(" → ")}`);
}

function requireKnown(alarm: string, how: string, name: string, known: ReadonlySet<string>): void {
  if (known.has(name)) return;
  const near = closest(name, [...known]);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new ReplayInputError(`alarm ${alarm}: ${how} ${name}, which is no alarm of the set${hint}`);
}

interface MetricChange {
  readonly alarm: string;
  readonly to: AlarmState;
}

interface Event {
  readonly atSeconds: number;
  readonly changes: readonly MetricChange[];
}

/** When which metric alarms change, in order; first of all the first evaluation, whether or not anything changes. */
function eventsOf(
  alarms: readonly MetricAlarm[],
  datapoints: Datapoints,
  trace: Trace,
  options: ReplayOptions,
): readonly Event[] {
  const { periodSeconds } = trace;
  if (EVERY_SECONDS % periodSeconds !== 0 && periodSeconds % EVERY_SECONDS !== 0) {
    throw new ReplayInputError(
      `the trace has a value for every ${periodSeconds} s: a divisor or a multiple of ${EVERY_SECONDS} s can be replayed`,
    );
  }
  const step = Math.max(1, EVERY_SECONDS / periodSeconds);
  const delay = options.ingestionDelaySeconds ?? EVERY_SECONDS;
  const events = new Map<number, MetricChange[]>([[step * periodSeconds + delay, []]]);
  for (const alarm of alarms) {
    const phase = options.phaseSeconds?.(alarm.id) ?? 0;
    const changes = metricAlarmChanges(alarm, {
      datapoints,
      tracePeriodSeconds: periodSeconds,
      step,
      extraPeriods: options.extraPeriods ?? 2,
      reading: options.reading,
    });
    for (const { period, to } of changes) {
      const atSeconds = (period + 1) * periodSeconds + delay + phase;
      const together = events.get(atSeconds) ?? [];
      together.push({ alarm: alarm.id, to });
      events.set(atSeconds, together);
    }
  }
  return [...events]
    .sort(([one], [other]) => one - other)
    .map(([atSeconds, changes]) => ({ atSeconds, changes }));
}

/** All alarms in the states that they are in, and what they have done so far. */
class Room {
  readonly transitions: Transition[] = [];
  readonly actions: Action[] = [];
  private readonly states: Map<string, AlarmState>;
  private readonly suppressors: ReadonlyMap<string, Suppressor>;
  private readonly alarms: ReadonlyMap<string, Alarm>;

  constructor(
    alarms: readonly Alarm[],
    private readonly composites: readonly ReadComposite[],
  ) {
    this.alarms = new Map(alarms.map((alarm) => [alarm.id, alarm]));
    this.states = new Map(alarms.map(({ id }) => [id, "INSUFFICIENT_DATA"]));
    this.suppressors = new Map(
      composites.flatMap(({ alarm: { id, suppression } }) =>
        suppression ? [[id, new Suppressor(suppression)]] : [],
      ),
    );
  }

  happen(atSeconds: number, changes: readonly MetricChange[]): void {
    for (const [id, suppressor] of this.suppressors) this.act(id, suppressor.passed(atSeconds));
    const changed = changes.map(({ alarm, to }) => this.change(alarm, to, atSeconds));
    for (const { alarm, rule } of this.composites) {
      const to = ruleHolds(rule, (id) => this.stateOf(id)) ? "ALARM" : "OK";
      if (to !== this.stateOf(alarm.id)) changed.push(this.change(alarm.id, to, atSeconds));
    }
    // Suppressors first: a composite that changes in the same moment is then held back by the alarm itself.
    for (const { alarm, to } of changed) this.tellSuppressorsOf(alarm, to, atSeconds);
    for (const transition of changed) this.tell(transition);
  }

  private stateOf(id: string): AlarmState {
    return this.states.get(id) ?? "INSUFFICIENT_DATA";
  }

  private change(alarm: string, to: AlarmState, atSeconds: number): Transition {
    const transition = { atSeconds, alarm, from: this.stateOf(alarm), to };
    this.states.set(alarm, to);
    this.transitions.push(transition);
    return transition;
  }

  private tellSuppressorsOf(alarm: string, to: AlarmState, atSeconds: number): void {
    for (const { alarm: composite } of this.composites) {
      if (composite.suppression?.by !== alarm) continue;
      this.act(composite.id, this.suppressors.get(composite.id)?.suppressorChanged(to, atSeconds));
    }
  }

  private tell({ alarm, from, to, atSeconds }: Transition): void {
    // An alarm that finds at its first look that all is well has nothing to tell.
    if (from === "INSUFFICIENT_DATA" && to === "OK") return;
    const suppressor = this.suppressors.get(alarm);
    this.act(alarm, suppressor ? suppressor.compositeChanged(atSeconds) : atSeconds);
  }

  private act(id: string, atSeconds: number | undefined): void {
    const alarm: MetricAlarm | CompositeAlarm | undefined = this.alarms.get(id);
    const state = this.stateOf(id);
    if (atSeconds === undefined || alarm === undefined || alarm.severity === "signal") return;
    // Our alarms have actions for ALARM and OK.
    if (state !== "INSUFFICIENT_DATA") this.actions.push({ atSeconds, alarm: id, state });
  }
}
