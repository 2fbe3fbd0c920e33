import type { CompositeAlarm, MetricAlarm } from "../../../drills/replay/alarm";
import { type LoadedScenario, loadScenarios } from "../../../drills/replay/load";
import type { Trace, TraceSeries } from "../../../drills/replay/trace";

/** Shipped scenarios with their own alarms. */
export function shipped(...scenarios: readonly string[]): readonly LoadedScenario[] {
  const own = { traces: [], stack: undefined, alarms: undefined, ingestionDelaySeconds: 60 };
  return [...loadScenarios({ scenarios, ...own })];
}

const text = { intent: "", severity: "page", role: "symptom" } as const;

export const METRIC = { namespace: "NS", metric: "m", dimensions: {}, statistic: "Average" };

/** Pages when two of three minutes of the metric are above 5. */
export function metricAlarm(change: Partial<MetricAlarm> = {}): MetricAlarm {
  const { statistic = "Average" } = change;
  return {
    kind: "metric",
    id: "a",
    ...text,
    statistic,
    periodSeconds: 60,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    comparison: "GreaterThanThreshold",
    threshold: 5,
    treatMissingData: "missing",
    signal: { kind: "metric", metric: { ...METRIC, statistic } },
    ...change,
  };
}

/** Pages when one minute of the last expression is above 5. */
export function mathAlarm(
  expressions: { readonly [id: string]: string },
  change: Partial<MetricAlarm> = {},
): MetricAlarm {
  const returns = Object.keys(expressions).at(-1) ?? "";
  return metricAlarm({
    statistic: "Expression",
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    signal: { kind: "math", metrics: { m: METRIC }, expressions, returns },
    ...change,
  });
}

export function composite(change: Partial<CompositeAlarm> = {}): CompositeAlarm {
  return { kind: "composite", id: "c", ...text, role: "cause", rule: "ALARM(a)", ...change };
}

/** A trace of the metric's average, and of more series. */
export function traceOf(
  values: readonly (number | null)[],
  more: readonly Partial<TraceSeries>[] = [],
  periodSeconds = 60,
): Trace {
  const base = { ...METRIC, values };
  return {
    startsAt: "2024-09-02T02:00:00Z",
    periodSeconds,
    series: [base, ...more.map((one) => ({ ...base, ...one }))],
  };
}
