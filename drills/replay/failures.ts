import type { Trace } from "./trace";

/** Metrics that count failed requests. */
const COUNTERS: ReadonlySet<string> = new Set([
  "AWS/ApplicationELB HTTPCode_Target_5XX_Count",
  "AWS/ApplicationELB HTTPCode_ELB_5XX_Count",
  "Auth/Service auth.login.failures",
]);

/** Failures that a service in good health has every now and then are no fault: so many a minute begin one. */
export const FEWEST_FAILURES = 5;

/**
 * Start, in seconds, of the first minute with failed requests, from a minute on. Where a scenario says from when on its
 * fault works, one failed request is enough; a trace that does not say needs a handful.
 */
export function firstFailureSeconds(trace: Trace, fromMinute: number | undefined): number | undefined {
  const counters = trace.series.filter(
    ({ namespace, metric, statistic }) => statistic === "Sum" && COUNTERS.has(`${namespace} ${metric}`),
  );
  const fewest = fromMinute === undefined ? FEWEST_FAILURES : 1;
  const from = Math.ceil(((fromMinute ?? 0) * 60) / trace.periodSeconds);
  const length = trace.series[0]?.values.length ?? 0;
  for (let index = from; index < length; index++) {
    if (counters.some(({ values }) => (values[index] ?? 0) >= fewest)) return index * trace.periodSeconds;
  }
  return undefined;
}
