import { describe, expect, it } from "vitest";
import { stretchesOf } from "../../../../drills/stress/measure/measured";
import {
  batchMeans,
  cutIntoBatches,
  distributionOf,
  isWithin,
  shareOf,
  studentT975,
} from "../../../../drills/stress/measure/statistics";
import { seeded } from "../../../../policies/kit/random";

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
