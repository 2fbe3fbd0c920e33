import { describe, expect, it } from "vitest";
import { checkInput, scaleDemand } from "../../../../drills/stress/run/input";
import { optionsOf } from "../support/options";
import { outageStack, smallStack } from "../support/stack";

const checked = (words = "", stack = smallStack) => checkInput(stack, optionsOf(words), 2);

describe("what the lab refuses to run", () => {
  const rejected = {
    ...smallStack,
    verdict: "rejected",
    findings: ["pool-floor", "timeout-order"].map((rule) => ({ rule, message: "…" })),
  } as const;

  it("is a stack that would never be deployed, unless it is asked to, or is an incident that is rehearsed", () => {
    expect(() => checked("", rejected)).toThrow(/small.*pool-floor.* 1 more.*--even-if-rejected/);
    expect(() => checked("--even-if-rejected", rejected)).not.toThrow();
    expect(() => checked("", { ...rejected, stack: "incident-2024-09-02" })).not.toThrow();
  });

  it("is a hold as long as the statement timeout", () => {
    expect(() => checked("--hold-ms 2000")).toThrow(/2000 ms .*--hold-ms/);
    expect(checked("--hold-ms 1999").stack.demand.holdMs).toBe(1999);
  });

  it("is a rate that this machine cannot make", () => {
    expect(() => checked("--rate 5000")).toThrow(/5000 requests\/s .*\(1000\).*--emit k6/);
  });
});

it("another demand than the declared one has a floor of its own, by the model", () => {
  const { stack, scaled } = checked("--rate 200");
  expect(scaled.requestsPerSecond).toBe(200);
  // 200/s × 1.5 × 1.25 × 40 ms = 15 busy connections
  expect(stack.pool.floor).toBeGreaterThan(15);
  expect(checked().stack.pool.floor).toBe(4);
});

describe("scaling a stack down", () => {
  const { demand } = outageStack;

  it.each([
    ["as the CPUs carry it", undefined, 2, { tasks: 4, requestsPerSecond: 200, scale: "1/2" }],
    ["as asked for", 0.25, 2, { tasks: 2, requestsPerSecond: 100, scale: "1/4" }],
    ["not at all", undefined, 64, { tasks: 8, requestsPerSecond: 400, scale: "1" }],
  ])("keeps what one task gets: %s", (_how, wanted, cpus, expected) => {
    const scaled = scaleDemand(demand, wanted, cpus);
    expect(scaled).toMatchObject({ ...expected, requestsPerSecondAndProcess: 50 });
  });

  it("shares a task's load among its processes", () => {
    const scaled = scaleDemand({ ...demand, processesPerTask: 2 }, 1 / 8, 2);
    expect(scaled).toMatchObject({ tasks: 1, requestsPerSecondAndProcess: 25 });
  });

  it("refuses what no machine of this size can make", () => {
    const absurd = { ...demand, peakRequestsPerSecond: 100_000 };
    expect(() => scaleDemand(absurd, undefined, 2)).toThrow(/12500 .* 2 CPUs .*--scale/);
  });
});
