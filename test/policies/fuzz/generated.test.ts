import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { by, judgePlan } from "../rules/judge";
import { generatedStack, outputs, planOf, SEED, UNFAMILIAR } from "./generate";
import { plainBudget, plainFloor } from "./plainModel";
import { SECRETS } from "./zoo";

const GENERATED_PLANS = 3_000;

describe(`${GENERATED_PLANS} generated stacks (seed ${SEED})`, () => {
  it("are rejected by floor and budget exactly where a plain recomputation finds them broken", () => {
    const seen = { floor: 0, budget: 0, neither: 0, hidden: 0 };
    fc.assert(
      fc.property(generatedStack, (stack) => {
        const report = judgePlan(planOf(stack));
        for (const [format, text] of Object.entries(outputs(report))) {
          for (const secret of Object.values(SECRETS)) expect(text.includes(secret), format).toBe(false);
        }
        const unread = by(report, "coverage").filter(({ resource }) => resource === UNFAMILIAR.urn);
        expect(unread.length).toBe(stack.around.includes("unfamiliar") ? 1 : 0);
        expect(report.coverage.unexamined.some(({ resource }) => resource.endsWith("::host"))).toBe(
          stack.around.includes("carrier"),
        );
        if (stack.hides !== "nothing") {
          seen.hidden += 1;
          expect(report.verdict).toBe("rejected");
          return;
        }
        const { demand, budget } = plainBudget(stack);
        expect(by(report, "connection-budget").length > 0).toBe(demand > budget);
        expect(report.budgets[0]).toMatchObject({ demandAtPeak: demand });
        const starved = new Set(by(report, "pool-floor").map(({ resource }) => resource.split("::").pop()));
        const floors = stack.services.map(plainFloor);
        for (const [i, { pool }] of stack.services.entries()) {
          const floor = floors[i];
          if (floor !== undefined)
            expect(starved.has(`s${i}`), `s${i}: ${pool} of ${floor}`).toBe(pool < floor);
        }
        const isStarved = floors.some(
          (floor, i) => floor !== undefined && (stack.services[i]?.pool ?? 0) < floor,
        );
        if (isStarved || demand > budget) expect(report.verdict).toBe("rejected");
        seen[isStarved ? "floor" : demand > budget ? "budget" : "neither"] += 1;
      }),
      { seed: SEED, numRuns: GENERATED_PLANS },
    );
    // Every kind must have come up, or the agreement is about nothing.
    for (const [kind, count] of Object.entries(seen)) {
      expect(count, kind).toBeGreaterThan(GENERATED_PLANS / 30);
    }
  });
});
