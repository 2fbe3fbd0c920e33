import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../policies/plan/plan";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type Settings } from "../../../policies/plan/settings";
import { assess, DEFAULT_LEVELS } from "../../../policies/reports/assess";
import { DATABASE, environment, GROUP, type Sample, samplePlan } from "../samplePlan";
import { by, only } from "./judge";

interface State {
  readonly limit: number | typeof UNKNOWN | undefined;
  readonly pool: number;
  readonly changes?: Partial<Sample>;
}

function planOf({ limit, pool, changes }: State): Plan {
  const value: PropertyValue = typeof limit === "number" ? String(limit) : UNKNOWN;
  const parameters: PropertyValue[] =
    limit === undefined ? [] : [{ name: "max_connections", value, applyMethod: "pending-reboot" }];
  return samplePlan({ parameters, environment: environment({ DB_POOL_MAX: String(pool) }), ...changes });
}

const change = (before: State | undefined, after: State, settings: Partial<Settings> = {}) =>
  assess(
    planOf(after),
    { ...DEFAULT_SETTINGS, ...settings },
    DEFAULT_LEVELS,
    undefined,
    before && planOf(before),
  );

// 400 connections leave 389, of which 311 are the budget; 16 tasks × 19 and 5 for operations claim 309.
describe("pending-reboot-order", () => {
  it("rejects a change that raises the limit and, beyond the old one, the pools", () => {
    const violation = only(
      change({ limit: 400, pool: 12 }, { limit: 800, pool: 30 }),
      "pending-reboot-order",
    );
    expect(violation).toMatchObject({
      level: "mandatory",
      resource: GROUP,
      observed: 485,
      allowed: { min: null, max: 311 },
      unit: "connections",
    });
    expect(violation.message).toContain(
      "raises `max_connections` of db from 400 to 800 and what clients claim at peak from 197 to 485 connections, but " +
        "the limit waits for a reboot and the pools do not",
    );
    expect(violation.fix).toBe(
      "Deploy the limit alone, reboot the database, and raise the pools (`DB_POOL_MAX`, tasks) after that",
    );
  });

  it.each<[string, State, State]>([
    ["raises the limit alone", { limit: 400, pool: 12 }, { limit: 800, pool: 12 }],
    ["raises both and stays within the old limit", { limit: 400, pool: 12 }, { limit: 800, pool: 19 }],
    ["raises both and fills the old budget of 309", { limit: 398, pool: 12 }, { limit: 800, pool: 19 }],
    [
      "raises the limit for pools that were too large already",
      { limit: 400, pool: 30 },
      { limit: 800, pool: 30 },
    ],
    ["lowers the limit", { limit: 800, pool: 30 }, { limit: 400, pool: 12 }],
    ["raises the pools beyond a limit that stays", { limit: 400, pool: 12 }, { limit: 400, pool: 30 }],
  ])("says nothing of a change that %s", (_name, before, after) => {
    expect(by(change(before, after), "pending-reboot-order")).toEqual([]);
  });

  it("counts more tasks as it counts a larger pool", () => {
    const scaled = { limit: 800, pool: 12, changes: { scaling: { minCapacity: 8, maxCapacity: 18 } } };
    expect(only(change({ limit: 400, pool: 12 }, scaled), "pending-reboot-order").observed).toBe(437);
  });

  it("says nothing without the deployed state, or of a database that is new", () => {
    const after = { limit: 800, pool: 30 };
    expect(by(change(undefined, after), "pending-reboot-order")).toEqual([]);
    const { resources } = planOf({ limit: 400, pool: 12 });
    const without = { resources: resources.filter(({ urn }) => urn !== DATABASE) };
    const report = assess(planOf(after), DEFAULT_SETTINGS, DEFAULT_LEVELS, undefined, without);
    expect(by(report, "pending-reboot-order")).toEqual([]);
    expect(report.undecided.map(({ rule }) => rule)).not.toContain("pending-reboot-order");
  });

  it("waits for the maintenance window where a new class brings the new limit, unless it is applied at once", () => {
    const before = { limit: undefined, pool: 12, changes: { database: { instanceClass: "db.t4g.medium" } } };
    const larger = (applyImmediately: boolean): State => ({
      limit: undefined,
      pool: 30,
      changes: { database: { instanceClass: "db.m7g.xlarge", applyImmediately } },
    });
    const violation = only(change(before, larger(false)), "pending-reboot-order");
    expect(violation.message).toContain("the limit waits for the maintenance window");
    expect(violation.fix).toContain("`applyImmediately`");
    expect(by(change(before, larger(true)), "pending-reboot-order")).toEqual([]);
  });

  it.each([
    ["immediate", 0],
    ["pending-reboot", 1],
  ])("knows that MySQL takes a new limit while it runs, when it is applied as %s", (applyMethod, findings) => {
    const onMysql = (limit: number, pool: number): State => ({
      limit,
      pool,
      changes: {
        database: { engine: "mysql", engineVersion: "8.4" },
        parameters: [{ name: "max_connections", value: String(limit), applyMethod }],
      },
    });
    const report = change(onMysql(400, 12), onMysql(800, 30));
    expect(by(report, "pending-reboot-order")).toHaveLength(findings);
  });

  it("is undecided about a limit that the deployed state does not tell", () => {
    const report = change({ limit: UNKNOWN, pool: 12 }, { limit: 800, pool: 30 });
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: "pending-reboot-order", resource: DATABASE }),
    );
  });

  it("leaves a limit and a pool that are wrong in the plan to their own rules", () => {
    const broken = change({ limit: 400, pool: 12 }, { limit: 3, pool: 30 });
    expect(by(broken, "pending-reboot-order")).toEqual([]);
    const mistyped = change({ limit: 400, pool: 12 }, { limit: 800, pool: -1 });
    expect(by(mistyped, "pool-floor")).toHaveLength(1);
    expect(by(mistyped, "pending-reboot-order")).toEqual([]);
    expect(mistyped.undecided).toEqual([]);
  });

  it("rejects exactly the changes whose new demand was within the new budget only", () => {
    const limit = fc.integer({ min: 50, max: 2000 });
    const pool = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(limit, limit, pool, pool, (oldLimit, newLimit, oldPool, newPool) => {
        const report = change({ limit: oldLimit, pool: oldPool }, { limit: newLimit, pool: newPool });
        const budget = Math.floor(0.8 * (oldLimit - 11) + 1e-9);
        const isRejected = newLimit > oldLimit && newPool > oldPool && 16 * newPool + 5 > budget;
        expect(by(report, "pending-reboot-order")).toHaveLength(isRejected ? 1 : 0);
      }),
      { numRuns: 80 },
    );
  });
});
