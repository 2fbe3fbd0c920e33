import { describe, expect, it } from "vitest";
import { tasksHoldingPools, tasksServingPeak } from "../../../policies/model/tasks";

describe("tasksHoldingPools", () => {
  it.each([
    [8, 200, 16],
    [8, undefined, 16],
    [3, 150, 4],
    [3, 133, 3],
    [10, 110, 11],
    [8, 100, 8],
    [8, 50, 8],
    [0, 200, 0],
    [7, 115, 8],
  ])("counts %i tasks with a maximum of %s %% as %i: the surge is rounded down, and never below the capacity", (maxCapacity, maximumPercent, expected) => {
    expect(tasksHoldingPools({ maxCapacity, maximumPercent })).toBe(expected);
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
