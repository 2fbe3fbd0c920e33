import { type AlarmState, evaluateAlarm } from "../../policies/model/cloudwatch/alarm";
import type { MathReading } from "../../policies/model/cloudwatch/metricMath";
import type { MetricAlarm } from "./alarm";
import type { Datapoints } from "./datapoints";
import { forAlarm } from "./inputError";
import { enoughSamples } from "./lowSamples";
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
  const stride = alarm.periodSeconds / input.tracePeriodSeconds;
  const range = alarm.evaluationPeriods + input.extraPeriods;
  const valuesAt = signalValues(alarm, datapoints, stride, range, input.reading);
  const samplesSuffice = enoughSamples(alarm, datapoints);
  const changes: Change[] = [];
  let state: AlarmState = "INSUFFICIENT_DATA";
  for (let period = step - 1; period < datapoints.length; period += step) {
    if (!samplesSuffice(period)) continue;
    // Periods of the alarm that the trace holds; what was before it is not missing, but unknown.
    const held = Math.min(range, Math.floor((period + 1) / stride));
    const next: AlarmState = forAlarm(alarm.id, () =>
      evaluateAlarm(alarm, { periods: held, valueAt: valuesAt(period) }, state),
    );
    if (next !== state) changes.push({ period, to: next });
    state = next;
  }
  return changes;
}
