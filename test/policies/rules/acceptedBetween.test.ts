import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environment, type Sample, tags } from "../samplePlan";
import { judge } from "./judge";

/** A stack around the outage's, with everything that moves the window. */
const stacks = fc.record({
  requestsPerSecond: fc.integer({ min: 1, max: 900 }),
  holdMs: fc.integer({ min: 1, max: 150 }),
  tasks: fc.integer({ min: 1, max: 12 }),
  processes: fc.constantFrom(1, 1, 2),
  maxConnections: fc.integer({ min: 60, max: 700 }),
});

type Stack = typeof stacks extends fc.Arbitrary<infer T> ? T : never;

function withPool(stack: Stack, pool: number): Partial<Sample> {
  return {
    environment: environment({ DB_POOL_MAX: String(pool), WEB_CONCURRENCY: String(stack.processes) }),
    tags: tags({
      "poolproof:peak-requests-per-second": String(stack.requestsPerSecond),
      "poolproof:db-hold-ms": String(stack.holdMs),
      "poolproof:tasks-at-peak": String(stack.tasks),
    }),
    scaling: { minCapacity: stack.tasks, maxCapacity: stack.tasks },
    service: { desiredCount: stack.tasks },
    parameters: [
      { name: "max_connections", value: String(stack.maxConnections), applyMethod: "pending-reboot" },
      { name: "idle_in_transaction_session_timeout", value: "60000", applyMethod: "immediate" },
    ],
  };
}

const accepts = (stack: Stack, pool: number): boolean => judge(withPool(stack, pool)).verdict === "accepted";

/** The pool sizes that are accepted, of those that a service might set. */
const accepted = (stack: Stack): number[] =>
  Array.from({ length: 60 }, (_, i) => i + 1).filter((pool) => accepts(stack, pool));

const SEED = 20_240_902;

describe("the verdict over all pool sizes", () => {
  it("is acceptance on one unbroken run of sizes, the floor to the ceiling of the report", () => {
    let open = 0;
    fc.assert(
      fc.property(stacks, (stack) => {
        const sizes = accepted(stack);
        const [first, last] = [sizes[0], sizes[sizes.length - 1]];
        if (first === undefined || last === undefined) return;
        open += 1;
        expect(sizes).toHaveLength(last - first + 1);
        const client = judge(withPool(stack, first)).budgets[0]?.clients[0];
        expect([client?.floor, Math.min(60, client?.ceiling ?? 0)]).toEqual([first, last]);
      }),
      { numRuns: 60, seed: SEED },
    );
    expect(open).toBeGreaterThan(15);
  });

  it("never turns from rejection to acceptance when demand or hold time rises and the pool is not larger", () => {
    fc.assert(
      fc.property(
        stacks,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 200 }),
        (stack, pool, more) => {
          if (accepts(stack, pool)) return;
          const isStarved = judge(withPool(stack, pool)).violations.some(({ rule }) => rule === "pool-floor");
          if (!isStarved) return;
          expect(accepts({ ...stack, requestsPerSecond: stack.requestsPerSecond + more }, pool)).toBe(false);
          expect(accepts({ ...stack, holdMs: stack.holdMs + more }, pool)).toBe(false);
        },
      ),
      { numRuns: 200, seed: SEED },
    );
  });

  it("never turns from rejection by the budget to acceptance when the limit falls", () => {
    fc.assert(
      fc.property(
        stacks,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 50 }),
        (stack, pool, less) => {
          const { violations } = judge(withPool(stack, pool));
          if (!violations.some(({ rule }) => rule === "connection-budget")) return;
          expect(accepts({ ...stack, maxConnections: stack.maxConnections - less }, pool)).toBe(false);
        },
      ),
      { numRuns: 200, seed: SEED },
    );
  });
});
