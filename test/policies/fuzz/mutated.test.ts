import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgePlan } from "../rules/judge";
import { mutated, mutation } from "./mutate";
import { deformities, outputs } from "./outputs";
import { plainlyBroken } from "./plainRecomputation";
import { SEED } from "./seed";
import { SECRETS, shop, ZOO } from "./zoo";

const MUTATED_PLANS = 7_000;
/** Far above what any plan of a dozen resources takes, even on a machine that is busy with something else. */
const LONGEST_MS = 5_000;

/** JSON writes infinity as null, which in a report means something else. */
const finite = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? `not a number: ${value}` : value;

describe(`${MUTATED_PLANS} mutated plans (seed ${SEED})`, () => {
  it("never crash, never hang, never pass with a plainly broken budget, never print a secret or a broken report", () => {
    let broken = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...ZOO.keys()),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (start, mutations) => {
          const plan = mutated(ZOO[start] ?? shop("12"), mutations);
          const began = performance.now();
          const report = judgePlan(plan);
          const printed = outputs(report);
          expect(performance.now() - began).toBeLessThan(LONGEST_MS);
          const reasons = plainlyBroken(plan);
          if (reasons.length > 0) {
            broken += 1;
            expect(report.verdict, reasons.join("; ")).toBe("rejected");
          }
          for (const [format, text] of Object.entries(printed)) {
            for (const secret of Object.values(SECRETS)) expect(text.includes(secret), format).toBe(false);
          }
          expect(deformities(printed)).toEqual([]);
          expect(JSON.stringify(JSON.parse(printed.json ?? ""))).toBe(JSON.stringify(report, finite));
        },
      ),
      { seed: SEED, numRuns: MUTATED_PLANS },
    );
    // The recomputation must have had something to say, or this test proves nothing.
    expect(broken).toBeGreaterThan(MUTATED_PLANS / 20);
  });

  it("start from plans that the recomputation tells apart", () => {
    expect(plainlyBroken(shop("12"))).toEqual([]);
    expect(plainlyBroken(shop("3"))).toEqual([expect.stringContaining("busy and has 3")]);
    expect(plainlyBroken(shop("60"))).toEqual([expect.stringContaining("above 400")]);
  });
});
