import { describe, expect, it } from "vitest";
import { seeded } from "../../../../drills/stress/load/random";
import {
  batchMeans,
  cutIntoBatches,
  holds,
  shareOf,
  studentT975,
} from "../../../../drills/stress/measure/batchMeans";
import { stretchesOf } from "../../../../drills/stress/measure/measured";

describe("batch means", () => {
  it("knows Student's quantiles", () => {
    // R: qt(0.975, df)
    for (const [degrees, expected] of [
      [4, 2.7764],
      [9, 2.2622],
      [19, 2.093],
      [39, 2.0227],
    ] as const) {
      expect(studentT975(degrees)).toBeCloseTo(expected, 2);
    }
  });

  it("holds the true mean in about 95 of 100 intervals", () => {
    const random = seeded(42);
    let inside = 0;
    for (let run = 0; run < 400; run++) {
      const batches = Array.from({ length: 20 }, () => {
        const values = Array.from({ length: 50 }, () => random());
        return { sum: values.reduce((a, b) => a + b, 0), count: values.length };
      });
      if (holds(batchMeans(batches), 0.5)) inside++;
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
    expect(holds(batchMeans(batches), 0.25)).toBeUndefined();
  });

  it("does not claim to know that there is nothing where it has seen nothing", () => {
    const none = Array.from({ length: 20 }, () => ({ sum: 0, count: 300 }));
    expect(shareOf(none)).toMatchObject({ mean: 0, low: 0 });
    expect(shareOf(none).high).toBeCloseTo(3.689 / 6000);
    expect(holds(shareOf(none), 0.0002)).toBe(true);
    expect(holds(shareOf(none), 0.001)).toBe(false);
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
