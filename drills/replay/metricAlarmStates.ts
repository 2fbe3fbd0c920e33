import type { AlarmState, MetricAlarm } from "./alarm";
import type { ByAge, Datapoints } from "./datapoints";
import { breaches, type Count, decide, windowOf } from "./evaluateAlarm";
import { enoughSamples } from "./lowSamples";
import type { MathReading } from "./math/evaluateMath";
import { signalValues } from "./signalValues";

/** A change of an alarm's state. */
export interface Change {
  /** Index of the newest period of the trace that the alarm saw. */
  readonly period: number;
  readonly to: AlarmState;
}

export interface StatesInput {
  readonly datapoints: Datapoints;
  /** Of the trace. */
  readonly tracePeriodSeconds: number;
  /** Periods of the trace from one evaluation to the next. */
  readonly step: number;
  /** Periods of the alarm that CloudWatch retrieves beyond N. */
  readonly extraPeriods: number;
  readonly reading?: MathReading | undefined;
}

/** How a metric alarm changes over a trace, from INSUFFICIENT_DATA on. */
export function metricAlarmChanges(alarm: MetricAlarm, input: StatesInput): readonly Change[] {
  const { datapoints, step } = input;
  const { n } = windowOf(alarm);
  const stride = alarm.periodSeconds / input.tracePeriodSeconds;
  const range = n + input.extraPeriods;
  const valuesAt = signalValues(alarm, datapoints, stride, range, input.reading);
  const samplesSuffice = enoughSamples(alarm, datapoints);
  const changes: Change[] = [];
  let state: AlarmState = "INSUFFICIENT_DATA";
  for (let period = step - 1; period < datapoints.length; period += step) {
    if (!samplesSuffice(period)) continue;
    // Periods of the alarm that the trace holds; what was before it is not missing, but unknown.
    const held = Math.min(range, Math.floor((period + 1) / stride));
    const next = stateFrom(alarm, valuesAt(period), held, state);
    if (next !== state) changes.push({ period, to: next });
    state = next;
  }
  return changes;
}

function stateFrom(alarm: MetricAlarm, values: ByAge, held: number, previous: AlarmState): AlarmState {
  const window = windowOf(alarm);
  const treatment = alarm.treatMissingData ?? "missing";
  const count = counted(alarm, values, held, window.n);
  if (held >= window.n || count.real >= window.n) return decide(window, treatment, count, previous);
  // The trace is shorter than the window yet. What came before it may have been anything: a state that both kinds of
  // past lead to is sure, any other is not.
  const unseen = window.n - held;
  const worst = {
    ...count,
    real: count.real + unseen,
    breaching: count.breaching + unseen,
    oldestBreach: window.n,
  };
  const best = { ...count, real: count.real + unseen };
  const [one, other] = [worst, best].map((past) => decide(window, treatment, past, previous));
  return one !== undefined && one === other ? one : previous;
}

/** As `evaluateAlarm` counts, from the newest back. */
function counted(alarm: MetricAlarm, values: ByAge, held: number, n: number): Count {
  let [real, breaching, oldestBreach] = [0, 0, 0];
  for (let age = 0; age < held && real < n; age++) {
    const value = values(age);
    if (Number.isNaN(value)) continue;
    real++;
    if (!breaches(alarm.comparison, value, alarm.threshold)) continue;
    breaching++;
    oldestBreach = age + 1;
  }
  return { real, breaching, oldestBreach };
}
