import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closest, editDistance } from "../../../policies/kit/text";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["max_conections", "max_connections", 1],
  ])("between %j and %j is %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is symmetric, and 0 for the same text alone", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{0,12}$/), fc.stringMatching(/^[a-z]{0,12}$/), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it("does not hang on a text of any length", () => {
    expect(editDistance("a".repeat(1_000_000), "abc")).toBeGreaterThan(100);
  });
});

describe("closest", () => {
  it.each([
    ["statment_timeout", "statement_timeout"],
    ["STATEMENT_TIMEOUT", "statement_timeout"],
    ["stat", "statement_timeout"],
    ["xyzzy", undefined],
  ])("to %s is %s", (typed, found) => {
    expect(closest(typed, ["lock_timeout", "statement_timeout"])).toBe(found);
  });
});
