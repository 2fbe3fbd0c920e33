import { describe, expect, it } from "vitest";
import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { lossProbability } from "../../../policies/model/erlang";
import { functionLevers } from "../../../policies/model/remedies";
import { concurrencyFloor, functionAtPeak } from "../../../policies/model/tasks";

/** 100 requests/s, each for 1.5 acquisitions of 40 ms: 6 environments busy. */
const demand = { peakRequestsPerSecond: 100, acquisitionsPerRequest: 1.5, holdMs: 40 };

describe("a function's environments at peak", () => {
  it("lose what finds none free, and let nobody wait", () => {
    expect(functionAtPeak(10, demand)).toEqual({
      offeredLoad: expect.closeTo(0.6, 12),
      overloaded: false,
      waitBeyondTarget: 0,
      waitBeyondAcquireTimeout: undefined,
      meanWaitMs: 0,
      failingShare: lossProbability(10, 100 * 1.5 * 0.04),
    });
  });

  it.each([
    [7, false],
    [6, true],
    [5, true],
  ])("are overloaded where no more than are busy may run: %d", (concurrency, overloaded) => {
    expect(functionAtPeak(concurrency, demand).overloaded).toBe(overloaded);
  });

  it("lose everything where none may run", () => {
    expect(functionAtPeak(0, demand)).toMatchObject({ failingShare: 1, overloaded: true });
    expect(functionAtPeak(0, demand).offeredLoad).toBeCloseTo(6, 12);
  });

  it("have a floor that loses no more than is allowed at the peak factor, and one less would", () => {
    const { peakFactor, exceedance } = DEFAULT_CAPACITY_SETTINGS;
    const floor = concurrencyFloor(demand);
    expect(lossProbability(floor, peakFactor * 6)).toBeLessThanOrEqual(exceedance);
    expect(lossProbability(floor - 1, peakFactor * 6)).toBeGreaterThan(exceedance);
    expect(concurrencyFloor(demand, { peakFactor: 2, exceedance })).toBeGreaterThan(floor);
    expect(concurrencyFloor(demand, { peakFactor, exceedance: 0.2 })).toBeLessThan(floor);
  });

  it.each([0, -1, Number.NaN])("have none at a peak factor of %d", (peakFactor) => {
    expect(() => concurrencyFloor(demand, { peakFactor, exceedance: 0.01 })).toThrow(RangeError);
  });
});

describe("what makes room for a function", () => {
  const settings = { ...DEFAULT_CAPACITY_SETTINGS, budgetShare: 0.8, operationsReserve: 5 };
  const input = {
    demand: { ...demand, tasksServingPeak: 1 },
    database: {
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.m7g.large",
      parameterValue: "100",
    },
    maxConnections: 100,
    usable: 90,
    // Of ⌊0.8 × 90⌋ = 72, 5 for operations and 40 for others leave 27.
    otherDemand: 40,
    concurrency: 30,
    others: [{ poolMax: 10, floor: 2, pools: 4 }],
  } as const;

  it("is the limit that grants it, and others lowered by what is missing", () => {
    const levers = functionLevers(input, settings);
    // 30 + 45 = 75 of 0.8 × 94 = 75.2; PostgreSQL and RDS keep 10.
    expect(levers.maxConnections).toBe(104);
    expect(levers.others).toEqual([9]);
    expect(functionLevers({ ...input, concurrency: 31 }, settings).others).toEqual([9]);
    expect(functionLevers({ ...input, concurrency: 32 }, settings).others).toEqual([8]);
  });

  it("is nothing of others that have nothing to spare, or are not there", () => {
    expect(functionLevers({ ...input, concurrency: 60 }, settings).others).toBeNull();
    const { others: _, otherDemand: __, ...alone } = input;
    expect(functionLevers({ ...alone, concurrency: 68 }, settings).others).toBeNull();
    expect(functionLevers({ ...alone, concurrency: 67 }, settings).others).toEqual([]);
  });

  it("is a proxy only where its share fits into what is left", () => {
    const { proxy } = functionLevers(input, settings);
    expect(proxy).not.toBeNull();
    expect(proxy?.connections).toBeLessThanOrEqual(27);
    expect(functionLevers({ ...input, otherDemand: 60 }, settings).proxy).toBeNull();
  });

  it("has the usual settings where none are given", () => {
    expect(functionLevers(input)).toEqual(functionLevers(input, DEFAULT_CAPACITY_SETTINGS));
  });
});
