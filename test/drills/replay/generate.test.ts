import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { poolQueue } from "../../../drills/replay/generate/poolQueue";
import { failingShare, meanWaitSeconds, waitExceedance } from "../../../policies/model/erlang";

const pool = (connections: number, requestsPerSecond: number, holdSeconds: number, k = 1) =>
  poolQueue({
    connections,
    requestsPerSecond,
    acquisitionsPerRequest: k,
    holdSeconds,
    acquireTimeoutSeconds: 1,
    queueMax: 10_000,
  });

describe("the generator's pool", () => {
  it("is the capacity model's at the outage's load: four in ten fail", () => {
    const outage = poolQueue({
      connections: 3,
      requestsPerSecond: 50,
      acquisitionsPerRequest: 1.1,
      holdSeconds: 0.09,
      acquireTimeoutSeconds: 1,
      queueMax: 64,
    });
    const share = failingShare({
      servers: 3,
      requestsPerSecond: 50,
      meanHoldSeconds: 0.09,
      acquisitionsPerRequest: 1.1,
    });
    expect(outage.failingShare).toBeCloseTo(share, 3);
    expect(outage.used).toBeCloseTo(3, 3);
    expect(outage.waitP99Seconds).toBe(1);
    expect(outage.timeoutsPerSecond).toBeGreaterThan(10);
    expect(outage.refusalsPerSecond).toBeGreaterThan(0);
  });

  it("waits as Erlang C says where it is far from its limit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 30 }),
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        (c, use) => {
          const holdSeconds = 0.02;
          const arrivals = (use * c) / holdSeconds;
          const queue = { servers: c, arrivalsPerSecond: arrivals, meanHoldSeconds: holdSeconds };
          const found = pool(c, arrivals, holdSeconds);
          expect(found.failingShare).toBeLessThan(1e-4);
          expect(found.used).toBeCloseTo(use * c, 2);
          // 50 steps over a second are coarse for waits of milliseconds.
          expect(Math.abs(found.meanWaitSeconds - (meanWaitSeconds(queue) ?? 0))).toBeLessThan(0.004);
          const beyond = waitExceedance({ ...queue, waitSeconds: found.waitP99Seconds });
          if (found.waitP99Seconds > 0) expect(beyond).toBeCloseTo(0.01, 3);
          else expect(beyond).toBeLessThanOrEqual(0.0101);
        },
      ),
    );
  });

  it("loses what the model says it must where it cannot carry the load", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 1.3, max: 4, noNaN: true }),
        fc.constantFrom(1, 1.1, 1.5, 2),
        (c, overload, k) => {
          const holdSeconds = 0.05;
          const requestsPerSecond = (overload * c) / holdSeconds / k;
          const expected = failingShare({
            servers: c,
            requestsPerSecond,
            meanHoldSeconds: holdSeconds,
            acquisitionsPerRequest: k,
          });
          expect(pool(c, requestsPerSecond, holdSeconds, k).failingShare).toBeCloseTo(expected, 2);
        },
      ),
    );
  });

  it("refuses instead of timing out where a full queue passes faster than the timeout", () => {
    const full = poolQueue({
      connections: 8,
      requestsPerSecond: 200,
      acquisitionsPerRequest: 1,
      holdSeconds: 0.05,
      acquireTimeoutSeconds: 1,
      queueMax: 16,
    });
    expect(full.timeoutsPerSecond).toBe(0);
    expect(full.refusalsPerSecond).toBeGreaterThan(30);
    expect(full.waitP99Seconds).toBeCloseTo(0.1, 3);
  });

  it("is a mix of the two whole pools around a fraction, and nothing without a connection", () => {
    const [two, half, three] = [pool(2, 100, 0.05), pool(2.5, 100, 0.05), pool(3, 100, 0.05)];
    expect(half.failingShare).toBeCloseTo((two.failingShare + three.failingShare) / 2, 6);
    expect(pool(0, 10, 0.05).failingShare).toBeGreaterThan(0.99);
    expect(pool(3, 0, 0.05).used).toBe(0);
  });
});
