import { type Metric, type MetricAlarmSpec, runbookOf, type Signal } from "../alarmSpec";
import type { Window } from "../windows";

/** An alarm as its author writes it; what follows from the rest is filled in. */
export type Draft = Omit<
  MetricAlarmSpec,
  "kind" | "runbook" | "signal" | "severity" | "role" | keyof Window
> & {
  readonly on: Metric | Extract<Signal, { readonly kind: "math" }>;
  readonly window: Window;
};

/** A signal: read by composites, it notifies no one by itself. */
export function signal(draft: Draft): MetricAlarmSpec {
  return { ...specOf(draft), severity: "signal", role: "signal" };
}

/** Something that runs out slowly: a ticket for the next working day. */
export function capacity(draft: Draft): MetricAlarmSpec {
  return { ...specOf(draft), severity: "ticket", role: "capacity" };
}

function specOf({ on, window, ...rest }: Draft): Omit<MetricAlarmSpec, "severity" | "role"> {
  return {
    kind: "metric",
    ...rest,
    ...window,
    signal: "kind" in on ? on : { kind: "metric", metric: on },
    runbook: runbookOf(rest.id),
  };
}

/** Metric math over named metrics. */
export function math(
  label: string,
  expression: string,
  metrics: { readonly [id: string]: Metric },
): Extract<Signal, { readonly kind: "math" }> {
  return { kind: "math", expression, label, metrics };
}

/**
 * A metric that is silent while there is nothing to report, read as 0 then, and as missing only if the source itself
 * is silent: `presence` is something it reports always.
 *
 * By `IF`, since it drops a data point whose condition has none; a sum would take the missing half for 0.
 * Source: CloudWatch User Guide, using-metric-math.
 */
export function zeroAtRest(label: string, metric: Metric, presence: Metric) {
  return math(label, whilePresent("presence", "FILL(reported, 0)"), { reported: metric, presence });
}

/** An expression that is missing where this metric, which is never negative, is. */
export function whilePresent(id: string, expression: string): string {
  return `IF(${id} >= 0, ${expression}, 0)`;
}

/**
 * The state stays what it was until there is news. A gap in what the tasks tell must neither end an incident nor
 * exclude a cause that another alarm is evidence for.
 */
export const STAYS = {
  treatAs: "ignore",
  reason:
    "a gap in the telemetry carries no information: the state is kept; unhealthy-targets and login-failures cover tasks that are gone",
} as const;

/** The same of RDS. */
export const DATABASE_STAYS = {
  treatAs: "ignore",
  reason:
    "RDS reports it every minute: a gap is CloudWatch's and carries no information; login-failures covers a database that is gone",
} as const;
