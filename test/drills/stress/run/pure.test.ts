import { describe, expect, it } from "vitest";
import { comparisonPools } from "../../../../drills/stress/run/comparisonPools";
import { search } from "../../../../drills/stress/run/findLimit";
import { scaleDemand } from "../../../../drills/stress/settings/scale";

const incident = {
  peakRequestsPerSecond: 400,
  holdMs: 90,
  acquisitionsPerRequest: 1.1,
  tasks: 8,
  processesPerTask: 1,
};

describe("scaling a stack down", () => {
  it("keeps what one task gets, and says which share it is", () => {
    expect(scaleDemand(incident, undefined, 2)).toMatchObject({
      tasks: 4,
      requestsPerSecond: 200,
      requestsPerSecondAndProcess: 50,
      scale: "1/2",
    });
    expect(scaleDemand(incident, 0.25, 2)).toMatchObject({
      tasks: 2,
      requestsPerSecondAndProcess: 50,
      scale: "1/4",
    });
    expect(scaleDemand(incident, undefined, 64)).toMatchObject({ tasks: 8, scale: "1" });
  });

  it("shares a task's load among its processes", () => {
    expect(scaleDemand({ ...incident, processesPerTask: 2 }, 1 / 8, 2)).toMatchObject({
      tasks: 1,
      requestsPerSecondAndProcess: 25,
    });
  });

  it("refuses what no machine of this size can make", () => {
    const absurd = { ...incident, peakRequestsPerSecond: 100_000 };
    expect(() => scaleDemand(absurd, undefined, 2)).toThrow(
      /12500 requests\/s over 1 tasks.*2 CPUs.*--scale/,
    );
  });
});

describe("the pools to compare", () => {
  it("lie below, at and above the floor", () => {
    expect(comparisonPools({ offeredLoad: 4.95, floor: 11, ceiling: 19 })).toEqual([6, 11, 15]);
    expect(comparisonPools({ offeredLoad: 1.32, floor: 3, ceiling: 14 })).toEqual([2, 3, 4]);
  });

  it("do not go beyond the ceiling, nor below one connection", () => {
    expect(comparisonPools({ offeredLoad: 0.02, floor: 1, ceiling: 1 })).toEqual([1]);
    expect(comparisonPools({ offeredLoad: 4.95, floor: 11, ceiling: 12 })).toEqual([6, 11, 12]);
  });
});

describe("the search for the limit", () => {
  const holdsFrom = (limit: number) => {
    const probes: number[] = [];
    return {
      probes,
      probe: async (poolMax: number) => {
        probes.push(poolMax);
        return poolMax >= limit;
      },
    };
  };

  it("closes in from both sides until two neighbours differ", async () => {
    const { probe, probes } = holdsFrom(6);
    expect(await search(4, 11, probe)).toEqual({ breaks: 5, holds: 6 });
    expect(probes).toEqual([4, 11, 7, 5, 6]);
  });

  it("goes on upwards when the floor breaks too, and down to one when everything holds", async () => {
    expect(await search(4, 11, holdsFrom(30).probe)).toEqual({ breaks: 29, holds: 30 });
    expect(await search(4, 11, holdsFrom(1).probe)).toEqual({ breaks: 0, holds: 1 });
  });

  it("gives up at a size that nothing here needs", async () => {
    expect(await search(4, 11, async () => false)).toEqual({ breaks: 704, holds: undefined });
  });
});
