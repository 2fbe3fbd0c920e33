import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  busiestShare,
  deploymentPeak,
  tasksHoldingPools,
  tasksServingPeak,
} from "../../../policies/model/tasks";

/**
 * ECS's rolling deployment second by second, as AWS documents its scheduler: running and pending tasks stay within the
 * maximum, healthy ones at or above the minimum, and a stopped task counts for neither while it drains.
 * @returns the most tasks that have a pool open at one time.
 */
function simulate(
  n: number,
  percents: { most: number; least: number },
  healthyAfter: number,
  drain: number,
): number {
  const maximum = Math.max(n, Math.floor((n * percents.most) / 100));
  const minimum = Math.min(n, Math.ceil((n * percents.least) / 100));
  let oldRunning = n;
  let peak = n;
  const starts: number[] = [];
  let stops: number[] = [];
  for (let t = 0; t <= (n + 1) * healthyAfter + drain; t++) {
    stops = stops.filter((at) => t <= at + drain);
    const healthy = starts.filter((at) => at + healthyAfter <= t).length;
    while (oldRunning > 0 && oldRunning + healthy > minimum) {
      oldRunning--;
      // One that has no drain is gone when it is stopped.
      if (drain > 0) stops.push(t);
    }
    while (starts.length < n && oldRunning + starts.length < maximum) starts.push(t);
    peak = Math.max(peak, oldRunning + starts.length + stops.length);
  }
  return peak;
}

describe("tasksHoldingPools", () => {
  it.each([
    [8, 200, 16],
    [8, undefined, 16],
    [3, 150, 6],
    [3, 133, 3],
    [10, 110, 20],
    [8, 100, 8],
    [8, 50, 8],
    [0, 200, 0],
    [7, 115, 14],
  ])("counts %i tasks with a maximum of %s %% as %i where nothing says when a drain ends", (maxCapacity, maximumPercent, expected) => {
    expect(tasksHoldingPools({ maxCapacity, maximumPercent })).toBe(expected);
  });

  it.each([
    [
      { maximumPercent: 110, timeToHealthySeconds: 60, drainSeconds: 330 },
      { running: 11, draining: 6 },
    ],
    [
      { maximumPercent: 200, timeToHealthySeconds: 60, drainSeconds: 330 },
      { running: 20, draining: 0 },
    ],
    [{ maximumPercent: 100 }, { running: 10, draining: 0 }],
    [
      { maximumPercent: 110, strategy: "CANARY" as const },
      { running: 20, draining: 0 },
    ],
  ])("tells those of ten tasks that run from those that drain: %o", (pace, expected) => {
    expect(deploymentPeak({ maxCapacity: 10, ...pace })).toEqual(expected);
  });

  it.each([
    [110, 60, 300, 17],
    [125, 60, 300, 20],
    [150, 60, 300, 20],
    [110, 60, 330, 17],
    [110, 60, 30, 12],
    [110, 300, 30, 12],
    [120, 60, 30, 14],
    [200, 60, 0, 20],
  ])("counts ten tasks at %i %%, healthy after %i s and drained for %i s, as %i", (maximumPercent, timeToHealthySeconds, drainSeconds, expected) => {
    expect(tasksHoldingPools({ maxCapacity: 10, maximumPercent, timeToHealthySeconds, drainSeconds })).toBe(
      expected,
    );
  });

  it("holds what a step-by-step simulation of ECS's scheduler holds", () => {
    const deployment = fc.record({
      n: fc.integer({ min: 1, max: 30 }),
      most: fc.integer({ min: 100, max: 220 }),
      least: fc.integer({ min: 0, max: 100 }),
      healthyAfter: fc.integer({ min: 1, max: 20 }),
      drain: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(deployment, ({ n, most, least, healthyAfter, drain }) => {
        const closedForm = tasksHoldingPools({
          maxCapacity: n,
          maximumPercent: most,
          minimumHealthyPercent: least,
          timeToHealthySeconds: healthyAfter,
          drainSeconds: drain,
        });
        expect(closedForm).toBe(simulate(n, { most, least }, healthyAfter, drain));
      }),
      { numRuns: 1000 },
    );
  });

  it("never falls with a longer drain or a quicker start, and is never more than both revisions", () => {
    const seconds = fc.integer({ min: 1, max: 400 });
    const percents = fc.integer({ min: 100, max: 250 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        percents,
        seconds,
        seconds,
        seconds,
        (n, percent, a, b, other) => {
          const at = (timeToHealthySeconds: number, drainSeconds?: number) =>
            tasksHoldingPools({
              maxCapacity: n,
              maximumPercent: percent,
              timeToHealthySeconds,
              drainSeconds,
            });
          const [less, more] = [Math.min(a, b), Math.max(a, b)];
          expect(at(other, more)).toBeGreaterThanOrEqual(at(other, less));
          expect(at(less, other)).toBeGreaterThanOrEqual(at(more, other));
          expect(at(other)).toBeGreaterThanOrEqual(at(other, more));
          expect(at(other)).toBeLessThanOrEqual(2 * n);
        },
      ),
    );
  });

  it.each([
    "BLUE_GREEN",
    "CANARY",
    "LINEAR",
  ] as const)("counts both revisions of a %s deployment through its bake time", (strategy) => {
    expect(tasksHoldingPools({ maxCapacity: 8, maximumPercent: 125, strategy })).toBe(16);
  });

  it.each([
    { maxCapacity: -1 },
    { maxCapacity: 2.5 },
    { maxCapacity: Number.NaN },
    { maximumPercent: -1 },
    { maximumPercent: Number.NaN },
    { timeToHealthySeconds: 0 },
    { drainSeconds: -1 },
  ])("refuses %o", (wrong) => {
    expect(() => tasksHoldingPools({ maxCapacity: 8, ...wrong })).toThrow(RangeError);
  });
});

describe("tasksServingPeak", () => {
  it("is what was declared, else the minimum capacity", () => {
    expect(tasksServingPeak({ minCapacity: 2, declaredTasksAtPeak: 8 })).toBe(8);
    expect(tasksServingPeak({ minCapacity: 2 })).toBe(2);
  });

  it("does not count on more tasks than may run", () => {
    expect(tasksServingPeak({ minCapacity: 2, declaredTasksAtPeak: 50, maxCapacity: 8 })).toBe(8);
  });

  it("counts what a deployment leaves healthy, rounded up, declared or not", () => {
    expect(tasksServingPeak({ minCapacity: 5, minimumHealthyPercent: 50 })).toBe(3);
    expect(tasksServingPeak({ minCapacity: 1, declaredTasksAtPeak: 8, minimumHealthyPercent: 66 })).toBe(6);
    expect(tasksServingPeak({ minCapacity: 5, minimumHealthyPercent: 100 })).toBe(5);
    expect(tasksServingPeak({ minCapacity: 5, minimumHealthyPercent: 150 })).toBe(5);
  });

  it("takes the fullest zone away only where its loss must be survived", () => {
    expect(tasksServingPeak({ minCapacity: 8, zones: 3 })).toBe(8);
    expect(tasksServingPeak({ minCapacity: 8, zones: 3, surviveZoneLoss: true })).toBe(5);
    expect(tasksServingPeak({ minCapacity: 6, zones: 2, surviveZoneLoss: true })).toBe(3);
  });

  it("is never below one task", () => {
    expect(tasksServingPeak({ minCapacity: 0 })).toBe(1);
    expect(tasksServingPeak({ minCapacity: 4, minimumHealthyPercent: 0 })).toBe(1);
    expect(tasksServingPeak({ minCapacity: 4, zones: 1, surviveZoneLoss: true })).toBe(1);
  });

  it.each([
    { minCapacity: 1.5 },
    { declaredTasksAtPeak: -1 },
    { zones: 0 },
    { minimumHealthyPercent: Number.NaN },
  ])("refuses %o", (wrong) => {
    expect(() => tasksServingPeak({ minCapacity: 4, ...wrong })).toThrow(RangeError);
  });
});

describe("busiestShare", () => {
  it.each([
    [5, 3, 5 / 3],
    [2, 3, 1],
    [6, 3, 1],
    [8, 3, 8 / 6],
    [1, 3, 1],
    [4, 1, 1],
  ])("of %i tasks in %i zones is %d times the even share", (tasks, zones, share) => {
    expect(busiestShare(tasks, zones)).toBeCloseTo(share, 12);
  });

  it("is what counting out tasks and traffic gives", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 6 }), (tasks, zones) => {
        const inZone = Array.from({ length: zones }, () => 0);
        for (let i = 0; i < tasks; i++) inZone[i % zones] = (inZone[i % zones] ?? 0) + 1;
        const used = inZone.filter((count) => count > 0);
        const busiest = Math.max(...used.map((count) => 1 / used.length / count));
        expect(busiestShare(tasks, zones)).toBeCloseTo(busiest * tasks, 9);
      }),
    );
  });
});
