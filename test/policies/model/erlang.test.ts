import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mulberry32 } from "../../../policies/kit/random";
import {
  failingShare,
  lossProbability,
  MAX_OFFERED_LOAD,
  meanWaitSeconds,
  minimumPoolSize,
  probabilityOfWaiting,
  scvFromPercentile,
  serversForLoss,
  waitExceedance,
} from "../../../policies/model/erlang";
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

/** Erlang C summed term by term in logarithms, each term relative to the largest: no recurrence in it. */
function erlangCBySum(servers: number, load: number): number {
  const logTerms = [0];
  for (let k = 1; k <= servers; k++) logTerms.push((logTerms[k - 1] ?? 0) + Math.log(load / k));
  const last = (logTerms.pop() ?? 0) + Math.log(servers / (servers - load));
  const largest = logTerms.reduce((a, b) => Math.max(a, b), last);
  const idle = logTerms.reduce((sum, term) => sum + Math.exp(term - largest), 0);
  return Math.exp(last - largest) / (idle + Math.exp(last - largest));
}

const queues = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0.01, max: 0.9999, noNaN: true }))
  .map(([servers, utilisation]) => ({ servers, load: servers * utilisation }));

describe("probabilityOfWaiting", () => {
  it.each([
    { servers: 10, load: 8, expected: 0.40918 },
    { servers: 20, load: 16, expected: 0.25608 },
    { servers: 5, load: 4.5, expected: 0.76249 },
    { servers: 1, load: 0.3, expected: 0.3 },
  ])("gives $expected for $servers servers at $load erlangs, as the published tables do", (row) => {
    expect(probabilityOfWaiting(row.servers, row.load)).toBeCloseTo(row.expected, 5);
  });

  it("agrees with the direct sum of Erlang's formula up to 5,000 servers", () => {
    fc.assert(
      fc.property(queues, ({ servers, load }) => {
        const expected = erlangCBySum(servers, load);
        const actual = probabilityOfWaiting(servers, load);
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * expected + 1e-280);
      }),
      { numRuns: 200 },
    );
  });

  it("satisfies Erlang's recurrence from one server to the next", () => {
    fc.assert(
      fc.property(queues, ({ servers, load }) => {
        const blocking = (c: number) => {
          const waiting = probabilityOfWaiting(c, load);
          return (waiting * (c - load)) / (c - load * waiting);
        };
        const step = (load * blocking(servers)) / (servers + 1 + load * blocking(servers));
        expect(blocking(servers + 1)).toBeCloseTo(step, 9);
      }),
    );
  });

  it("is 1 from the point where the load reaches the servers, where no queue settles", () => {
    expect(probabilityOfWaiting(3, 3)).toBe(1);
    expect(probabilityOfWaiting(3, 4.95)).toBe(1);
    expect(probabilityOfWaiting(0, 0)).toBe(1);
    expect(probabilityOfWaiting(5000, 1e300)).toBe(1);
  });

  it("is 0 without load, and stays a number when the servers are far too many", () => {
    expect(probabilityOfWaiting(4, 0)).toBe(0);
    expect(probabilityOfWaiting(1e9, 5)).toBe(0);
    expect(probabilityOfWaiting(5000, 5e-324)).toBe(0);
  });

  it.each([[-1], [2.5], [Number.NaN], [Number.POSITIVE_INFINITY]])("refuses %s servers", (servers) => {
    expect(() => probabilityOfWaiting(servers, 1)).toThrow(RangeError);
  });

  it("refuses a load that is negative, not a number, or carried but beyond what is modelled", () => {
    expect(() => probabilityOfWaiting(3, -0.1)).toThrow(RangeError);
    expect(() => probabilityOfWaiting(3, Number.NaN)).toThrow(RangeError);
    expect(() => probabilityOfWaiting(4 * MAX_OFFERED_LOAD, 2 * MAX_OFFERED_LOAD)).toThrow(RangeError);
  });
});

describe("waitExceedance", () => {
  it("falls from the probability of waiting by e^(−(c − a)·t/S)", () => {
    const queue = { servers: 10, arrivalsPerSecond: 80, meanHoldSeconds: 0.1 };
    expect(waitExceedance({ ...queue, waitSeconds: 0 })).toBeCloseTo(0.40918, 5);
    expect(waitExceedance({ ...queue, waitSeconds: 0.05 })).toBeCloseTo(0.40918 * Math.exp(-1), 5);
  });

  it("agrees with a simulated queue, and so does the mean wait", () => {
    const queue = { servers: 4, arrivalsPerSecond: 30, meanHoldSeconds: 0.1 };
    const waits = simulatedWaits(queue, 400_000);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(mean / (meanWaitSeconds(queue) ?? 0)).toBeCloseTo(1, 1);
    for (const waitSeconds of [0, 0.02, 0.05, 0.1]) {
      const share = waits.filter((wait) => wait > waitSeconds).length / waits.length;
      expect(Math.abs(waitExceedance({ ...queue, waitSeconds }) - share)).toBeLessThan(0.01);
    }
  });

  it("is 1 for an overloaded pool however long the wait, and its mean wait is unbounded", () => {
    const queue = { servers: 3, arrivalsPerSecond: 55, meanHoldSeconds: 0.09 };
    expect(waitExceedance({ ...queue, waitSeconds: 3600 })).toBe(1);
    expect(meanWaitSeconds(queue)).toBeUndefined();
  });

  it.each([
    { arrivalsPerSecond: -1 },
    { meanHoldSeconds: -1 },
    { waitSeconds: -1 },
    { waitSeconds: Number.NaN },
    { arrivalsPerSecond: Number.POSITIVE_INFINITY },
    { servers: 1.5 },
  ])("refuses %o", (wrong) => {
    const queue = { servers: 3, arrivalsPerSecond: 1, meanHoldSeconds: 1, waitSeconds: 1 };
    expect(() => waitExceedance({ ...queue, ...wrong })).toThrow(RangeError);
  });
});

describe("minimumPoolSize", () => {
  it("needs 11 connections for the outage's load with a quarter on top", () => {
    const arrivalsPerSecond = (1.25 * 400 * 1.1) / 8;
    expect(
      minimumPoolSize({
        arrivalsPerSecond,
        meanHoldSeconds: 0.09,
        waitTargetSeconds: 0.05,
        exceedance: 0.01,
      }),
    ).toBe(11);
  });

  it("is the smallest size that meets the target: one less does not", () => {
    const demands = fc.record({
      arrivalsPerSecond: fc.double({ min: 0.001, max: 5000, noNaN: true }),
      meanHoldSeconds: fc.double({ min: 0.0001, max: 1, noNaN: true }),
      waitTargetSeconds: fc.double({ min: 0, max: 1, noNaN: true }),
      exceedance: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(demands, (demand) => {
        const size = minimumPoolSize(demand);
        const load = demand.arrivalsPerSecond * demand.meanHoldSeconds;
        const meets = (servers: number) =>
          load < servers &&
          waitExceedance({ servers, waitSeconds: demand.waitTargetSeconds, ...demand }) <= demand.exceedance;
        expect(meets(size)).toBe(true);
        expect(size === 1 || !meets(size - 1)).toBe(true);
      }),
    );
  });

  it("stops exactly where the target is met, and always above the load", () => {
    const demand = { arrivalsPerSecond: 40, meanHoldSeconds: 0.1, waitTargetSeconds: 0.05 };
    const atSeven = waitExceedance({ servers: 7, waitSeconds: 0.05, ...demand });
    expect(minimumPoolSize({ ...demand, exceedance: atSeven * (1 + 1e-9) })).toBe(7);
    expect(minimumPoolSize({ ...demand, exceedance: atSeven * (1 - 1e-9) })).toBe(8);
    expect(minimumPoolSize({ ...demand, exceedance: 1 })).toBe(5);
  });

  it("is 1 connection when nothing arrives or nothing is held", () => {
    const demand = { arrivalsPerSecond: 9, meanHoldSeconds: 9, waitTargetSeconds: 0.05, exceedance: 0.01 };
    expect(minimumPoolSize({ ...demand, arrivalsPerSecond: 0 })).toBe(1);
    expect(minimumPoolSize({ ...demand, meanHoldSeconds: 0 })).toBe(1);
  });

  it("answers absurd but finite loads at once, and refuses those beyond its bound", () => {
    const demand = { meanHoldSeconds: 1, waitTargetSeconds: 0, exceedance: 0.01 };
    const started = performance.now();
    const size = minimumPoolSize({ ...demand, arrivalsPerSecond: 1e9 });
    expect(performance.now() - started).toBeLessThan(2000);
    // Halfin and Whitt (1981): c = a + β·√a, where P(wait) = 1/(1 + β·Φ(β)/φ(β)) = 0.01 gives β = 2.375.
    expect((size - 1e9) / Math.sqrt(1e9)).toBeCloseTo(2.375, 2);
    expect(() => minimumPoolSize({ ...demand, arrivalsPerSecond: 2 * MAX_OFFERED_LOAD })).toThrow(RangeError);
    expect(() => minimumPoolSize({ ...demand, arrivalsPerSecond: 1e300, meanHoldSeconds: 1e300 })).toThrow(
      RangeError,
    );
  });

  it.each([
    { arrivalsPerSecond: -1 },
    { arrivalsPerSecond: Number.NaN },
    { meanHoldSeconds: Number.NaN },
    { waitTargetSeconds: -1 },
    { exceedance: 0 },
    { exceedance: 1.1 },
    { exceedance: Number.NaN },
  ])("refuses %o", (wrong) => {
    const demand = { arrivalsPerSecond: 1, meanHoldSeconds: 1, waitTargetSeconds: 1, exceedance: 0.01 };
    expect(() => minimumPoolSize({ ...demand, ...wrong })).toThrow(RangeError);
  });
});

describe("hold times that vary more than exponential ones", () => {
  const spreads = fc.double({ min: 0, max: 300, noNaN: true });
  const asked = fc.record({
    arrivalsPerSecond: fc.double({ min: 0.1, max: 2000, noNaN: true }),
    meanHoldSeconds: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
    waitTargetSeconds: fc.constantFrom(0, 0.01, 0.05, 0.5),
    exceedance: fc.constantFrom(0.001, 0.01, 0.1),
  });

  it("never ask for a smaller pool, and never for more than that hardly any acquisition waits", () => {
    fc.assert(
      fc.property(asked, spreads, spreads, (input, a, b) => {
        const less = minimumPoolSize({ ...input, holdScv: Math.min(a, b) });
        const more = minimumPoolSize({ ...input, holdScv: Math.max(a, b) });
        expect(more).toBeGreaterThanOrEqual(less);
        expect(less).toBeGreaterThanOrEqual(minimumPoolSize(input));
        expect(more).toBeLessThanOrEqual(minimumPoolSize({ ...input, waitTargetSeconds: 0 }));
      }),
      { numRuns: 200 },
    );
  });

  it("count as exponential where they vary as much, or less", () => {
    const input = { arrivalsPerSecond: 60, meanHoldSeconds: 0.09, waitTargetSeconds: 0.05, exceedance: 0.01 };
    for (const holdScv of [0, 0.5, 1])
      expect(minimumPoolSize({ ...input, holdScv })).toBe(minimumPoolSize(input));
    expect(minimumPoolSize({ ...input, holdScv: 4 })).toBeGreaterThan(minimumPoolSize(input));
  });

  it("vary the more, the longer their slowest hundredth", () => {
    expect(scvFromPercentile(10, 10 * 4.9048)).toBeCloseTo(1, 3);
    expect(scvFromPercentile(10, 5)).toBe(0);
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (ratio, by) => {
          expect(scvFromPercentile(1, ratio * by)).toBeGreaterThanOrEqual(scvFromPercentile(1, ratio));
        },
      ),
    );
    // The largest that a lognormal has, whatever is declared.
    expect(scvFromPercentile(1, 1e6)).toBeCloseTo(Math.expm1(2.32635 ** 2), 1);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scvFromPercentile(1, bad)).toThrow(RangeError);
    }
  });

  const POOLS = [
    { servers: 11, arrivalsPerSecond: 68.75, meanHoldSeconds: 0.09 },
    { servers: 3, arrivalsPerSecond: 137.5, meanHoldSeconds: 0.012 },
    { servers: 18, arrivalsPerSecond: 280, meanHoldSeconds: 0.05 },
  ];
  it.each([
    4, 10,
  ])("wait between what exponential holds and what the spread of %d predict, simulated", (holdScv) => {
    for (const queue of POOLS) {
      const waits = simulatedWaits(queue, 200_000, holdScv);
      const late = waits.filter((wait) => wait > 0.05).length / waits.length;
      expect(late).toBeGreaterThan(2 * waitExceedance({ ...queue, waitSeconds: 0.05 }));
      expect(late).toBeLessThan(1.1 * waitExceedance({ ...queue, holdScv, waitSeconds: 0.05 }));
      expect(late).toBeGreaterThan(0.2 * waitExceedance({ ...queue, holdScv, waitSeconds: 0.05 }));
    }
  });
});

/** First come, first served by the connection that is free soonest. Seeded: the same waits on every run. */
function simulatedWaits(
  queue: { servers: number; arrivalsPerSecond: number; meanHoldSeconds: number },
  arrivals: number,
  holdScv = 1,
): number[] {
  const random = mulberry32(20240902);
  const exponential = (mean: number) => -mean * Math.log(1 - random());
  // Two exponential classes that have half of the work each (balanced hyperexponential).
  const often = (1 + Math.sqrt((holdScv - 1) / (holdScv + 1))) / 2;
  const hold = (mean: number) => {
    if (holdScv === 1) return exponential(mean);
    return exponential(mean / (2 * (random() < often ? often : 1 - often)));
  };
  const freeAt = Array.from({ length: queue.servers }, () => 0);
  let now = 0;
  return Array.from({ length: arrivals }, () => {
    now += exponential(1 / queue.arrivalsPerSecond);
    const soonest = freeAt.indexOf(Math.min(...freeAt));
    const starts = Math.max(now, freeAt[soonest] ?? 0);
    freeAt[soonest] = starts + hold(queue.meanHoldSeconds);
    return starts - now;
  });
}

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
