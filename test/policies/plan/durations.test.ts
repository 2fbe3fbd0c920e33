import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDuration, writeDuration } from "../../../policies/plan/pools/settings";

describe("a duration", () => {
  it.each([
    ["go", "1h2m3.5s", 3_723_500],
    ["go", "250ms", 250],
    ["go", "1500us", 1.5],
    ["go", "0", 0],
    ["go", "-1s", -1_000],
    ["go", ".5s", 500],
    ["s", "2.5", 2_500],
    ["ms", "2.5", 2.5],
    ["ms or unit", "75", 75],
    ["ms or unit", "75s", 75_000],
    ["ms or unit", "2M", 120_000],
    ["ms or unit", "PT1M30S", 90_000],
    ["ms or unit", "1d", 86_400_000],
  ] as const)("in %s is read from %s", (notation, text, ms) => {
    expect(readDuration(text, notation, "X")).toEqual({ state: "known", value: ms });
  });

  it.each([
    ["go", "5"],
    ["go", "5 m"],
    ["go", "m"],
    ["go", ""],
    ["s", "5s"],
    ["ms", "5m"],
    ["ms or unit", "PT"],
    ["ms or unit", "5 fortnights"],
    ["ms", "1".repeat(200)],
  ] as const)("in %s is not %s", (notation, text) => {
    expect(readDuration(text, notation, "X").state).toBe("malformed");
  });

  it("is written the way it is read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (ms) => {
        expect(readDuration(writeDuration(ms, "go"), "go", "X")).toEqual({ state: "known", value: ms });
        expect(readDuration(writeDuration(ms, "s").replace(" s", ""), "s", "X")).toEqual({
          state: "known",
          value: ms,
        });
      }),
    );
  });

  it("is read or refused at once, however long the text", () => {
    const start = performance.now();
    for (const text of ["1".repeat(1e6), "1s".repeat(1e6), `${".".repeat(1e6)}s`])
      for (const notation of ["go", "s", "ms", "ms or unit"] as const) readDuration(text, notation, "X");
    expect(performance.now() - start).toBeLessThan(500);
  });
});
