import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largest, smallest } from "../../../policies/model/remedies";

const range = fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -30, max: 30 }));

describe("the search for the nearest number that holds", () => {
  it("finds the least of those above a border, as a walk from below does, and nothing where none holds", () => {
    fc.assert(
      fc.property(range, fc.integer({ min: -40, max: 40 }), ([low, high], border) => {
        let walked: number | null = null;
        for (let value = high; value >= low && value >= border; value--) walked = value;
        expect(smallest(low, high, (value) => value >= border)).toBe(walked);
      }),
    );
  });

  it("finds the greatest of those below a border", () => {
    fc.assert(
      fc.property(range, fc.integer({ min: -40, max: 40 }), ([low, high], border) => {
        let walked: number | null = null;
        for (let value = low; value <= high && value <= border; value++) walked = value;
        expect(largest(low, high, (value) => value <= border)).toBe(walked);
      }),
    );
  });

  it("asks a number of times that grows with the digits, not with the range", () => {
    let asked = 0;
    const holds = (value: number): boolean => {
      asked += 1;
      return value >= 123_456_789;
    };
    expect(smallest(0, 1e12, holds)).toBe(123_456_789);
    expect(asked).toBeLessThan(45);
  });

  it("asks for nothing outside the range", () => {
    const seen: number[] = [];
    smallest(3, 9, (value) => seen.push(value) > 0 && value >= 3);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...seen)).toBeLessThanOrEqual(9);
  });
});
