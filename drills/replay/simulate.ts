import { InputError } from "../../policies/kit/errors";
import { closest } from "../../policies/kit/text";
import { type AlarmState, evaluateAlarm } from "../../policies/model/cloudwatch/alarm";
import {
  alarmsRead,
  type CompositeRule,
  orderOfReading,
  parseCompositeRule,
  ruleHolds,
} from "../../policies/model/cloudwatch/compositeRule";
import type { MathReading } from "../../policies/model/cloudwatch/metricMath";
import { type Alarm, type CompositeAlarm, forAlarm, type MetricAlarm, metricsOf } from "./alarm";
import { alarmValues, Datapoints, hasEnoughSamples } from "./datapoints";
import type { Trace } from "./trace";

/** CloudWatch evaluates a standard alarm every minute (CloudWatch User Guide, alarm-evaluation). */
const EVALUATION_SECONDS = 60;

export interface SimulationOptions {
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

/** An alarm notifies of its state. */
interface Action {
  readonly atSeconds: number;
  readonly alarm: string;
  readonly state: AlarmState;
}

/** What the alarms did over a trace. */
export interface Simulation {
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
 * @throws InputError naming the alarm that cannot be replayed on this trace, and why.
 */
export function simulate(
  alarms: readonly Alarm[],
  trace: Trace,
  options: SimulationOptions = {},
): Simulation {
  const composites = readComposites(alarms);
  const metricAlarms = alarms.filter((alarm) => alarm.kind === "metric");
  const datapoints = new Datapoints(trace);
  const blind = metricAlarms.filter((alarm) => !metricsOf(alarm).some((metric) => datapoints.has(metric)));
  const observed =
    options.absentMetrics === "unobserved"
      ? metricAlarms.filter((alarm) => !blind.includes(alarm))
      : metricAlarms;
  const states = new AlarmStates(alarms, composites);
  for (const { atSeconds, changes } of metricEvents(observed, datapoints, trace, options)) {
    states.advance(atSeconds, changes);
  }
  const { ingestionDelaySeconds = EVALUATION_SECONDS } = options;
  states.advance(trace.periodSeconds * datapoints.length + ingestionDelaySeconds, []);
  return {
    transitions: states.transitions,
    actions: states.actions.toSorted((one, other) => one.atSeconds - other.atSeconds),
    blind: blind.map(({ id }) => id),
    equallyWeighted: [...datapoints.equallyWeighted],
  };
}

/** A composite alarm with its rule read. */
interface ReadComposite {
  readonly alarm: CompositeAlarm;
  readonly rule: CompositeRule;
}

/**
 * The composites of a set, each after those that it reads.
 * @throws InputError for two alarms of one name, for a rule or a suppressor that names no alarm of the set, and for
 * rules that read each other in a circle: CloudWatch stops evaluating those.
 */
function readComposites(alarms: readonly Alarm[]): readonly ReadComposite[] {
  const known = new Set<string>();
  for (const { id } of alarms) {
    if (known.has(id)) throw new InputError(`there are two alarms named ${id}`);
    known.add(id);
  }
  const read = new Map<string, ReadComposite & { readonly reads: readonly string[] }>();
  for (const alarm of alarms) {
    if (alarm.kind !== "composite") continue;
    const rule = forAlarm(alarm.id, () => parseCompositeRule(alarm.rule));
    read.set(alarm.id, { alarm, rule, reads: alarmsRead(rule) });
  }
  for (const { alarm, reads } of read.values()) {
    for (const id of reads) requireKnown(alarm.id, "its rule reads", id, known);
    if (alarm.suppression) requireKnown(alarm.id, "it is suppressed by", alarm.suppression.by, known);
  }
  const result = orderOfReading(read.keys(), (id) => read.get(id)?.reads ?? []);
  if ("order" in result) return result.order.flatMap((id) => read.get(id) ?? []);
  throw new InputError(`composite alarms read each other in a circle: ${result.circle.join(" → ")}`);
}

function requireKnown(alarm: string, how: string, name: string, known: ReadonlySet<string>): void {
  if (known.has(name)) return;
  const near = closest(name, [...known]);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new InputError(`alarm ${alarm}: ${how} ${name}, which is not in the set of alarms${hint}`);
}

interface MetricChange {
  readonly alarm: string;
  readonly to: AlarmState;
}

interface MetricEvent {
  readonly atSeconds: number;
  readonly changes: readonly MetricChange[];
}

/** When which metric alarms change, in order; first of all the first evaluation, whether or not anything changes. */
function metricEvents(
  alarms: readonly MetricAlarm[],
  datapoints: Datapoints,
  { periodSeconds }: Trace,
  options: SimulationOptions,
): readonly MetricEvent[] {
  if (EVALUATION_SECONDS % periodSeconds !== 0 && periodSeconds % EVALUATION_SECONDS !== 0) {
    throw new InputError(
      `the trace has a value for every ${periodSeconds} s: a divisor or a multiple of ${EVALUATION_SECONDS} s can be replayed`,
    );
  }
  const step = Math.max(1, EVALUATION_SECONDS / periodSeconds);
  const { ingestionDelaySeconds: delay = EVALUATION_SECONDS, phaseSeconds = () => 0 } = options;
  const events = new Map<number, MetricChange[]>([[step * periodSeconds + delay, []]]);
  for (const alarm of alarms) {
    const changed = forAlarm(alarm.id, () =>
      metricAlarmChanges(alarm, datapoints, periodSeconds, step, options),
    );
    for (const { period, to } of changed) {
      const atSeconds = (period + 1) * periodSeconds + delay + phaseSeconds(alarm.id);
      const together = events.get(atSeconds) ?? [];
      together.push({ alarm: alarm.id, to });
      events.set(atSeconds, together);
    }
  }
  return [...events]
    .sort(([one], [other]) => one - other)
    .map(([atSeconds, changes]) => ({ atSeconds, changes }));
}

/**
 * How a metric alarm changes over a trace, from INSUFFICIENT_DATA on; each change with the newest period of the trace that
 * the alarm saw.
 * @param step Periods of the trace from one evaluation to the next.
 * @throws InvalidAlarmError
 */
function metricAlarmChanges(
  alarm: MetricAlarm,
  datapoints: Datapoints,
  tracePeriodSeconds: number,
  step: number,
  { extraPeriods = 2, reading }: SimulationOptions,
): readonly { readonly period: number; readonly to: AlarmState }[] {
  const stride = alarm.periodSeconds / tracePeriodSeconds;
  const range = alarm.evaluationPeriods + extraPeriods;
  const valuesAt = alarmValues(alarm, datapoints, { stride, range, reading });
  const isEvaluated = hasEnoughSamples(alarm, datapoints);
  const changes: { readonly period: number; readonly to: AlarmState }[] = [];
  let state: AlarmState = "INSUFFICIENT_DATA";
  for (let period = step - 1; period < datapoints.length; period += step) {
    if (!isEvaluated(period)) continue;
    // Periods of the alarm that the trace holds; what was before it is not missing, but unknown.
    const periods = Math.min(range, Math.floor((period + 1) / stride));
    const before: AlarmState = state;
    state = evaluateAlarm(alarm, { periods, valueAt: valuesAt(period) }, before);
    if (state !== before) changes.push({ period, to: state });
  }
  return changes;
}

/** All alarms in the states that they are in, and what they have done so far. */
class AlarmStates {
  readonly transitions: Transition[] = [];
  readonly actions: Action[] = [];
  private readonly states = new Map<string, AlarmState>();
  private readonly suppressors = new Map<string, Suppressor>();
  private readonly silent: ReadonlySet<string>;

  constructor(
    alarms: readonly Alarm[],
    private readonly composites: readonly ReadComposite[],
  ) {
    this.silent = new Set(alarms.flatMap(({ id, severity }) => (severity === "signal" ? [id] : [])));
    for (const { alarm } of composites) {
      if (alarm.suppression) this.suppressors.set(alarm.id, new Suppressor(alarm.suppression));
    }
  }

  advance(atSeconds: number, changes: readonly MetricChange[]): void {
    for (const [id, suppressor] of this.suppressors) this.act(id, suppressor.timePassed(atSeconds));
    const changed = changes.map(({ alarm, to }) => this.change(alarm, to, atSeconds));
    for (const { alarm, rule } of this.composites) {
      const to = ruleHolds(rule, (id) => this.stateOf(id)) ? "ALARM" : "OK";
      if (to !== this.stateOf(alarm.id)) changed.push(this.change(alarm.id, to, atSeconds));
    }
    // Suppressors first: a composite that changes in the same moment is then held back by the alarm itself.
    for (const transition of changed) this.tellSuppressors(transition);
    for (const transition of changed) this.notify(transition);
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

  private tellSuppressors({ alarm, to, atSeconds }: Transition): void {
    for (const { alarm: composite } of this.composites) {
      if (composite.suppression?.by !== alarm) continue;
      this.act(composite.id, this.suppressors.get(composite.id)?.suppressorChanged(to, atSeconds));
    }
  }

  private notify({ alarm, from, to, atSeconds }: Transition): void {
    // That an alarm is OK at its first evaluation is no news.
    if (from === "INSUFFICIENT_DATA" && to === "OK") return;
    const suppressor = this.suppressors.get(alarm);
    this.act(alarm, suppressor ? suppressor.compositeChanged(atSeconds) : atSeconds);
  }

  private act(id: string, atSeconds: number | undefined): void {
    const state = this.stateOf(id);
    // Alarms have actions for ALARM and OK.
    if (atSeconds === undefined || this.silent.has(id) || state === "INSUFFICIENT_DATA") return;
    this.actions.push({ atSeconds, alarm: id, state });
  }
}

/** What holds back the action of a composite for now. */
type Hold = { readonly kind: "period"; readonly until: number } | { readonly kind: "suppressor" };

/**
 * Whether a composite alarm's actions are suppressed, as AWS documents it ("Suppressing composite alarm actions",
 * Create_Composite_Alarm_Suppression, with its six examples):
 * - When the composite changes its state while the suppressor is not in ALARM, a wait begins: the suppressor may be
 *   about to follow. It goes to ALARM: the wait is dropped, and the suppressor holds the actions back for as long as it
 *   is in ALARM. The composite changes again: a new wait begins. The wait ends: the composite takes its actions.
 * - When the suppressor leaves ALARM an extension begins: the composite may be about to follow. It changes: the
 *   extension is dropped and a wait begins. The extension ends: the composite takes its actions.
 * - Actions are those of the state that the composite is in by then.
 *
 * Where AWS is silent: when a wait ends at the very moment that the suppressor goes to ALARM, the action is taken
 * (the worse case for the person on call); and an action is taken only for a change that no action has reported yet.
 *
 * Times are seconds from any start, and must not go back.
 */
export class Suppressor {
  private hold: Hold | undefined;
  private suppressorState: AlarmState = "INSUFFICIENT_DATA";
  private isActionPending = false;

  constructor(private readonly settings: NonNullable<CompositeAlarm["suppression"]>) {}

  /**
   * Tells that time has come to `now`, before any change at that moment.
   * @returns When the composite acts on the state it has been in, if a wait or extension ended by now.
   */
  timePassed(now: number): number | undefined {
    const { hold } = this;
    if (hold?.kind !== "period" || hold.until > now) return undefined;
    this.hold = undefined;
    return this.act(hold.until);
  }

  /** @returns When the composite acts at once, because the extension has no length. */
  suppressorChanged(state: AlarmState, now: number): number | undefined {
    const wasInAlarm = this.suppressorState === "ALARM";
    this.suppressorState = state;
    if (state === "ALARM") this.hold = { kind: "suppressor" };
    else if (wasInAlarm) return this.holdFor(this.settings.extensionSeconds, now);
    return undefined;
  }

  /** @returns When the composite acts at once, because the suppressor is not in ALARM and there is no wait. */
  compositeChanged(now: number): number | undefined {
    this.isActionPending = true;
    return this.hold?.kind === "suppressor" ? undefined : this.holdFor(this.settings.waitSeconds, now);
  }

  private holdFor(seconds: number, now: number): number | undefined {
    this.hold = seconds > 0 ? { kind: "period", until: now + seconds } : undefined;
    return this.hold === undefined ? this.act(now) : undefined;
  }

  private act(now: number): number | undefined {
    const isPending = this.isActionPending;
    this.isActionPending = false;
    return isPending ? now : undefined;
  }
}
