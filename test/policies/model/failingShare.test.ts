import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failingShare } from "../../../policies/model/erlang";

const perTask = { requestsPerSecond: 50, meanHoldSeconds: 0.09 };

describe("failingShare", () => {
  it("is 40 % for the outage: 400 requests/s over 8 tasks, 90 ms, 1.1 acquisitions, a pool of 3", () => {
    // By hand: q + 0.1·q² = 3/4.5, so q = 0.62731, and 1 − (0.9·q + 0.1·q²) = 0.39606.
    expect(failingShare({ ...perTask, servers: 3, acquisitionsPerRequest: 1.1 })).toBeCloseTo(0.39606, 5);
  });

  it("is 0 while the pool can carry the load, up to the very point where it is full", () => {
    expect(failingShare({ ...perTask, servers: 5, acquisitionsPerRequest: 1.1 })).toBe(0);
    expect(
      failingShare({ servers: 4, requestsPerSecond: 4, meanHoldSeconds: 1, acquisitionsPerRequest: 1 }),
    ).toBe(0);
  });

  it("is 1 − c/a when each request needs one connection", () => {
    expect(failingShare({ ...perTask, servers: 3, acquisitionsPerRequest: 1 })).toBeCloseTo(1 - 3 / 4.5, 12);
  });

  it("solves the quadratic when each request needs two, one after another", () => {
    const q = (-1 + Math.sqrt(1 + 4 * (3 / 4.5))) / 2;
    expect(failingShare({ ...perTask, servers: 3, acquisitionsPerRequest: 2 })).toBeCloseTo(1 - q * q, 12);
  });

  it("fails only requests that need a connection when half of them need none", () => {
    // Half of 50/s at 90 ms is 2.25 erlangs on 1 connection: 1 − 1/2.25 of that half fail.
    const share = failingShare({ ...perTask, servers: 1, acquisitionsPerRequest: 0.5 });
    expect(share).toBeCloseTo(0.5 * (1 - 1 / 2.25), 12);
    expect(failingShare({ ...perTask, servers: 0, acquisitionsPerRequest: 0.5 })).toBeCloseTo(0.5, 12);
  });

  it("carries exactly as many connections as there are, whatever the mix of acquisitions", () => {
    const cases = fc.record({
      servers: fc.integer({ min: 1, max: 50 }),
      whole: fc.integer({ min: 1, max: 6 }),
      overload: fc.double({ min: 1.001, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ servers, whole, overload }) => {
        const requestsPerSecond = (servers * overload) / whole;
        const failing = failingShare({
          servers,
          requestsPerSecond,
          meanHoldSeconds: 1,
          acquisitionsPerRequest: whole,
        });
        const q = (1 - failing) ** (1 / whole);
        let carried = 0;
        for (let i = 1; i <= whole; i++) carried += requestsPerSecond * q ** i;
        expect(carried / servers).toBeCloseTo(1, 9);
      }),
    );
  });

  it("changes without a jump where a fractional number of acquisitions becomes a whole one", () => {
    const at = (acquisitionsPerRequest: number) =>
      failingShare({ ...perTask, servers: 3, acquisitionsPerRequest });
    expect(at(2 - 1e-9)).toBeCloseTo(at(2), 6);
    expect(at(2 + 1e-9)).toBeCloseTo(at(2), 6);
  });

  it("falls with every connection, rises with every request, and stays between 0 and 1 for any finite input", () => {
    const finite = fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true });
    const inputs = fc.record({
      servers: fc.integer({ min: 0, max: 1e6 }),
      requestsPerSecond: fc.oneof(finite, fc.double({ min: 0, max: 1e4, noNaN: true })),
      meanHoldSeconds: fc.oneof(finite, fc.double({ min: 0, max: 10, noNaN: true })),
      acquisitionsPerRequest: fc.oneof(finite, fc.double({ min: 0, max: 5, noNaN: true })),
    });
    fc.assert(
      fc.property(inputs, (input) => {
        const share = failingShare(input);
        expect(share >= 0 && share <= 1).toBe(true);
        expect(failingShare({ ...input, servers: input.servers + 1 })).toBeLessThanOrEqual(share + 1e-9);
        const busier = Math.min(Number.MAX_VALUE, input.requestsPerSecond * 2);
        expect(failingShare({ ...input, requestsPerSecond: busier })).toBeGreaterThanOrEqual(share - 1e-9);
      }),
    );
  });

  it.each([
    { servers: 2.5 },
    { servers: -1 },
    { servers: Number.NaN },
    { requestsPerSecond: -1 },
    { meanHoldSeconds: Number.NaN },
    { acquisitionsPerRequest: -0.1 },
  ])("refuses %o", (wrong) => {
    expect(() => failingShare({ ...perTask, servers: 3, acquisitionsPerRequest: 1, ...wrong })).toThrow(
      RangeError,
    );
  });
});
