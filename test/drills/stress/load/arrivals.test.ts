import { describe, expect, it } from "vitest";
import { arrivals } from "../../../../drills/stress/load/arrivals";
import { exponential, seeded } from "../../../../drills/stress/load/random";
import { expectedArrivals, steady, timeOfArrivals } from "../../../../drills/stress/load/rateProfile";
import { scheduledRequests } from "../../../../drills/stress/load/schedule";

const times = (seed: number, profile = [steady(1000, 50)]): number[] => [...arrivals(seeded(seed), profile)];

describe("arrivals", () => {
  it("repeat with the same seed and differ with another", () => {
    expect(times(7)).toEqual(times(7));
    expect(times(7)).not.toEqual(times(8));
  });

  it("are a Poisson process: counts in a second have a variance equal to their mean", () => {
    const counts = new Array<number>(1000).fill(0);
    for (const at of times(3)) counts[Math.floor(at)] = (counts[Math.floor(at)] ?? 0) + 1;
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (counts.length - 1);
    expect(mean).toBeGreaterThan(49);
    expect(mean).toBeLessThan(51);
    expect(variance / mean).toBeGreaterThan(0.85);
    expect(variance / mean).toBeLessThan(1.15);
  });

  it("do not follow each other from one stream of a seed to the next", () => {
    const [a, b] = [seeded(1, 0), seeded(1, 1)];
    const pairs = Array.from({ length: 5000 }, () => [a() - 0.5, b() - 0.5] as const);
    const correlation = pairs.reduce((sum, [x, y]) => sum + x * y, 0) / pairs.length / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(0.05);
  });

  it("grow along a ramp as its area does", () => {
    const profile = [steady(10, 20), { seconds: 20, from: 20, to: 40 }];
    expect(expectedArrivals(profile)).toBe(800);
    expect(timeOfArrivals(profile, 200)).toBeCloseTo(10);
    // After another 10 s of the ramp: 10 × (20 + 30) / 2
    expect(timeOfArrivals(profile, 450)).toBeCloseTo(20);
    expect(timeOfArrivals(profile, 801)).toBeUndefined();
    const late = times(5, profile).filter((at) => at >= 20).length;
    expect(late).toBeGreaterThan(300);
    expect(late).toBeLessThan(400);
  });

  it("are counted for every target of a plan, each with a process of its own", () => {
    const plan = { seed: 1, targets: [{ port: 1 }, { port: 2 }], profile: [steady(10, 50)] };
    const one = scheduledRequests({ ...plan, targets: [{ port: 1 }] });
    expect(scheduledRequests(plan)).toBeGreaterThan(one + 400);
  });

  it("draw exponential gaps of mean 1", () => {
    const random = seeded(11);
    const mean =
      Array.from({ length: 20_000 }, () => exponential(random)).reduce((sum, x) => sum + x, 0) / 20_000;
    expect(mean).toBeCloseTo(1, 1);
  });
});
