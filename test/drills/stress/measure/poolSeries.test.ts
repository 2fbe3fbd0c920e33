import { describe, expect, it } from "vitest";
import { metricDocument, poolSeries } from "../../../../drills/stress/measure/poolSeries";
import { emfDocuments } from "../../../../service/metrics/emf";
import { PoolMetrics } from "../../../../service/metrics/poolMetrics";

/** What a task really writes, through the service's own code. */
function flushed(metrics: PoolMetrics, atMs: number) {
  return metrics
    .take()
    .flatMap((group) => emfDocuments(group, atMs))
    .flatMap((document) => metricDocument(JSON.parse(JSON.stringify(document))) ?? []);
}

describe("a task's metrics, read back", () => {
  it("keep every sample in its order, over several documents of one flush", () => {
    const metrics = new PoolMetrics("auth-dev", 3);
    for (let n = 0; n < 250; n++) metrics.acquired(n);
    const { waitMs } = poolSeries(flushed(metrics, 20_000), { fromMs: 10_000, toMs: 60_000 });
    expect(waitMs.map(({ value }) => Math.round(value))).toEqual(Array.from({ length: 250 }, (_, n) => n));
    expect(waitMs[0]?.atMs).toBeCloseTo(10_020);
    expect(waitMs[249]?.atMs).toBeCloseTo(19_980);
  });

  it("get a time inside their own flush and inside the load", () => {
    const metrics = new PoolMetrics("auth-dev", 3);
    metrics.released(12);
    const first = flushed(metrics, 20_000);
    metrics.released(13);
    const second = flushed(metrics, 30_000);
    const { useMs } = poolSeries([...first, ...second], { fromMs: 12_000, toMs: 26_000 });
    expect(useMs).toEqual([
      { atMs: 16_000, value: 12 },
      { atMs: 23_000, value: 13 },
    ]);
  });

  it("tell used connections from idle ones, a sample a second counted back from the flush", () => {
    const metrics = new PoolMetrics("auth-dev", 3);
    for (const used of [1, 2, 3]) metrics.sampled({ used, idle: 3 - used, pending: used * 10 });
    const series = poolSeries(flushed(metrics, 20_000), { fromMs: 0, toMs: 30_000 });
    expect(series.used).toEqual([
      { atMs: 18_000, value: 1 },
      { atMs: 19_000, value: 2 },
      { atMs: 20_000, value: 3 },
    ]);
    expect(series.idle.map(({ value }) => value)).toEqual([2, 1, 0]);
    expect(series.pending.map(({ value }) => value)).toEqual([10, 20, 30]);
  });

  it("are not taken from lines that are no metrics", () => {
    expect(metricDocument({ event: "listening", port: 1 })).toBeUndefined();
    expect(metricDocument({ _aws: {} })).toBeUndefined();
    expect(metricDocument("text")).toBeUndefined();
  });
});
