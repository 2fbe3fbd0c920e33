import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usableConnections } from "../../../policies/model/connectionBudget";
import { connectionLimit } from "../../../policies/model/connectionLimit";
import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { safeWindow } from "../../../policies/model/poolFloor";
import { type LeverInput, windowLevers } from "../../../policies/model/remedies";
import { tasksHoldingPools, tasksServingPeak } from "../../../policies/model/tasks";

const demand = { peakRequestsPerSecond: 400, holdMs: 90, acquisitionsPerRequest: 1.1, tasksServingPeak: 8 };

/** The outage's stack on a database of another size. */
function stack(maxConnections: number, tasks: LeverInput["tasks"] = { maxCapacity: 8 }): LeverInput {
  const { usable } = usableConnections({ engine: "postgres", maxConnections });
  return {
    demand,
    tasks,
    database: { engine: "postgres", instanceClass: "db.t4g.micro" },
    maxConnections,
    usable,
  };
}

function isOpen(input: LeverInput): boolean {
  return !safeWindow({ ...input, tasksHoldingPools: tasksHoldingPools(input.tasks) }).empty;
}

const withLimit = (input: LeverInput, maxConnections: number): LeverInput => ({
  ...input,
  maxConnections,
  usable: maxConnections - (input.maxConnections - input.usable),
});

describe("windowLevers", () => {
  it("has nothing to open where the window is open", () => {
    expect(isOpen(stack(400))).toBe(true);
    expect(new Set(Object.values(windowLevers(stack(400))))).toEqual(new Set([null]));
  });

  it("names, for the outage's load on 200 connections, what would open the window", () => {
    // Floor 11 for 16 pools and the reserve of 5 is 181 connections: 0.8 × 227 = 181.6 usable, 238 with the 11 withheld.
    // The budget is 151 − 5, room for 13 pools of 11: tasks that drain keep theirs, so no lower surge leaves as few.
    const levers = windowLevers(stack(200));
    const onLarger = {
      ...stack(200),
      database: { engine: "postgres", instanceClass: "db.m7g.large" } as const,
    };
    expect(windowLevers(onLarger).maxConnections).toBe(238);
    expect(levers).toMatchObject({
      // A GiB carries 112 by AWS's own reckoning: the number would be no lever.
      maxConnections: null,
      largerClass: null,
      maxCapacity: null,
      maximumPercent: null,
      drainSeconds: null,
      tasksServingPeak: null,
    });
    // Two GiB are not surely enough (180 connections), four are: 0.89 × 4 GiB / 9531392 = 401.
    expect(levers.instanceClass).toBe("db.t4g.medium");
    // One pool for all 49.5 erlangs needs 56 connections, 28 % of 200.
    expect(levers.proxy).toEqual({ connections: 56, maxConnectionsPercent: 28 });
  });

  it("offers no surge with which a rolling deployment could not proceed", () => {
    const tight = stack(120);
    expect(windowLevers(tight).maximumPercent).toBeNull();
    const small = stack(130, { maxCapacity: 8, minimumHealthyPercent: 100 });
    expect(windowLevers(small).maximumPercent).toBeNull();
    const mayStop = stack(130, { maxCapacity: 8, minimumHealthyPercent: 50 });
    expect(windowLevers(mayStop).maximumPercent).toBeNull();
    expect(windowLevers(stack(200, { maxCapacity: 8, strategy: "BLUE_GREEN" })).maximumPercent).toBeNull();
  });

  it("offers less surge, a shorter drain or a later start where tasks that drain are gone in time", () => {
    // Room for 13 pools. Rounds of two tasks (125 %) hold 12 where each drain ends before the next round, rounds of three 14.
    const quick = { maxCapacity: 8, maximumPercent: 200, drainSeconds: 20, timeToHealthySeconds: 60 };
    expect(windowLevers(stack(200, quick)).maximumPercent).toBe(137);
    const slow = { ...quick, maximumPercent: 125, drainSeconds: 330 };
    expect(windowLevers(stack(200, slow))).toMatchObject({
      maximumPercent: null,
      drainSeconds: 59,
      timeToHealthySeconds: 331,
    });
  });

  it("offers the class only where the limit follows from it", () => {
    const explicit = stack(200);
    const database = { ...explicit.database, parameterValue: "200" };
    expect(windowLevers({ ...explicit, database }).instanceClass).toBeNull();
    expect(windowLevers({ ...explicit, database: { engine: "postgres" } }).instanceClass).toBeNull();
  });

  it("offers a limit set by hand only on a class that carries it, and else the class with it", () => {
    const explicit = stack(200);
    const on = (instanceClass: string) =>
      windowLevers({
        ...explicit,
        database: { engine: "postgres", instanceClass, parameterValue: "200" },
      });
    expect(on("db.t4g.micro")).toMatchObject({
      maxConnections: null,
      // Four GiB carry 450, two 225.
      largerClass: { instanceClass: "db.t4g.medium", maxConnections: 238 },
    });
    expect(on("db.t4g.medium")).toMatchObject({ maxConnections: 238, largerClass: null });
    expect(on("db.t4g.not-in-the-table").maxConnections).toBe(238);
    const serverless = {
      ...explicit,
      database: { engine: "aurora-postgresql", parameterValue: "200" } as const,
    };
    const at = (maxAcu: number) =>
      windowLevers({ ...serverless, database: { ...serverless.database, serverless: { maxAcu } } });
    expect([at(0.5).maxConnections, at(2).maxConnections]).toEqual([null, 238]);
  });

  it("offers to lower the others, none below its floor, the one with most to spare first", () => {
    const small = { poolMax: 6, floor: 5, pools: 10 };
    const large = { poolMax: 20, floor: 4, pools: 4 };
    const withOthers = (others: LeverInput["others"]) =>
      windowLevers({ ...stack(200), otherDemand: 10, others }).others;
    // 176 connections for this pool and 136 left: 40 have to be freed, ten of each of four pools.
    expect(withOthers([small, large])).toEqual([6, 10]);
    expect(withOthers([small, { ...large, poolMax: 12 }])).toEqual([5, 4]);
    expect(withOthers([small])).toBeNull();
    expect(withOthers(undefined)).toBeNull();
  });

  it("offers nothing when no single lever is long enough", () => {
    const hopeless = stack(20, { maxCapacity: 8 });
    const heavy = { ...hopeless, demand: { ...demand, peakRequestsPerSecond: 1e6 } };
    expect(windowLevers(heavy)).toMatchObject({
      tasksServingPeak: null,
      maximumPercent: null,
      holdMs: null,
      proxy: null,
    });
  });

  it("gives for every lever the value nearest to the present one that opens the window alone", () => {
    const inputs = fc.record({
      maxConnections: fc.integer({ min: 20, max: 1500 }),
      maxCapacity: fc.integer({ min: 1, max: 40 }),
      serving: fc.double({ min: 0, max: 1, noNaN: true }),
      maximumPercent: fc.integer({ min: 100, max: 300 }),
      minimumHealthyPercent: fc.constantFrom(50, 100),
      surviveZoneLoss: fc.boolean(),
      zones: fc.integer({ min: 1, max: 3 }),
      peakRequestsPerSecond: fc.integer({ min: 1, max: 2000 }),
      holdMs: fc.integer({ min: 1, max: 200 }),
      otherDemand: fc.integer({ min: 0, max: 50 }),
      share: fc.constantFrom(0.5, 0.8, 0.85, 1),
    });
    let opened = 0;
    fc.assert(
      fc.property(inputs, (some) => {
        const tasks = {
          maxCapacity: some.maxCapacity,
          maximumPercent: some.maximumPercent,
          minimumHealthyPercent: some.minimumHealthyPercent,
          surviveZoneLoss: some.surviveZoneLoss,
          zones: some.zones,
        };
        const runningAtPeak = Math.max(1, Math.round(some.serving * some.maxCapacity));
        const serving = (running: number) => tasksServingPeak({ ...tasks, minCapacity: running });
        const input: LeverInput = {
          ...stack(some.maxConnections, { ...tasks, runningAtPeak }),
          demand: {
            peakRequestsPerSecond: some.peakRequestsPerSecond,
            holdMs: some.holdMs,
            tasksServingPeak: serving(runningAtPeak),
          },
          otherDemand: some.otherDemand,
        };
        const settings = { ...DEFAULT_CAPACITY_SETTINGS, budgetShare: some.share };
        const open = (changed: LeverInput) =>
          !safeWindow({ ...changed, tasksHoldingPools: tasksHoldingPools(changed.tasks) }, settings).empty;
        if (open(input)) return;
        const levers = windowLevers(input, settings);
        const check = (
          value: number | null,
          range: readonly number[],
          change: (value: number) => LeverInput,
        ) => {
          // `range` runs from the value nearest to the present one to the farthest.
          const first = range.find((candidate) => open(change(candidate)));
          expect(value).toBe(first ?? null);
          if (value !== null) opened++;
        };
        const withDemand = (changed: Partial<LeverInput["demand"]>) => ({
          ...input,
          demand: { ...input.demand, ...changed },
        });
        const upTo = (from: number, to: number) =>
          Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
        check(levers.tasksServingPeak, upTo(runningAtPeak + 1, some.maxCapacity), (running) =>
          withDemand({ tasksServingPeak: serving(running) }),
        );
        check(levers.maxCapacity, upTo(runningAtPeak, some.maxCapacity - 1).reverse(), (maxCapacity) => ({
          ...input,
          demand: {
            ...input.demand,
            tasksServingPeak: tasksServingPeak({ ...tasks, maxCapacity, minCapacity: runningAtPeak }),
          },
          tasks: { ...tasks, maxCapacity },
        }));
        check(levers.holdMs, upTo(1, some.holdMs - 1).reverse(), (holdMs) => withDemand({ holdMs }));
        if (levers.maximumPercent !== null) {
          const present = upTo(100, some.maximumPercent - 1).reverse();
          check(levers.maximumPercent, present, (maximumPercent) => ({
            ...input,
            tasks: { ...tasks, maximumPercent },
          }));
        }
        if (levers.maxConnections !== null) {
          expect(open(withLimit(input, levers.maxConnections))).toBe(true);
          expect(open(withLimit(input, levers.maxConnections - 1))).toBe(false);
        }
        if (levers.instanceClass !== null) {
          const result = connectionLimit({ ...input.database, instanceClass: levers.instanceClass });
          expect(result.ok && open(withLimit(input, result.limit.maxConnections))).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
    expect(opened).toBeGreaterThan(20);
  });
});
