import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, type Settings } from "../../../../policies/plan/settings";
import { worker } from "../../sampleClients";
import { environment } from "../../samplePlan";
import { throughProxy } from "../../sampleProxy";
import { by, judge, only } from "../judge";

const RULE = "connection-budget";
/** 400 connections, 389 usable, 311 within `budgetShare`; 16 tasks and 5 for operations. */
const pool = (poolMax: number, settings: Partial<Settings> = {}) =>
  judge({ environment: environment({ DB_POOL_MAX: String(poolMax) }) }, settings);
const share = (budgetShare: number) => ({ capacity: { ...DEFAULT_SETTINGS.capacity, budgetShare } });

describe("demand above budgetShare and within the usable connections", () => {
  it("is rejected by default, as a smaller reserve and not as refused connections", () => {
    const finding = only(pool(24), RULE);
    expect(finding).toMatchObject({ level: "mandatory", observed: 24, allowed: { min: 11, max: 19 } });
    expect(finding.message).toContain(
      "Nothing is refused yet: of the 78 connections that `budgetShare` keeps free, 0 would be left",
    );
    expect(finding.message).not.toContain("would be refused");
  });

  it("is advisory where the policy configuration says so", () => {
    expect(only(pool(20, { overBudgetShare: "warn" }), RULE)).toMatchObject({
      level: "advisory",
      observed: 20,
    });
  });

  it("is accepted with the budgetShare that the fix names", () => {
    for (const poolMax of [20, 21, 22, 23, 24]) {
      const named = /raise `budgetShare` in the policy configuration to (\S+)/.exec(
        only(pool(poolMax), RULE).fix,
      );
      expect(named).not.toBeNull();
      expect(by(pool(poolMax, share(Number(named?.[1]))), RULE)).toEqual([]);
    }
  });
});

describe("demand above the usable connections", () => {
  it("is rejected as refused connections, whatever overBudgetShare says", () => {
    for (const overBudgetShare of ["reject", "warn"] as const) {
      const finding = only(pool(25, { overBudgetShare }), RULE);
      expect(finding).toMatchObject({ level: "mandatory", observed: 25 });
      expect(finding.message).toContain("new connections would be refused");
    }
  });
});

describe("several pools and proxies", () => {
  it("are held to the same two limits together", () => {
    const together = (settings: Partial<Settings>) =>
      judge(
        { environment: environment({ DB_POOL_MAX: "12" }), extra: worker(15, { secrets: {} }) },
        settings,
      );
    expect(only(together({}), RULE)).toMatchObject({ level: "mandatory", observed: 317 });
    expect(only(together({ overBudgetShare: "warn" }), RULE)).toMatchObject({
      level: "advisory",
      observed: 317,
    });
  });

  it("are not undecided where a smaller reserve only warns and even the most they may open is not refused", () => {
    const unpinned = (settings: Partial<Settings>) =>
      judge(throughProxy({ DB_POOL_MAX: "21" }), settings).undecided.filter(({ rule }) => rule === RULE);
    expect(unpinned({})).toHaveLength(1);
    expect(unpinned({ overBudgetShare: "warn" })).toEqual([]);
  });
});
