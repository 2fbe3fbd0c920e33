import { describe, expect, it } from "vitest";
import { exponential, mulberry32, seeded } from "../../../policies/kit/random";

describe("random numbers", () => {
  it("are the same on every machine", () => {
    const first = Array.from({ length: 3 }, mulberry32(1));
    expect(first.map((value) => value.toFixed(6))).toEqual(["0.627074", "0.002736", "0.527447"]);
    expect(seeded(7, 3)()).toBe(seeded(7, 3)());
    expect(seeded(7, 3)()).not.toBe(seeded(7, 4)());
  });

  it("do not follow each other from one stream of a seed to the next", () => {
    const [a, b] = [seeded(1, 0), seeded(1, 1)];
    const pairs = Array.from({ length: 5000 }, () => [a() - 0.5, b() - 0.5] as const);
    const correlation = pairs.reduce((sum, [x, y]) => sum + x * y, 0) / pairs.length / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(0.05);
  });

  it("draw exponential gaps of mean 1", () => {
    const gaps = Array.from(
      { length: 20_000 },
      (
        (random) => () =>
          exponential(random)
      )(seeded(11)),
    );
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeCloseTo(1, 1);
  });
});
