import { describe, expect, it } from "vitest";
import { sleepDistribution } from "../../../../drills/stress/lab/holds";
import { exponential, seeded } from "../../../../policies/kit/random";

describe("the lab's sleeps", () => {
  it.each([
    [90, 2],
    [12, 3],
    [12, 8],
    [12, 0],
  ])("give holds of %d ms with a cost of %d ms in them the mean and variance of an exponential", (meanMs, overheadMs) => {
    const { share, scaleMs } = sleepDistribution(meanMs, overheadMs) ?? { share: 0, scaleMs: 0 };
    const random = seeded(9);
    const holds = Array.from(
      { length: 400_000 },
      () => overheadMs + (random() < share ? scaleMs * exponential(random) : 0),
    );
    const mean = holds.reduce((sum, hold) => sum + hold, 0) / holds.length;
    const variance = holds.reduce((sum, hold) => sum + (hold - mean) ** 2, 0) / holds.length;
    expect(Math.abs(mean / meanMs - 1)).toBeLessThan(0.01);
    expect(Math.abs(variance / meanMs ** 2 - 1)).toBeLessThan(0.04);
  });

  it("do not exist where the cost alone takes that long", () => {
    expect(sleepDistribution(2, 2)).toBeUndefined();
    expect(sleepDistribution(2, 5)).toBeUndefined();
  });
});
