import { describe, expect, it } from "vitest";
import { explanationToText } from "../../../policies/explain/explain";
import { type Explanation, explanationOf } from "../../../policies/explain/explanation";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { judge } from "../rules/judge";
import { resource, SAFE, type Sample, samplePlan } from "../samplePlan";

const explain = (changes: Partial<Sample> = {}): Explanation =>
  explanationOf(samplePlan(changes), DEFAULT_SETTINGS);
const pool = (explanation: Explanation) => explanation.databases[0]?.pools[0];
const text = (explanation: Explanation, width = 100) =>
  explanationToText(explanation, { color: false, width });
const flat = (explanation: Explanation) => text(explanation).replace(/\s+/g, " ");
const withPool = (size: number) => ({ environment: { ...SAFE.environment, DB_POOL_MAX: String(size) } });

describe("what explain says of a pool", () => {
  it("is what the report of check says", () => {
    const [budget] = judge().budgets;
    const [client] = budget?.clients ?? [];
    const explanation = explain();
    expect(explanation.databases[0]).toMatchObject({
      maxConnections: budget?.maxConnections,
      usable: budget?.usable,
    });
    expect(pool(explanation)).toMatchObject({
      poolMax: client?.poolMax,
      floor: client?.floor,
      ceiling: client?.ceiling,
      tasksAtPeak: client?.tasksAtPeak,
    });
  });

  it.each([
    [3, "too low"],
    [10, "too low"],
    [11, "safe"],
    [19, "safe"],
    [20, "too high"],
  ])("with %i connections is %s", (size, status) => {
    expect(pool(explain(withPool(size)))?.status).toBe(status);
  });

  it("spells out where the floor and the ceiling come from, and the arithmetic holds", () => {
    const said = flat(explain(withPool(3)));
    expect(said).toContain("400 connections (explicit) → 389 usable × 0.8 = 311 that clients may claim");
    expect(said).toContain(
      "400 requests/s × 1.25 × 1.1 acquisitions × 90 ms / 8 tasks = 6.19 connections busy",
    );
    expect((400 * 1.25 * 1.1 * 0.09) / 8).toBeCloseTo(6.19, 2);
    expect(said).toContain("(311 - 5 for operations - 0 for other clients) / 16 tasks at peak = 19");
    expect(Math.floor((311 - 5) / 16)).toBe(19);
    expect(said).toContain("now: with 3, at the declared peak at least 40 % of requests fail");
  });

  it("says which levers open an empty window, and of no other window", () => {
    const parameters = [{ name: "max_connections", value: "200", applyMethod: "pending-reboot" }];
    const empty = explain({ parameters });
    expect(pool(empty)).toMatchObject({ status: "empty", floor: 11, ceiling: 9 });
    expect(flat(empty)).toContain("its window is empty, no size is safe");
    expect(flat(empty)).toMatch(/Any one of these opens it: raise `max_connections` to \d+;/);
    expect(pool(explain())?.levers).toBeNull();
  });

  it("never says that at least less than something fails", () => {
    const explanation = explain(withPool(3));
    const failing = (failingShare: number) =>
      flat({
        ...explanation,
        databases: explanation.databases.map((database) => ({
          ...database,
          pools: database.pools.map((each) => ({ ...each, failingShare })),
        })),
      });
    expect(failing(0.02)).toMatch(/at least 2(\.0)? % of requests fail/);
    expect(failing(0.0004)).not.toContain("of requests fail");
    expect(failing(0.0004)).toMatch(/of acquisitions wait longer than 50 ms/);
  });

  it("says what hides a number instead of drawing it", () => {
    const hidden = explain({ taskDefinition: { containerDefinitions: UNKNOWN } });
    expect(flat(hidden)).toContain("`containerDefinitions` is not known before the deployment");
    const undeclared = explain({ tags: {} });
    expect(pool(undeclared)).toMatchObject({ status: "unknown", floor: null, demand: null });
    expect(flat(undeclared)).toContain("not known: `poolproof:peak-requests-per-second` is not set");
  });

  it("explains a pool whose database is not known by its floor alone", () => {
    const second = resource("aws:rds/instance:Instance", "other", { engine: "postgres" });
    const { unlinked } = explain({ extra: [second] });
    expect(unlinked).toEqual([expect.objectContaining({ name: "api", floor: 11, ceiling: null })]);
  });

  it("takes a stack without pools or databases", () => {
    const nothing = explanationOf({ resources: [] }, DEFAULT_SETTINGS, "empty");
    expect(text(nothing)).toBe("empty: 0 pools of 0 databases\n");
  });

  it.each([48, 60, 80, 110])("fits a terminal of %i columns, long words apart", (width) => {
    const parameters = [{ name: "max_connections", value: "200", applyMethod: "pending-reboot" }];
    for (const line of text(explain({ parameters }), width).split("\n")) {
      if (/`[^`]*`/.test(line)) continue;
      expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  it("colours only where it is asked to", () => {
    const coloured = explanationToText(explain(), { color: true, width: 100 });
    expect(coloured).toContain("\u001b[32m✔");
    expect(text(explain())).not.toContain("\u001b");
  });

  it("lets no name move the terminal's cursor", () => {
    const plan = samplePlan();
    const hostile = plan.resources.map((each) =>
      each.name === "db" ? { ...each, name: "db\u001b[2J\u202e" } : each,
    );
    const said = text(explanationOf({ resources: hostile }, DEFAULT_SETTINGS));
    expect(said).not.toContain("\u001b");
    expect(said).not.toContain("\u202e");
  });
});
