import type { MetricGroup } from "./emf";
import { SERVICE_DIMENSION, SERVICE_METRICS, SERVICE_NAMESPACE } from "./names";

/** Gathers how logins went, between two flushes. */
export class LoginMetrics {
  private durationsMs: number[] = [];
  private attempts = 0;
  private failures = 0;

  constructor(private readonly serviceName: string) {}

  /** @param failed - For a reason of the server's own (5xx); a wrong password is no failure. */
  answered(durationMs: number, failed: boolean): void {
    this.attempts++;
    if (failed) this.failures++;
    this.durationsMs.push(Math.round(durationMs * 1000) / 1000);
  }

  /** What was gathered since the last call. */
  take(): MetricGroup {
    const group: MetricGroup = {
      namespace: SERVICE_NAMESPACE,
      dimensions: { [SERVICE_DIMENSION]: this.serviceName },
      metrics: [
        { ...SERVICE_METRICS.attempts, values: [this.attempts] },
        { ...SERVICE_METRICS.failures, values: [this.failures] },
        { ...SERVICE_METRICS.duration, values: this.durationsMs },
      ],
    };
    this.durationsMs = [];
    this.attempts = 0;
    this.failures = 0;
    return group;
  }
}
