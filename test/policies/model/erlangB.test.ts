import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lossProbability, serversForLoss } from "../../../policies/model/erlang";
import { concurrencyFloor, functionAtPeak } from "../../../policies/model/tasks";

/** Erlang B by its definition: (a^c / c!) / Σ a^k / k!, term by term. */
function byDefinition(servers: number, load: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= servers; k++) {
    term *= load / k;
    sum += term;
  }
  return term / sum;
}

describe("the share that finds every server busy", () => {
  it.each([
    // Tables of Erlang B: N, A, B (ITU-D Teletraffic Engineering Handbook, table of the E-formula).
    [1, 1, 0.5],
    [2, 1, 0.2],
    [10, 5, 0.01838],
    [10, 10, 0.21458],
    [20, 12.03, 0.01],
  ])("is known for %d servers and %d erlangs", (servers, load, share) => {
    expect(lossProbability(servers, load)).toBeCloseTo(share, 4);
  });

  it("follows the definition", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.double({ min: 0.01, max: 40, noNaN: true }), (c, a) => {
        expect(lossProbability(c, a)).toBeCloseTo(byDefinition(c, a), 10);
      }),
    );
  });

  it("falls with every server, and is never less than what the servers cannot carry", () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.double({ min: 0.01, max: 4_000, noNaN: true }), (c, a) => {
        const share = lossProbability(c, a);
        expect(share).toBeGreaterThanOrEqual(Math.max(0, 1 - c / a) - 1e-12);
        expect(lossProbability(c + 1, a)).toBeLessThanOrEqual(share + 1e-12);
      }),
    );
  });

  it("is everything without a server and nothing without a load", () => {
    expect(lossProbability(0, 3)).toBe(1);
    expect(lossProbability(0, 0)).toBe(1);
    expect(lossProbability(4, 0)).toBe(0);
  });

  it.each([
    [1.5, 1],
    [-1, 1],
    [1, -1],
    [1, Number.NaN],
    [1, 1e300],
  ])("refuses %d servers and %d erlangs", (servers, load) => {
    expect(() => lossProbability(servers, load)).toThrow(RangeError);
  });
});

describe("the fewest servers", () => {
  it("lose no more than the target, and one fewer would lose more", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 2_000, noNaN: true }),
        fc.constantFrom(0.5, 0.01, 0.0001),
        (load, target) => {
          const servers = serversForLoss(load, target);
          expect(lossProbability(servers, load)).toBeLessThanOrEqual(target);
          if (servers > 1) expect(lossProbability(servers - 1, load)).toBeGreaterThan(target);
        },
      ),
      { examples: [[405.33, 0.5]] },
    );
  });

  it("are counted exactly where the load is far above them", () => {
    expect(serversForLoss(405.33, 0.5)).toBe(204);
    expect(byDefinition(203, 405.33)).toBeGreaterThan(0.5);
  });

  it("are one without a load, and refuse a target that is no share", () => {
    expect(serversForLoss(0, 0.01)).toBe(1);
    for (const target of [0, -0.1, 1.1, Number.NaN])
      expect(() => serversForLoss(1, target)).toThrow(RangeError);
  });
});

describe("a function at its peak", () => {
  const demand = { peakRequestsPerSecond: 50, holdMs: 200, acquisitionsPerRequest: 1 };

  it("throttles what finds no environment", () => {
    expect(functionAtPeak(10, demand)).toMatchObject({
      overloaded: true,
      offeredLoad: 1,
      waitBeyondTarget: 0,
    });
    expect(functionAtPeak(10, demand).failingShare).toBeCloseTo(0.21458, 4);
    expect(functionAtPeak(0, demand).failingShare).toBe(1);
  });

  it("needs the concurrency that carries a quarter more with one throttled in a hundred", () => {
    const least = concurrencyFloor(demand);
    expect(byDefinition(least, 12.5)).toBeLessThanOrEqual(0.01);
    expect(byDefinition(least - 1, 12.5)).toBeGreaterThan(0.01);
  });
});
