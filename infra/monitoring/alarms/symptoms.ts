import type { CompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import {
  type AlarmInput,
  type CompositeAlarmSpec,
  type MetricAlarmSpec,
  runbookOf,
  type Severity,
  type Suppression,
  type Threshold,
} from "../alarmSpec";
import { loadBalancer, tasks } from "../metrics";
import { allOf, EVIDENCE_WINDOW, PERSISTENCE_WINDOW } from "../windows";
import { math, signal } from "./metricAlarm";

// RequestCount leaves out what is refused before a target is chosen, which in a total outage is every request.
// Those the load balancer answers itself are added; a 502 or 504 after the choice counts twice, which can only
// make the share too small, and not below half of what it is.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
const ATTEMPTS = "(FILL(requests, 0) + FILL(balancer, 0))";
const { requests, targetErrors: target, ownErrors: balancer } = loadBalancer;

/** What users feel, whatever the cause. The composites at the end of this file tell it. */
export function symptomSignals(input: AlarmInput): readonly MetricAlarmSpec[] {
  const failed = failedPercent(input);
  const latency = loginLatency(input);
  return [
    signal({
      id: "login-failure-rate",
      intent: "The share of requests that end in a server error is above the tolerated share.",
      on: math("Requests failed (%)", failed, { requests, target, balancer }),
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: loginFailures(input),
      missingData: {
        treatAs: "notBreaching",
        reason: "neither requests nor refusals were reported: no one tried to log in",
      },
    }),
    signal({
      id: "login-latency-p99",
      intent: "One in 100 requests takes longer than the objective.",
      on: loadBalancer.responseP99,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: latency,
      missingData: { treatAs: "notBreaching", reason: "a load balancer without requests reports nothing" },
    }),
    signal({
      id: "unhealthy-target-count",
      intent: "Tasks fail their health check and are not replaced.",
      on: loadBalancer.unhealthy,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: {
        // ECS replaces an unhealthy task within a minute or two; one that stays is one that cannot be replaced.
        value: 0,
        unit: "tasks",
        formula: `none: the peak is sized for ${input.zoneLoss === "survive" ? "tasksAtPeak without those of one zone" : "all tasksAtPeak"}`,
        inputs: { tasksAtPeak: input.tasksAtPeak },
      },
      missingData: {
        treatAs: "ignore",
        reason:
          "no task is registered, or CloudWatch has a gap: running-tasks and login-failure-rate distinguish the two",
      },
    }),
    signal({
      id: "running-tasks",
      intent: "Fewer tasks run than the minimum during a deployment.",
      on: tasks.running,
      window: allOf(5),
      comparison: "LessThanThreshold",
      threshold: fewestTasks(input),
      missingData: {
        treatAs: "ignore",
        reason: "Container Insights reports 0 explicitly: a gap carries no information",
      },
    }),
    signal({
      id: "symptom-persists",
      intent: "Users have been affected for half an hour, regardless of the named cause.",
      on: math(
        "Concurrent symptoms",
        [
          `IF(${failed} > ${input.toleratedFailurePercent}, 1, 0)`,
          `IF(FILL(latency, 0) > ${latency.value}, 1, 0)`,
          "IF(FILL(unhealthy, 0) > 0, 1, 0)",
        ].join(" + "),
        { requests, target, balancer, latency: loadBalancer.responseP99, unhealthy: loadBalancer.unhealthy },
      ),
      window: PERSISTENCE_WINDOW,
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: {
        value: 1,
        unit: "symptom",
        formula: "any of login-failure-rate, login-latency-p99, unhealthy-target-count",
        inputs: { toleratedFailurePercent: input.toleratedFailurePercent, latencySeconds: latency.value },
      },
      missingData: { treatAs: "notBreaching", reason: "nothing was reported: no user was affected" },
    }),
  ];
}

/** Share of requests that failed in a minute; 0 where so few were made that one failure would be too many. */
function failedPercent({ toleratedFailurePercent }: AlarmInput): string {
  const failures = "(FILL(target, 0) + FILL(balancer, 0))";
  return `IF(${ATTEMPTS} >= ${fewestAttempts(toleratedFailurePercent)}, 100 * ${failures} / ${ATTEMPTS}, 0)`;
}

/**
 * Latency beyond which users suffer: the objective, but never more than the acquire timeout, since requests that
 * fail for want of a connection are answered then.
 */
function loginLatency({ toleratedLatencyMs, acquireTimeoutMs }: AlarmInput): Threshold {
  const limits = [toleratedLatencyMs, acquireTimeoutMs].filter((limit) => limit > 0);
  const milliseconds = limits.length === 0 ? 1000 : Math.min(...limits);
  return {
    value: milliseconds / 1000,
    unit: "s (p99)",
    formula: "min(tolerated latency, acquire timeout)",
    inputs: { toleratedLatencyMs, acquireTimeoutMs },
  };
}

/** So few requests that a single failure would be too many of them say nothing. */
function fewestAttempts(toleratedFailurePercent: number): number {
  return toleratedFailurePercent > 0 ? Math.ceil(100 / toleratedFailurePercent) : 1;
}

function loginFailures({ toleratedFailurePercent }: AlarmInput): Threshold {
  return {
    value: toleratedFailurePercent,
    unit: "% of requests",
    formula:
      "tolerated failures, in minutes with at least ⌈100 ÷ tolerated⌉ attempts: requests that reached a target, plus the load balancer's own 5xx",
    inputs: { toleratedFailurePercent, fewestAttempts: fewestAttempts(toleratedFailurePercent) },
  };
}

/** Tasks that ECS keeps up even during a deployment; at least one, or there is no service. */
function fewestTasks({ minTasks, minimumHealthyPercent }: AlarmInput): Threshold {
  return {
    value: Math.max(1, Math.ceil((minTasks * Math.min(100, minimumHealthyPercent)) / 100)),
    unit: "running tasks",
    formula: "max(1, ⌈minTasks × minimumHealthyPercent ÷ 100⌉)",
    inputs: { minTasks, minimumHealthyPercent },
  };
}

/** How long a symptom waits for a cause to be named, and for itself to end after the cause has. */
const PATIENCE_SECONDS = 120;

/** What users feel; notified where no cause is. */
const SYMPTOMS: readonly {
  readonly id: string;
  readonly intent: string;
  readonly signals: readonly string[];
  readonly severity: Severity;
}[] = [
  {
    id: "login-failures",
    intent: "Users cannot log in: too many requests fail, and no cause was named, or it is not fixed.",
    signals: ["login-failure-rate"],
    severity: "page",
  },
  {
    id: "login-latency",
    intent: "Logins are slow, and no cause was named, or it is not fixed.",
    signals: ["login-latency-p99"],
    severity: "ticket",
  },
  {
    id: "unhealthy-targets",
    intent: "Tasks are down and not replaced, and no cause was named, or it is not fixed.",
    signals: ["unhealthy-target-count", "running-tasks"],
    severity: "page",
  },
];

const SUPPRESSOR = "cause-named";

/**
 * Symptoms, and what keeps them quiet while a cause that itself pages is in ALARM: the person on call knows
 * more from the cause. A symptom waits two minutes for a cause and no longer; and after half an hour of symptoms
 * nothing keeps them quiet any more, since the cause that was named was not the one, or is not fixed.
 */
export function symptomAlarms(causes: readonly CompositeAlarmSpec[]): readonly CompositeAlarmSpec[] {
  const paging = causes.filter(({ severity }) => severity === "page").map(({ id }) => ({ alarm: id }));
  return [
    {
      kind: "composite",
      id: SUPPRESSOR,
      intent: "A root cause has been named and paged, less than half an hour of symptoms ago.",
      rule: { all: [{ any: paging }, { not: { alarm: "symptom-persists" } }] },
      severity: "signal",
      role: "signal",
      runbook: runbookOf(SUPPRESSOR),
    },
    ...SYMPTOMS.map(
      ({ id, intent, signals, severity }): CompositeAlarmSpec => ({
        kind: "composite",
        id,
        intent,
        rule: anyOf(signals),
        severity,
        role: "symptom",
        runbook: runbookOf(id),
        suppression: SUPPRESSION,
        advice: {
          present: "The first row of the dashboard NAME shows whether the pool is the cause.",
          fix: "Check it first, then the last deployment.",
        },
      }),
    ),
  ];
}

const SUPPRESSION: Suppression = {
  by: SUPPRESSOR,
  waitSeconds: PATIENCE_SECONDS,
  extensionSeconds: PATIENCE_SECONDS,
  reason: "a named cause pages itself and is more specific than the symptom",
};

function anyOf(ids: readonly string[]): CompositeRule {
  return { any: ids.map((alarm) => ({ alarm })) };
}
