import { describe, expect, it } from "vitest";
import { scaleDemand } from "../../../../drills/stress/run/input";
import { comparisonPools, predictedTable, search } from "../../../../drills/stress/run/pools";
import { outageStack } from "../support/stack";

it.each([
  [4.95, 11, 19, [6, 11, 15]],
  [1.32, 3, 14, [2, 3, 4]],
  [0.02, 1, 1, [1]],
  [4.95, 11, 12, [6, 11, 12]],
])("a load of %d erlangs with a floor of %d and a ceiling of %d is compared in pools below, at and above the floor", (offeredLoad, floor, ceiling, pools) => {
  expect(comparisonPools({ offeredLoad, floor, ceiling })).toEqual(pools);
});

it("the table has the pools to compare, the last that breaks, the one below the floor and all that were measured", () => {
  const scaled = scaleDemand(outageStack.demand, undefined, 2);
  const table = predictedTable({ stack: outageStack, scaled }, [3, 40]);
  expect(table.map(({ poolMax }) => poolMax)).toEqual([3, 4, 6, 10, 11, 15, 40]);
  expect(table[0]?.utilisation).toBeCloseTo(1.65);
});

describe("the search for the limit", () => {
  async function searched(limit: number, unmeasured?: number) {
    const probes: number[] = [];
    const found = await search(4, 11, async (poolMax) => {
      probes.push(poolMax);
      return poolMax === unmeasured ? undefined : poolMax >= limit;
    });
    return { ...found, probes };
  }

  it("closes in from both sides until two neighbours differ", async () => {
    expect(await searched(6)).toEqual({ breaks: 5, holds: 6, probes: [4, 11, 7, 5, 6] });
  });

  it("goes on upwards when the floor breaks too, and down to one when everything holds", async () => {
    expect(await searched(30)).toMatchObject({ breaks: 29, holds: 30 });
    expect(await searched(1)).toMatchObject({ breaks: 0, holds: 1 });
  });

  it("ends at a size that could not be measured, with what is known", async () => {
    expect(await searched(6, 4)).toEqual({ breaks: 0, holds: undefined, undecided: 4, probes: [4] });
    expect(await searched(6, 7)).toEqual({ breaks: 4, holds: 11, undecided: 7, probes: [4, 11, 7] });
  });

  it("gives up at a size that nothing here needs", async () => {
    expect(await searched(Number.POSITIVE_INFINITY)).toMatchObject({ breaks: 704, holds: undefined });
  });
});
