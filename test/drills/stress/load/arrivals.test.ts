import { describe, expect, it } from "vitest";
import { arrivals, scheduledRequests, steady, timeOfArrivals } from "../../../../drills/stress/load/arrivals";
import { seeded } from "../../../../policies/kit/random";

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
    expect(Math.abs(mean - 50)).toBeLessThan(1);
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.15);
  });

  it("grow along a ramp as its area does", () => {
    // 10 s at 20/s and 20 s of a ramp to 40/s: 800 in all.
    const profile = [steady(10, 20), { seconds: 20, from: 20, to: 40 }];
    expect(timeOfArrivals(profile, 200)).toBeCloseTo(10);
    // After another 10 s of the ramp: 10 × (20 + 30) / 2
    expect(timeOfArrivals(profile, 450)).toBeCloseTo(20);
    expect(timeOfArrivals(profile, 800)).toBeCloseTo(30);
    expect(timeOfArrivals(profile, 801)).toBeUndefined();
    const late = times(5, profile).filter((at) => at >= 20).length;
    expect(Math.abs(late - 350)).toBeLessThan(50);
  });

  it("are counted for every target of a load, each with a process of its own", () => {
    const profile = [steady(10, 50)];
    const [one, two] = [1, 2].map((targets) => scheduledRequests(1, targets, profile));
    expect(two).toBeGreaterThan((one ?? 0) + 400);
    expect(two).not.toBe(2 * (one ?? 0));
  });
});
