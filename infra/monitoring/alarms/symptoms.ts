import type { MetricAlarmSpec } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { loadBalancer, tasks } from "../signals";
import { fewestAttempts, fewestTasks, loginFailures, loginLatency } from "../thresholds/symptoms";
import { ACCUSES, allOf, PERSISTS } from "../windows";
import { math, signal } from "./metricAlarm";

// RequestCount leaves out what is refused before a target is chosen, which in a total outage is every request.
// Those the load balancer answers itself are added; a 502 or 504 after the choice counts twice, which can only
// make the share too small, and not below half of what it is.
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
const ATTEMPTS = "(FILL(requests, 0) + FILL(balancer, 0))";
const { requests, targetErrors: target, ownErrors: balancer } = loadBalancer;

/** What users feel, whatever the cause. The composites of `composites/symptoms.ts` tell it. */
export function symptomSignals(input: AlarmInput): readonly MetricAlarmSpec[] {
  const failed = failedPercent(input);
  const latency = loginLatency(input);
  return [
    signal({
      id: "login-failure-rate",
      intent: "The share of requests that end in a server error is above what is tolerated.",
      on: math("Requests failed (%)", failed, { requests, target, balancer }),
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: loginFailures(input),
      missingData: {
        treatAs: "notBreaching",
        reason: "neither a request nor a refusal was reported: nobody tried to log in",
      },
    }),
    signal({
      id: "login-latency-p99",
      intent: "Of 100 requests, the slowest takes longer than the objective.",
      on: loadBalancer.responseP99,
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: latency,
      missingData: { treatAs: "notBreaching", reason: "a load balancer without requests reports nothing" },
    }),
    signal({
      id: "unhealthy-target-count",
      intent: "Tasks fail their health check and are not replaced.",
      on: loadBalancer.unhealthy,
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: {
        // ECS replaces an unhealthy task within a minute or two; one that stays is one that cannot be replaced.
        value: 0,
        unit: "tasks",
        formula: "none: the peak is sized for every one of tasksAtPeak",
        inputs: { tasksAtPeak: input.tasksAtPeak },
      },
      missingData: {
        treatAs: "ignore",
        reason:
          "no task is registered, or CloudWatch has a gap: running-tasks and login-failure-rate tell them apart",
      },
    }),
    signal({
      id: "running-tasks",
      intent: "Fewer tasks run than the service keeps up even during a deployment.",
      on: tasks.running,
      window: allOf(5),
      comparison: "LessThanThreshold",
      threshold: fewestTasks(input),
      missingData: { treatAs: "ignore", reason: "Container Insights reports a 0: a gap is no news" },
    }),
    signal({
      id: "symptom-persists",
      intent: "Users have been failed for half an hour, whatever was said to be the cause.",
      on: math(
        "Symptoms at once",
        [
          `IF(${failed} > ${input.toleratedFailurePercent}, 1, 0)`,
          `IF(FILL(latency, 0) > ${latency.value}, 1, 0)`,
          "IF(FILL(unhealthy, 0) > 0, 1, 0)",
        ].join(" + "),
        { requests, target, balancer, latency: loadBalancer.responseP99, unhealthy: loadBalancer.unhealthy },
      ),
      window: PERSISTS,
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: {
        value: 1,
        unit: "symptom",
        formula: "any of login-failure-rate, login-latency-p99, unhealthy-target-count",
        inputs: { toleratedFailurePercent: input.toleratedFailurePercent, latencySeconds: latency.value },
      },
      missingData: { treatAs: "notBreaching", reason: "nothing was reported: nobody was failed" },
    }),
  ];
}

/** Share of requests that failed in a minute; 0 where so few were made that one failure would be too many. */
function failedPercent({ toleratedFailurePercent }: AlarmInput): string {
  const failures = "(FILL(target, 0) + FILL(balancer, 0))";
  return `IF(${ATTEMPTS} >= ${fewestAttempts(toleratedFailurePercent)}, 100 * ${failures} / ${ATTEMPTS}, 0)`;
}
