import { describe, expect, it } from "vitest";
import { stretchesOf } from "../../../drills/stress/measure/measured";
import { pgbenchNumbers } from "../../../drills/stress/measure/pgbench";
import { metricDocument, poolSeries } from "../../../drills/stress/measure/poolSeries";
import { agreementOf, predict, relaxationMs } from "../../../drills/stress/measure/prediction";
import {
  batchMeans,
  cutIntoBatches,
  distributionOf,
  isWithin,
  shareOf,
  studentT975,
} from "../../../drills/stress/measure/statistics";
import { seeded } from "../../../policies/kit/random";
import { emfDocuments } from "../../../service/metrics/emf";
import { PoolMetrics } from "../../../service/metrics/poolMetrics";

describe("batch means", () => {
  it("knows Student's quantiles", () => {
    // R: qt(0.975, df)
    expect([4, 9, 19, 39].map((degrees) => studentT975(degrees).toFixed(2))).toEqual([
      "2.78",
      "2.26",
      "2.09",
      "2.02",
    ]);
  });

  it("holds the true mean in about 95 of 100 intervals", () => {
    const random = seeded(42);
    let inside = 0;
    for (let run = 0; run < 400; run++) {
      const batches = Array.from({ length: 20 }, () => {
        const values = Array.from({ length: 50 }, () => random());
        return { sum: values.reduce((a, b) => a + b, 0), count: values.length };
      });
      if (isWithin(batchMeans(batches), 0.5)) inside++;
    }
    expect(inside / 400).toBeGreaterThan(0.91);
    expect(inside / 400).toBeLessThan(0.985);
  });

  it("weighs batches by what is in them", () => {
    const batches = [
      { sum: 10, count: 10 },
      { sum: 0, count: 30 },
      { sum: 0, count: 0 },
    ];
    expect(batchMeans(batches)).toEqual({ mean: 0.25, low: undefined, high: undefined, batches: 2 });
    expect(isWithin(batchMeans(batches), 0.25)).toBeUndefined();
  });

  it("does not claim to know that there is nothing where it has seen nothing", () => {
    const none = Array.from({ length: 20 }, () => ({ sum: 0, count: 300 }));
    expect(shareOf(none)).toMatchObject({ mean: 0, low: 0 });
    expect(shareOf(none).high).toBeCloseTo(3.689 / 6000);
    expect(isWithin(shareOf(none), 0.0002)).toBe(true);
    expect(isWithin(shareOf(none), 0.001)).toBe(false);
    const some = [...none, { sum: 3, count: 300 }];
    expect(shareOf(some)).toEqual(batchMeans(some));
  });

  it("cuts each task's values by time and leaves out what is outside", () => {
    const series = [
      [
        { atMs: 999, value: 100 },
        { atMs: 1000, value: 1 },
        { atMs: 1999, value: 2 },
        { atMs: 2000, value: 100 },
      ],
      [{ atMs: 1500, value: 7 }],
    ];
    expect(cutIntoBatches(series, 1000, 2000, 2)).toEqual([
      { sum: 1, count: 1 },
      { sum: 2, count: 1 },
      { sum: 0, count: 0 },
      { sum: 7, count: 1 },
    ]);
  });

  it("makes batches long against the queue's memory, and enough of them", () => {
    // Four tasks, 30 s: 5 batches of 6 s each.
    expect(stretchesOf(4, 30_000, 1_780)).toBe(5);
    expect(stretchesOf(2, 30_000, 1_780)).toBe(5);
    expect(stretchesOf(2, 30_000, 100)).toBe(10);
    expect(stretchesOf(1, 30_000, 20_000)).toBe(6);
    expect(stretchesOf(4, 30_000, undefined)).toBe(5);
  });
});

it("a distribution is kept to the tenth of a ms, and that of nothing has no percentile", () => {
  const { percentiles, curve } = distributionOf(Array.from({ length: 1000 }, (_, n) => n + 1));
  expect(percentiles).toEqual({
    p50: expect.closeTo(500, -1),
    p90: expect.closeTo(900, -1),
    p99: expect.closeTo(990, -1),
    max: expect.closeTo(1000, -1),
  });
  expect(curve.map(({ percent }) => percent)).toContain(99.9);
  expect(distributionOf([])).toMatchObject({ percentiles: { p50: Number.NaN }, curve: [] });
});

const incident = { requestsPerSecond: 50, holdMs: 90, acquisitionsPerRequest: 1.1 };
const at = (poolMax: number) =>
  predict({ poolMax, load: incident, waitTargetMs: 50, acquireTimeoutMs: 1000 });

describe("the prediction beside a measurement", () => {
  it("says for the outage's pool of 3 that 40 % fail and waits grow until they give up", () => {
    const prediction = at(3);
    expect(prediction.failedShare).toBeCloseTo(0.4, 2);
    expect(prediction.meanWaitMs).toBeUndefined();
    expect(prediction.waitP99Ms).toBe(1000);
    expect(prediction.utilisation).toBeCloseTo(1.65);
    expect(relaxationMs(prediction, 90)).toBeUndefined();
  });

  it("says for the floor that one wait in a hundred at most is beyond the target and none fails", () => {
    const prediction = at(11);
    expect(prediction.waitBeyondTarget).toBeLessThan(0.01);
    expect(prediction.failedShare).toBeLessThan(1e-6);
  });

  it("puts the 99th percentile of the wait where one in a hundred waits longer", () => {
    const { waitP99Ms } = at(7);
    const beyond = predict({ poolMax: 7, load: incident, waitTargetMs: waitP99Ms, acquireTimeoutMs: 1000 });
    expect(beyond.waitBeyondTarget).toBeCloseTo(0.01);
  });

  it("remembers for longer the nearer the pool is to its load", () => {
    expect(relaxationMs(at(6), 90)).toBeGreaterThan(relaxationMs(at(8), 90) ?? 0);
  });
});

const interval = (mean: number, low: number, high: number) => ({ mean, low, high, batches: 10 });
const predicted = {
  poolMax: 11,
  utilisation: 0.45,
  waitBeyondTarget: 0.0002,
  meanWaitMs: 0.02,
  waitP99Ms: 0,
  failedShare: 0,
};
const healthy = {
  waitBeyondTarget: interval(0.0006, 0.0003, 0.0009),
  meanWaitMs: interval(0.09, 0.07, 0.11),
};

describe("the model against a healthy run", () => {
  it("is not called wrong for values that no run can tell from nothing", () => {
    expect(agreementOf(healthy, predicted, true)).toEqual({
      waitBeyondTarget: "too small to measure",
      meanWaitMs: "too small to measure",
    });
  });

  it("is judged as soon as either of the two can be measured", () => {
    const seen = { waitBeyondTarget: interval(0.003, 0.002, 0.004), meanWaitMs: interval(2, 1.5, 2.5) };
    expect(agreementOf(seen, predicted, true)).toEqual({
      waitBeyondTarget: "outside",
      meanWaitMs: "outside",
    });
    const said = { ...predicted, waitBeyondTarget: 0.0025, meanWaitMs: 1.6 };
    expect(agreementOf(seen, said, true)).toEqual({ waitBeyondTarget: "within", meanWaitMs: "within" });
    expect(agreementOf(healthy, said, true)).toEqual({ waitBeyondTarget: "outside", meanWaitMs: "outside" });
  });

  it("is not judged where waits grow, or there is no interval, or the machine was the bottleneck", () => {
    const open = { mean: 0.3, low: undefined, high: undefined, batches: 2 };
    const none = { waitBeyondTarget: null, meanWaitMs: null };
    expect(
      agreementOf(
        { waitBeyondTarget: open, meanWaitMs: open },
        { ...predicted, meanWaitMs: undefined },
        true,
      ),
    ).toEqual(none);
    expect(agreementOf(healthy, predicted, false)).toEqual(none);
  });
});

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

it("pgbench's own words are read for rate, latency and the wait for a connection", () => {
  const text = `transaction type: script.sql
latency average = 98.123 ms
latency stddev = 80.1 ms
rate limit schedule lag: avg 7.250 (max 310.100) ms
initial connection time = 20.5 ms
tps = 54.900000 (without initial connection time)
`;
  expect(pgbenchNumbers(text)).toEqual({ transactionsPerSecond: 54.9, latencyMs: 98.123, waitMs: 7.25 });
  expect(pgbenchNumbers("pgbench: error")).toBeUndefined();
});
