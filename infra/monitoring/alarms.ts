import type { Capacity } from "../capacity";
import type { Settings } from "../config/settings";
import { type AlarmSpec, type Metric, type MetricAlarmSpec, runbookOf, type Statistic } from "./alarmSpec";
import { connectionsNearLimit, loginLatency, poolSaturated, poolTimeouts, poolWaiting } from "./thresholds";

/** Namespace of the metrics that the service's pool reports, in OpenTelemetry's names. */
export const POOL_NAMESPACE = "Auth/ConnectionPool";

export type AlarmInput = Pick<
  Settings,
  | "poolMax"
  | "processesPerTask"
  | "tasksAtPeak"
  | "acquireTimeoutMs"
  | "toleratedFailurePercent"
  | "toleratedLatencyMs"
> & { readonly capacity: Capacity };

/** Every minute, three of the last five: one bad minute wakes nobody, three do. */
const THREE_OF_FIVE = { periodSeconds: 60, evaluationPeriods: 5, datapointsToAlarm: 3 } as const;

/** The alarms of a stack, their thresholds derived from its own settings. Causes first, then symptoms. */
export function alarmSpecs(input: AlarmInput): readonly AlarmSpec[] {
  return [...poolAlarms(input), connectionsNearLimitAlarm(input), ...symptomAlarms(input)];
}

/** What the database cannot see: a pool that is too small leaves it idle. */
function poolAlarms({ capacity, ...input }: AlarmInput): readonly AlarmSpec[] {
  return [
    alarm({
      id: "pool-saturated",
      intent: "The connection pool is nearly always in use: logins will wait for a connection, then fail.",
      signal: {
        kind: "math",
        expression: "100 * used / limit",
        label: "Share of the pool in use (%)",
        metrics: {
          used: poolMetric("db.client.connection.count", "Average", { "db.client.connection.state": "used" }),
          limit: poolMetric("db.client.connection.max", "Average"),
        },
      },
      ...THREE_OF_FIVE,
      comparison: "GreaterThanThreshold",
      threshold: poolSaturated(input.poolMax, capacity.load),
      missingData: { treatAs: "notBreaching", reason: "no task reports: unhealthy-targets speaks for that" },
      severity: "page",
      role: "cause",
    }),
    alarm({
      id: "pool-waiting",
      intent: "Requests queue for a database connection longer than the wait target.",
      signal: { kind: "metric", metric: poolMetric("db.client.connection.pending_requests", "Average") },
      ...THREE_OF_FIVE,
      comparison: "GreaterThanThreshold",
      threshold: poolWaiting(capacity.load),
      missingData: { treatAs: "notBreaching", reason: "no task reports: unhealthy-targets speaks for that" },
      severity: "ticket",
      role: "cause",
    }),
    alarm({
      id: "pool-timeouts",
      intent:
        "Requests fail because no database connection came free in time: the pool is too small, or holds are too long.",
      signal: { kind: "metric", metric: poolMetric("db.client.connection.timeouts", "Sum") },
      periodSeconds: 60,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparison: "GreaterThanThreshold",
      threshold: poolTimeouts(
        input.poolMax,
        capacity.load,
        input.acquireTimeoutMs,
        input.tasksAtPeak * input.processesPerTask,
      ),
      missingData: {
        treatAs: "notBreaching",
        reason: "a counter that nothing increments may not be reported at all",
      },
      severity: "page",
      role: "cause",
    }),
  ];
}

function connectionsNearLimitAlarm({ capacity }: AlarmInput): MetricAlarmSpec {
  return alarm({
    id: "connections-near-limit",
    intent: "The database is about to refuse connections: more are open than any plan accounts for.",
    signal: {
      kind: "metric",
      metric: {
        namespace: "AWS/RDS",
        name: "DatabaseConnections",
        statistic: "Maximum",
        dimensions: { DBInstanceIdentifier: { of: "database" } },
      },
    },
    ...THREE_OF_FIVE,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: connectionsNearLimit(capacity),
    missingData: {
      treatAs: "breaching",
      reason: "RDS reports it every minute: silence is an instance in trouble",
    },
    severity: "page",
    role: "cause",
  });
}

/** What users feel, whatever the cause. */
function symptomAlarms(input: AlarmInput): readonly AlarmSpec[] {
  const { toleratedFailurePercent: tolerated } = input;
  // So few requests that a single failure would be too many of them say nothing.
  const fewestAttempts = tolerated > 0 ? Math.ceil(100 / tolerated) : 1;
  // RequestCount leaves out what is refused before a target is chosen, which in a total outage is every request.
  // Those the load balancer answers itself are added; a 502 or 504 after the choice counts twice, which can only
  // make the share too small, and not below half of what it is.
  // Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
  const attempts = "(FILL(requests, 0) + FILL(balancer, 0))";
  return [
    alarm({
      id: "login-failures",
      intent:
        "Users cannot log in: the share of requests that end in a server error is above what is tolerated.",
      signal: {
        kind: "math",
        expression: `IF(${attempts} >= ${fewestAttempts}, 100 * (FILL(target, 0) + FILL(balancer, 0)) / ${attempts}, 0)`,
        label: "Requests failed (%)",
        metrics: {
          requests: balancerMetric("RequestCount", "Sum"),
          target: balancerMetric("HTTPCode_Target_5XX_Count", "Sum"),
          balancer: balancerMetric("HTTPCode_ELB_5XX_Count", "Sum"),
        },
      },
      ...THREE_OF_FIVE,
      comparison: "GreaterThanThreshold",
      threshold: {
        value: tolerated,
        unit: "% of requests",
        formula:
          "tolerated failures, in minutes with at least ⌈100 ÷ tolerated⌉ attempts: requests that reached a target, and 5xx of the load balancer's own",
        inputs: { toleratedFailurePercent: tolerated, fewestAttempts },
      },
      missingData: {
        treatAs: "notBreaching",
        reason: "neither a request nor a refusal was reported: nobody tried to log in",
      },
      severity: "page",
      role: "symptom",
    }),
    alarm({
      id: "login-latency",
      intent: "Logins are slow: of 100 requests, the slowest takes longer than the objective.",
      signal: { kind: "metric", metric: balancerMetric("TargetResponseTime", "p99") },
      ...THREE_OF_FIVE,
      comparison: "GreaterThanThreshold",
      threshold: loginLatency(input.toleratedLatencyMs, input.acquireTimeoutMs),
      missingData: { treatAs: "notBreaching", reason: "a load balancer without requests reports nothing" },
      severity: "ticket",
      role: "symptom",
    }),
    alarm({
      id: "unhealthy-targets",
      intent: "Tasks fail their health check and are not replaced: the others carry their load.",
      signal: {
        kind: "metric",
        metric: {
          namespace: "AWS/ApplicationELB",
          name: "UnHealthyHostCount",
          statistic: "Maximum",
          dimensions: { LoadBalancer: { of: "loadBalancer" }, TargetGroup: { of: "targetGroup" } },
        },
      },
      ...THREE_OF_FIVE,
      comparison: "GreaterThanThreshold",
      threshold: {
        // ECS replaces an unhealthy task within a minute or two; one that stays is one that cannot be replaced.
        value: 0,
        unit: "tasks",
        formula: "none: the peak is sized for every one of tasksAtPeak",
        inputs: { tasksAtPeak: input.tasksAtPeak },
      },
      missingData: {
        treatAs: "breaching",
        reason: "it is reported as long as a task is registered: silence means none is",
      },
      severity: "page",
      role: "symptom",
    }),
  ];
}

function alarm(spec: Omit<MetricAlarmSpec, "kind" | "runbook">): MetricAlarmSpec {
  return { kind: "metric", ...spec, runbook: runbookOf(spec.id) };
}

function poolMetric(
  name: string,
  statistic: Statistic,
  attributes: { readonly [name: string]: string } = {},
): Metric {
  return {
    namespace: POOL_NAMESPACE,
    name,
    statistic,
    dimensions: { "db.client.connection.pool.name": { of: "pool" }, ...attributes },
  };
}

function balancerMetric(name: string, statistic: Statistic): Metric {
  return {
    namespace: "AWS/ApplicationELB",
    name,
    statistic,
    dimensions: { LoadBalancer: { of: "loadBalancer" } },
  };
}
