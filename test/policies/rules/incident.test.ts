import { describe, expect, it } from "vitest";
import { environment, SERVICE } from "../samplePlan";
import { judge, only } from "./judge";

const withPool = (max: string) => judge({ environment: environment({ DB_POOL_MAX: max }) });

// By hand: 400/s ÷ 8 tasks × 1.1 acquisitions × 0.09 s = 4.95 busy connections a task. With c = 3 every connection is
// busy, so 50 × 0.09 × (0.9·q + 0.1·(q + q²)) = 3, q = 0.6273, and 1 − (0.9·q + 0.1·q²) = 0.3961 of requests fail.
// Ceiling: usable 400 − 3 − 2 − 6 = 389, ⌊0.8 × 389⌋ = 311, ⌊(311 − 5) / 16 tasks⌋ = 19.
describe("the outage of 2 September 2024", () => {
  it("is rejected by the floor alone, with the numbers computed by hand", () => {
    const report = withPool("3");
    expect(report.verdict).toBe("rejected");
    expect(report.violations.map(({ rule }) => rule)).toEqual(["pool-floor"]);
    expect(only(report, "pool-floor")).toMatchObject({
      level: "mandatory",
      resource: SERVICE,
      observed: 3,
      allowed: { min: 11, max: 19 },
      unit: "connections",
      docs: "docs/runbooks/pool-floor.md",
    });
  });

  it("reports the budget with the same numbers", () => {
    const [budget] = withPool("3").budgets;
    expect(budget).toMatchObject({
      maxConnections: 400,
      maxConnectionsSource: "explicit",
      usable: 389,
      demandAtPeak: 53,
    });
    const [client] = budget?.clients ?? [];
    expect(client).toMatchObject({
      resource: SERVICE,
      poolMax: 3,
      processesPerTask: 1,
      tasksAtPeak: 16,
      tasksServingPeak: 8,
      offeredLoad: 4.95,
      floor: 11,
      ceiling: 19,
    });
    const q = (Math.sqrt(1 + 4 * 0.1 * (3 / 4.5)) - 1) / (2 * 0.1);
    expect(client?.failingShare).toBeCloseTo(1 - (0.9 * q + 0.1 * q * q), 5);
    expect(Math.round((client?.failingShare ?? 0) * 100)).toBe(40);
  });

  it.each([
    "11",
    "15",
    "19",
  ])("is accepted with a pool of %s, inside the printed window, and nothing else changed", (max) => {
    const report = withPool(max);
    expect(report.violations).toEqual([]);
    expect(report.undecided).toEqual([]);
    expect(report.verdict).toBe("accepted");
  });

  it("is rejected by the budget one above the window's top", () => {
    const report = withPool("20");
    expect(report.violations.map(({ rule }) => rule)).toEqual(["connection-budget"]);
    expect(only(report, "connection-budget")).toMatchObject({
      observed: 20,
      allowed: { min: 11, max: 19 },
      resource: SERVICE,
    });
    // 16 tasks × 20 and 5 for operations, more than 311.
    expect(report.budgets[0]?.demandAtPeak).toBe(325);
  });

  it("is rejected by the floor alone one below the window's bottom", () => {
    // Erlang C with c = 10 and 1.25 times the load, a = 6.1875: C = 0.0143, and 1 % may wait longer than 50 ms.
    const report = withPool("10");
    expect(report.violations.map(({ rule }) => rule)).toEqual(["pool-floor"]);
    expect(only(report, "pool-floor")).toMatchObject({ observed: 10, allowed: { min: 11, max: 19 } });
  });
});
