import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import type { Threshold } from "../alarmSpec";
import type { AlarmInput } from "../input";

const { peakFactor } = DEFAULT_CAPACITY_SETTINGS;

/**
 * Latency beyond which users suffer: the objective, but never more than the acquire timeout, since requests that
 * fail for want of a connection are answered then.
 */
export function loginLatency({ toleratedLatencyMs, acquireTimeoutMs }: AlarmInput): Threshold {
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
export function fewestAttempts(toleratedFailurePercent: number): number {
  return toleratedFailurePercent > 0 ? Math.ceil(100 / toleratedFailurePercent) : 1;
}

export function loginFailures({ toleratedFailurePercent }: AlarmInput): Threshold {
  return {
    value: toleratedFailurePercent,
    unit: "% of requests",
    formula:
      "tolerated failures, in minutes with at least ⌈100 ÷ tolerated⌉ attempts: requests that reached a target, and 5xx of the load balancer's own",
    inputs: { toleratedFailurePercent, fewestAttempts: fewestAttempts(toleratedFailurePercent) },
  };
}

/** Tasks that ECS keeps up even during a deployment; at least one, or there is no service. */
export function fewestTasks({ minTasks, minimumHealthyPercent }: AlarmInput): Threshold {
  return {
    value: Math.max(1, Math.ceil((minTasks * Math.min(100, minimumHealthyPercent)) / 100)),
    unit: "running tasks",
    formula: "max(1, ⌈minTasks × minimumHealthyPercent ÷ 100⌉)",
    inputs: { minTasks, minimumHealthyPercent },
  };
}

/** Requests a minute for which the pools were sized; above it, nothing that the policies proved holds any more. */
export function declaredLoad({ peakRequestsPerSecond }: AlarmInput): Threshold {
  return {
    value: Math.max(1, Math.round(60 * peakFactor * peakRequestsPerSecond)),
    unit: "requests in a minute",
    formula: "60 × peakFactor × peakRequestsPerSecond",
    inputs: { peakFactor, peakRequestsPerSecond },
  };
}
