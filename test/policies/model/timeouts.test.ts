import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Rung,
  type Timeout,
  type TimeoutLinkId,
  type TimeoutSettings,
  timeoutFrom,
  timeoutLadder,
  timeoutOrder,
} from "../../../policies/model/timeouts";

const ordered: TimeoutSettings = {
  lockMs: 2000,
  statementMs: 5000,
  queryMs: 5500,
  acquireMs: 2000,
  otherWorkMs: 500,
  requestMs: 10_000,
  loadBalancerIdleMs: 60_000,
  serverKeepAliveMs: 65_000,
};

function verdicts(settings: TimeoutSettings): Record<string, boolean | undefined> {
  return Object.fromEntries(timeoutOrder(settings).map(({ id, holds }) => [id, holds]));
}

const allHold: Record<TimeoutLinkId, boolean | undefined> = {
  "lock-before-statement": true,
  "statement-before-query": true,
  "work-within-request": true,
  "request-before-load-balancer": true,
  "load-balancer-before-keep-alive": true,
};

describe("timeoutOrder", () => {
  it("holds from the innermost timeout to the outermost in a healthy stack", () => {
    expect(verdicts(ordered)).toEqual(allHold);
  });

  it.each<[Partial<TimeoutSettings>, Partial<Record<TimeoutLinkId, boolean | undefined>>]>([
    [{ lockMs: 5000 }, { "lock-before-statement": false }],
    [{ lockMs: 4999 }, {}],
    [{ statementMs: 5401 }, { "statement-before-query": false }],
    [{ statementMs: 5400 }, {}],
    [{ requestMs: 7999 }, { "work-within-request": false }],
    [{ requestMs: 8000 }, {}],
    [{ requestMs: 60_000 }, { "request-before-load-balancer": false }],
    [{ serverKeepAliveMs: 60_000 }, { "load-balancer-before-keep-alive": false }],
    [{ acquisitionsPerRequest: 3 }, { "work-within-request": false }],
    // Two queries that each take their statement timeout, 4 + 10 + 0.5 s, and one that the request has room for.
    [{ acquisitionsPerRequest: 2 }, { "work-within-request": false }],
    [{ acquisitionsPerRequest: 2, queriesPerRequest: 1 }, {}],
    [{ queriesPerRequest: 1.5 }, {}],
    [{ queriesPerRequest: 2 }, { "work-within-request": false }],
    [{ queriesPerRequest: 2, requestMs: 12_500 }, {}],
    [{ queriesPerRequest: 2, requestMs: 12_499 }, { "work-within-request": false }],
    [{ acquisitionsPerRequest: 1.1, requestMs: 8200 }, {}],
    [{ acquisitionsPerRequest: 1.1, requestMs: 8199 }, { "work-within-request": false }],
    [{ acquisitionsPerRequest: 0, acquireMs: "forever" }, {}],
    [{ lockMs: "forever" }, { "lock-before-statement": false }],
    [
      { lockMs: "forever", statementMs: undefined },
      { "lock-before-statement": false, "statement-before-query": undefined },
    ],
    [{ statementMs: "forever" }, { "statement-before-query": false }],
    [
      { lockMs: "forever", statementMs: "forever" },
      { "lock-before-statement": false, "statement-before-query": false },
    ],
    [{ queryMs: "forever" }, { "work-within-request": false }],
    [{ acquireMs: "forever" }, { "work-within-request": false }],
    [{ acquireMs: undefined }, { "work-within-request": undefined }],
    [{ acquireMs: undefined, queryMs: "forever" }, { "work-within-request": false }],
    [
      { acquireMs: undefined, requestMs: "forever" },
      { "work-within-request": undefined, "request-before-load-balancer": false },
    ],
    [{ serverKeepAliveMs: undefined }, { "load-balancer-before-keep-alive": undefined }],
    [{ serverKeepAliveMs: "forever" }, {}],
  ])("with %o breaks or leaves open %o and nothing else", (changed, broken) => {
    expect(verdicts({ ...ordered, ...changed })).toEqual({ ...allHold, ...broken });
  });

  it("gives both sides of each link with their numbers, for the message", () => {
    const links = timeoutOrder({ ...ordered, acquisitionsPerRequest: 1.1 });
    expect(
      links.map(
        ({ left, relation, right }) => `${left.label} ${left.ms} ${relation} ${right.label} ${right.ms}`,
      ),
    ).toEqual([
      "lock timeout 2000 < statement timeout 5000",
      "statement timeout + 100 ms 5100 ≤ client query timeout 5500",
      "1.1 × acquire timeout + query timeout + other work 8200 ≤ request timeout 10000",
      "request timeout 10000 < load balancer idle timeout 60000",
      "load balancer idle timeout 60000 < server keep-alive 65000",
    ]);
  });

  it.each([
    ["lock-before-statement", { lockMs: 5000 }, { leftMs: 5000, rightMs: 5000, mostMs: 4999 }],
    ["statement-before-query", { statementMs: 5401 }, { leftMs: 5501, rightMs: 5500, mostMs: 5500 }],
  ] as const)("says of %s by how much %o is too late", (id, changed, late) => {
    const links = timeoutOrder({ ...ordered, ...changed });
    expect(links.filter((link) => link.late !== undefined).map((link) => [link.id, link.late])).toEqual([
      [id, late],
    ]);
  });

  it("calls nothing late that never ends or is not known", () => {
    for (const lockMs of ["forever", undefined] as const) {
      expect(timeoutOrder({ ...ordered, lockMs }).filter(({ late }) => late !== undefined)).toEqual([]);
    }
  });

  it("never calls a link kept while its left side has no end or is not known", () => {
    const timeout = fc.oneof(
      fc.integer({ min: 1, max: 100_000 }),
      fc.constantFrom("forever" as const, undefined),
    );
    const settings = fc.record({
      lockMs: timeout,
      statementMs: timeout,
      queryMs: timeout,
      acquireMs: timeout,
      requestMs: timeout,
      loadBalancerIdleMs: timeout,
      serverKeepAliveMs: timeout,
    });
    fc.assert(
      fc.property(settings, (some) => {
        for (const { left, right, holds } of timeoutOrder(some)) {
          if (left.ms === "forever") expect(holds).toBe(false);
          if (left.ms === undefined || (right.ms === undefined && left.ms !== "forever"))
            expect(holds).toBeUndefined();
          if (typeof left.ms === "number" && right.ms === "forever") expect(holds).toBe(true);
        }
      }),
    );
  });

  it.each([
    { acquisitionsPerRequest: -1 },
    { otherWorkMs: -1 },
    { otherWorkMs: Number.NaN },
    { statementMs: Number.NaN },
  ])("refuses %o", (wrong) => {
    expect(() => timeoutOrder({ ...ordered, ...wrong })).toThrow(RangeError);
  });
});

describe("timeoutFrom", () => {
  it.each([0, false, undefined, null] as const)("takes %s for a timeout that never comes", (value) => {
    expect(timeoutFrom(value)).toBe("forever");
  });

  it("keeps milliseconds, and refuses those below 0 and NaN", () => {
    expect(timeoutFrom(1500)).toBe(1500);
    expect(() => timeoutFrom(-1)).toThrow(RangeError);
    expect(() => timeoutFrom(Number.NaN)).toThrow(RangeError);
  });
});

const ENDLESS: TimeoutSettings = {
  lockMs: "forever",
  statementMs: "forever",
  queryMs: "forever",
  acquireMs: 1_000,
  requestMs: 8_000,
  loadBalancerIdleMs: 60_000,
  serverKeepAliveMs: 75_000,
};
const RUNGS: readonly Rung[] = ["lockMs", "statementMs", "queryMs", "requestMs"];

describe("timeoutLadder", () => {
  it("chooses round values that end from the inside out", () => {
    const three = new Set<Rung>(["lockMs", "statementMs", "queryMs"]);
    expect(timeoutLadder(ENDLESS, three)).toEqual({ lockMs: 2_000, statementMs: 4_000, queryMs: 5_000 });
    expect(timeoutLadder({ ...ENDLESS, requestMs: 2_000 }, three)).toEqual({
      lockMs: 400,
      statementMs: 800,
      queryMs: 1_000,
    });
  });

  it("bounds a request below its load balancer", () => {
    const all = new Set(RUNGS);
    expect(timeoutLadder({ ...ENDLESS, requestMs: "forever" }, all)?.requestMs).toBe(10_000);
    const near = { ...ENDLESS, requestMs: "forever", loadBalancerIdleMs: 5_000 } as const;
    expect(timeoutLadder(near, all)?.requestMs).toBe(4_000);
  });

  it("does without an end of the request where nobody asks for one", () => {
    const worker = { ...ENDLESS, requestMs: "forever", loadBalancerIdleMs: "forever" } as const;
    expect(timeoutLadder(worker, new Set<Rung>(["queryMs"]))).toBeUndefined();
    expect(timeoutLadder({ ...worker, lockMs: 1, statementMs: 2 }, new Set<Rung>(["queryMs"]))).toEqual({
      queryMs: 502,
    });
  });

  it("keeps to whole seconds where a parameter is written in them, and gives up below one", () => {
    const seconds = new Set<Rung>(["lockMs"]);
    const lock = new Set<Rung>(["lockMs"]);
    const around = (statementMs: number) => ({ ...ENDLESS, statementMs, queryMs: statementMs + 100 });
    expect(timeoutLadder(around(5_000), lock, seconds)).toEqual({ lockMs: 2_000 });
    expect(timeoutLadder(around(1_500), lock, seconds)).toBeUndefined();
  });

  it("takes the whole second after a statement for its query, and gives up where that has no room", () => {
    const query = new Set<Rung>(["queryMs"]);
    const inside = { ...ENDLESS, lockMs: 1_000, statementMs: 2_000 };
    expect(timeoutLadder(inside, query, query)).toEqual({ queryMs: 3_000 });
    expect(timeoutLadder({ ...inside, requestMs: 4_000 }, query, query)).toEqual({ queryMs: 3_000 });
    expect(timeoutLadder({ ...inside, requestMs: 3_999 }, query, query)).toBeUndefined();
  });

  it("has nothing to offer where the others are out of order, or leave no room", () => {
    expect(timeoutLadder({ ...ENDLESS, acquireMs: 9_000 }, new Set<Rung>(["queryMs"]))).toBeUndefined();
    expect(
      timeoutLadder({ ...ENDLESS, statementMs: 10, queryMs: 50 }, new Set<Rung>(["lockMs"])),
    ).toBeUndefined();
  });

  it("keeps the whole order whenever it offers anything, whatever the others are", () => {
    const time: fc.Arbitrary<Timeout> = fc.oneof(
      fc.integer({ min: 1, max: 100_000 }),
      fc.constant("forever" as const),
      fc.constant(undefined),
    );
    const settings = fc.record({
      lockMs: time,
      statementMs: time,
      queryMs: time,
      acquireMs: time,
      requestMs: time,
      loadBalancerIdleMs: time,
      serverKeepAliveMs: time,
      otherWorkMs: fc.integer({ min: 0, max: 5_000 }),
      acquisitionsPerRequest: fc.double({ min: 0.1, max: 5, noNaN: true }),
    });
    let offered = 0;
    fc.assert(
      fc.property(settings, fc.subarray([...RUNGS]), fc.subarray([...RUNGS]), (some, free, whole) => {
        const ladder = timeoutLadder(some, new Set(free), new Set(whole));
        if (ladder === undefined) return;
        offered++;
        expect(Object.keys(ladder).sort()).toEqual([...free].sort());
        for (const link of timeoutOrder({ ...some, ...ladder })) {
          const isOther =
            link.id === "load-balancer-before-keep-alive" ||
            (link.id === "request-before-load-balancer" && !free.includes("requestMs"));
          if (!isOther) expect(link.holds).not.toBe(false);
        }
        for (const rung of whole) expect((ladder[rung] ?? 0) % 1000).toBe(0);
      }),
      { numRuns: 3_000 },
    );
    expect(offered).toBeGreaterThan(100);
  });
});
