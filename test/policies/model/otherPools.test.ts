import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loweredPools, type OtherPool } from "../../../policies/model/remedies";

const other = (poolMax: number, floor: number, pools: number, isFloorKnown?: boolean): OtherPool => ({
  poolMax,
  floor,
  pools,
  ...(isFloorKnown === undefined ? {} : { isFloorKnown }),
});

describe("lowering the other pools of a database", () => {
  it.each<[string, number, OtherPool[], readonly number[] | null]>([
    ["nothing to free leaves them as they are", 0, [other(10, 4, 2)], [10]],
    ["one step frees a connection of each of its pools", 2, [other(10, 4, 2)], [9]],
    ["what is left over takes a whole step", 3, [other(10, 4, 2)], [8]],
    ["down to the floor", 12, [other(10, 4, 2)], [4]],
    ["not below it", 13, [other(10, 4, 2)], null],
    ["one below its floor has nothing to spare", 1, [other(3, 4, 2)], null],
    ["none at all", 1, [], null],
    ["equal pools to equal sizes", 6, [other(10, 4, 2), other(10, 4, 2)], [8, 8]],
    ["the larger alone, where that is enough", 6, [other(10, 1, 2), other(20, 1, 2)], [10, 17]],
    ["each to its own floor at least", 14, [other(10, 8, 2), other(10, 4, 2)], [8, 5]],
    [
      "one of unknown floor last, whatever it has to spare",
      4,
      [other(90, 1, 9, false), other(10, 8, 2)],
      [90, 8],
    ],
    ["and only where the others are not enough", 5, [other(90, 1, 9, false), other(10, 8, 2)], [89, 8]],
    ["a floor is known unless said otherwise", 4, [other(90, 1, 9, false), other(10, 8, 2, true)], [90, 8]],
  ])("%s", (_what, toFree, others, expected) => {
    expect(loweredPools(toFree, others)).toEqual(expected);
  });

  it("frees as many as are asked for with no pool below its floor, and says so where there are not as many", () => {
    const pools = fc.array(
      fc.record({
        poolMax: fc.integer({ min: 1, max: 50 }),
        floor: fc.integer({ min: 1, max: 50 }),
        pools: fc.integer({ min: 1, max: 20 }),
        isFloorKnown: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), pools, (toFree, others) => {
        const spare = others.map(({ poolMax, floor, pools }) => Math.max(0, poolMax - floor) * pools);
        const sizes = loweredPools(toFree, others);
        if (toFree > spare.reduce((sum, each) => sum + each, 0)) {
          expect(sizes).toBeNull();
          return;
        }
        const freed = others.map(({ poolMax, pools }, i) => (poolMax - (sizes?.[i] ?? Number.NaN)) * pools);
        const total = freed.reduce((sum, each) => sum + each, 0);
        expect(total).toBeGreaterThanOrEqual(toFree);
        for (const [i, { poolMax, floor }] of others.entries()) {
          expect(sizes?.[i]).toBeLessThanOrEqual(poolMax);
          expect(sizes?.[i]).toBeGreaterThanOrEqual(Math.min(floor, poolMax));
        }
        const cut = others.flatMap(({ poolMax, floor }, i) => {
          const size = sizes?.[i] ?? poolMax;
          return size < poolMax && size > floor ? [size] : [];
        });
        expect(new Set(cut).size).toBeLessThanOrEqual(1);
        // No step more than it must be: one connection more for each that was lowered would not be enough.
        const oneMore = others.map(({ poolMax }, i) => {
          const size = sizes?.[i] ?? poolMax;
          return size < poolMax && (cut.length === 0 || size === cut[0]) ? size + 1 : size;
        });
        const freedWithOneMore = others.reduce(
          (sum, { poolMax, pools }, i) => sum + (poolMax - (oneMore[i] ?? poolMax)) * pools,
          0,
        );
        if (total > 0) expect(freedWithOneMore).toBeLessThan(toFree);
      }),
    );
  });
});
