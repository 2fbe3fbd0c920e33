import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Rung,
  type Timeout,
  type TimeoutSettings,
  timeoutLadder,
  timeoutOrder,
} from "../../../policies/model/timeouts";

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
