import type { PoolSample } from "../pool/connectionPool";
import type { FailureCode } from "../pool/failure";
import type { MetricGroup } from "./emf";
import { POOL_DIMENSION, POOL_METRICS, POOL_NAMESPACE, STATE_DIMENSION } from "./names";
import type { PoolObserver } from "./poolObserver";

/** Gathers what a pool tells, between two flushes. */
export class PoolMetrics implements Omit<PoolObserver, "broken"> {
  private waitSeconds: number[] = [];
  private useSeconds: number[] = [];
  private createSeconds: number[] = [];
  private samples: PoolSample[] = [];
  private timeouts = 0;
  private refusals = 0;

  constructor(
    private readonly poolName: string,
    private readonly max: number,
  ) {}

  created(openedInMs: number): void {
    this.createSeconds.push(seconds(openedInMs));
  }

  acquired(waitedMs: number): void {
    this.waitSeconds.push(seconds(waitedMs));
  }

  gaveUp(waitedMs: number, why: FailureCode): void {
    this.waitSeconds.push(seconds(waitedMs));
    if (why === "pool_timeout" || why === "connect_timeout") this.timeouts++;
  }

  refused(): void {
    this.refusals++;
  }

  released(heldMs: number): void {
    this.useSeconds.push(seconds(heldMs));
  }

  /** Called every second. */
  sampled(sample: PoolSample): void {
    this.samples.push(sample);
  }

  /** What was gathered since the last call. */
  take(): readonly MetricGroup[] {
    const { samples } = this;
    const dimensions = { [POOL_DIMENSION]: this.poolName };
    const groups: readonly MetricGroup[] = [
      {
        namespace: POOL_NAMESPACE,
        dimensions,
        metrics: [
          { ...POOL_METRICS.max, values: [this.max] },
          { ...POOL_METRICS.pending, values: samples.map(({ pending }) => pending) },
          { ...POOL_METRICS.timeouts, values: [this.timeouts] },
          { ...POOL_METRICS.refusals, values: [this.refusals] },
          { ...POOL_METRICS.waitTime, values: this.waitSeconds },
          { ...POOL_METRICS.useTime, values: this.useSeconds },
          { ...POOL_METRICS.createTime, values: this.createSeconds },
        ],
      },
      ...(["used", "idle"] as const).map((state) => ({
        namespace: POOL_NAMESPACE,
        dimensions: { ...dimensions, [STATE_DIMENSION]: state },
        metrics: [{ ...POOL_METRICS.count, values: samples.map((sample) => sample[state]) }],
      })),
    ];
    this.waitSeconds = [];
    this.useSeconds = [];
    this.createSeconds = [];
    this.samples = [];
    this.timeouts = 0;
    this.refusals = 0;
    return groups;
  }
}

/** To the microsecond: the digits after that are noise, and every line is paid for. */
const seconds = (ms: number): number => Math.round(ms * 1000) / 1e6;
