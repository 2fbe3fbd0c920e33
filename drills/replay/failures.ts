import type { Trace } from "./trace";

/** Metrics that count failed requests. */
const COUNTERS: ReadonlySet<string> = new Set([
  "AWS/ApplicationELB HTTPCode_Target_5XX_Count",
  "AWS/ApplicationELB HTTPCode_ELB_5XX_Count",
  "Auth/Service auth.login.failures",
]);

/** Where a trace does not say from when on something is wrong, so many failed requests in a minute do. */
const FEWEST_FAILURES = 5;

/**
 * Start, in seconds, of the first minute with failed requests: after the beginning of the fault, the first with more of
 * them than any minute before it had, since a service in good health answers a few with an error as well.
 * @param fault Minute from which on the fault works, where that is known.
 */
export function firstFailureSeconds(trace: Trace, fault: number | undefined): number | undefined {
  const counters = trace.series.filter(
    ({ namespace, metric, statistic }) => statistic === "Sum" && COUNTERS.has(`${namespace} ${metric}`),
  );
  const from = Math.ceil(((fault ?? 0) * 60) / trace.periodSeconds);
  const starts = counters.flatMap(({ values }) => {
    const usual = values.slice(0, from).reduce((most: number, value) => Math.max(most, value ?? 0), 0);
    const beyond = fault === undefined ? FEWEST_FAILURES - 1 : usual;
    const index = values.findIndex((value, at) => at >= from && (value ?? 0) > beyond);
    return index === -1 ? [] : [index * trace.periodSeconds];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}
