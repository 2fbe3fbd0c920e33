import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usableConnections } from "../../../policies/model/connectionBudget";
import { connectionLimit } from "../../../policies/model/connectionLimit";
import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { lossProbability } from "../../../policies/model/erlang";
import { connectionsForMemory, findInstanceClass } from "../../../policies/model/instanceClasses";
import { safeWindow } from "../../../policies/model/poolFloor";
import {
  functionLevers,
  type LeverInput,
  largest,
  limitLevers,
  loweredPools,
  type OtherPool,
  smallest,
  windowLevers,
} from "../../../policies/model/remedies";
import {
  concurrencyFloor,
  functionAtPeak,
  tasksHoldingPools,
  tasksServingPeak,
} from "../../../policies/model/tasks";

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

const postgres = (instanceClass: string, parameterValue?: string) => ({
  engine: "postgres" as const,
  engineVersion: "17",
  instanceClass,
  parameterValue,
});
const carries = (name: string) =>
  connectionsForMemory("postgres", findInstanceClass(name)?.memoryBytes ?? Number.NaN);
const NONE = { maxConnections: null, instanceClass: null, largerClass: null };

describe("how a higher limit can come about", () => {
  it("is not, where none is needed or the engine takes none", () => {
    expect(limitLevers(null, postgres("db.m7g.large"))).toEqual(NONE);
    expect(limitLevers(1e9, postgres("db.m7g.large"))).toEqual(NONE);
  });

  it("is the number itself up to what the memory carries, and a larger class from there on", () => {
    const most = carries("db.t4g.micro");
    expect(limitLevers(most, postgres("db.t4g.micro", "20")).maxConnections).toBe(most);
    expect(limitLevers(most + 1, postgres("db.t4g.micro", "20"))).toEqual({
      maxConnections: null,
      instanceClass: null,
      largerClass: { instanceClass: "db.t4g.small", maxConnections: most + 1 },
    });
    expect(
      limitLevers(carries("db.t4g.small"), postgres("db.t4g.micro", "20")).largerClass?.instanceClass,
    ).toBe("db.t4g.small");
    expect(
      limitLevers(carries("db.t4g.small") + 1, postgres("db.t4g.micro", "20")).largerClass?.instanceClass,
    ).toBe("db.t4g.medium");
  });

  it("is the smallest class of the family whose own formula grants it, to the last connection", () => {
    const result = connectionLimit(postgres("db.t4g.small"));
    const granted = result.ok ? result.limit.maxConnections : Number.NaN;
    expect(limitLevers(granted, postgres("db.t4g.micro")).instanceClass).toBe("db.t4g.small");
    expect(limitLevers(granted + 1, postgres("db.t4g.micro")).instanceClass).toBe("db.t4g.medium");
    // A number in the group stays where it is on any class.
    expect(limitLevers(granted, postgres("db.t4g.micro", "20")).instanceClass).toBeNull();
  });

  it("is left to the memory rule on a class that nobody knows", () => {
    expect(limitLevers(4_000, postgres("db.x99.large", "20"))).toEqual({ ...NONE, maxConnections: 4_000 });
    const { instanceClass: _, ...hidden } = postgres("");
    expect(limitLevers(4_000, hidden)).toEqual({ ...NONE, maxConnections: 4_000 });
  });

  it("offers MariaDB the classes of MySQL, and no engine one that it does not run on", () => {
    const mariadb = { engine: "mariadb" as const, engineVersion: "11.4", instanceClass: "db.t4g.micro" };
    const mysql = { ...mariadb, engine: "mysql" as const, engineVersion: "8.4" };
    const [ofMaria, ofMysql] = [limitLevers(120, mariadb), limitLevers(120, mysql)];
    expect(ofMaria.instanceClass ?? ofMaria.largerClass?.instanceClass).toBeDefined();
    expect(ofMysql.instanceClass ?? ofMysql.largerClass?.instanceClass).toBeDefined();
    // Aurora has no class below medium in this family.
    const aurora = {
      engine: "aurora-postgresql" as const,
      engineVersion: "16.4",
      instanceClass: "db.t4g.micro",
    };
    const offered = limitLevers(30, { ...aurora, parameterValue: undefined }).instanceClass;
    expect(offered === null || offered === "db.t4g.medium" || offered === "db.t4g.large").toBe(true);
  });
});

const other = (poolMax: number, floor: number, pools: number, isFloorKnown?: boolean): OtherPool => ({
  poolMax,
  floor,
  pools,
  ...(isFloorKnown === undefined ? {} : { isFloorKnown }),
});

describe("lowering the other pools of a database", () => {
  it.each<[string, number, OtherPool[], readonly number[] | null]>([
    ["nothing to free leaves them as they are", 0, [other(10, 4, 2)], [10]],
    ["one step frees a connection of each of its pools", 2, [other(10, 4, 2)], [9]],
    ["what is left over takes a whole step", 3, [other(10, 4, 2)], [8]],
    ["down to the floor", 12, [other(10, 4, 2)], [4]],
    ["not below it", 13, [other(10, 4, 2)], null],
    ["one below its floor has nothing to spare", 1, [other(3, 4, 2)], null],
    ["none at all", 1, [], null],
    ["equal pools to equal sizes", 6, [other(10, 4, 2), other(10, 4, 2)], [8, 8]],
    ["the larger alone, where that is enough", 6, [other(10, 1, 2), other(20, 1, 2)], [10, 17]],
    ["each to its own floor at least", 14, [other(10, 8, 2), other(10, 4, 2)], [8, 5]],
    [
      "one of unknown floor last, whatever it has to spare",
      4,
      [other(90, 1, 9, false), other(10, 8, 2)],
      [90, 8],
    ],
    ["and only where the others are not enough", 5, [other(90, 1, 9, false), other(10, 8, 2)], [89, 8]],
    ["a floor is known unless said otherwise", 4, [other(90, 1, 9, false), other(10, 8, 2, true)], [90, 8]],
  ])("%s", (_what, toFree, others, expected) => {
    expect(loweredPools(toFree, others)).toEqual(expected);
  });

  it("frees as many as are asked for with no pool below its floor, and says so where there are not as many", () => {
    const pools = fc.array(
      fc.record({
        poolMax: fc.integer({ min: 1, max: 50 }),
        floor: fc.integer({ min: 1, max: 50 }),
        pools: fc.integer({ min: 1, max: 20 }),
        isFloorKnown: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), pools, (toFree, others) => {
        const spare = others.map(({ poolMax, floor, pools }) => Math.max(0, poolMax - floor) * pools);
        const sizes = loweredPools(toFree, others);
        if (toFree > spare.reduce((sum, each) => sum + each, 0)) {
          expect(sizes).toBeNull();
          return;
        }
        const freed = others.map(({ poolMax, pools }, i) => (poolMax - (sizes?.[i] ?? Number.NaN)) * pools);
        const total = freed.reduce((sum, each) => sum + each, 0);
        expect(total).toBeGreaterThanOrEqual(toFree);
        for (const [i, { poolMax, floor }] of others.entries()) {
          expect(sizes?.[i]).toBeLessThanOrEqual(poolMax);
          expect(sizes?.[i]).toBeGreaterThanOrEqual(Math.min(floor, poolMax));
        }
        const cut = others.flatMap(({ poolMax, floor }, i) => {
          const size = sizes?.[i] ?? poolMax;
          return size < poolMax && size > floor ? [size] : [];
        });
        expect(new Set(cut).size).toBeLessThanOrEqual(1);
        // No step more than it must be: one connection more for each that was lowered would not be enough.
        const oneMore = others.map(({ poolMax }, i) => {
          const size = sizes?.[i] ?? poolMax;
          return size < poolMax && (cut.length === 0 || size === cut[0]) ? size + 1 : size;
        });
        const freedWithOneMore = others.reduce(
          (sum, { poolMax, pools }, i) => sum + (poolMax - (oneMore[i] ?? poolMax)) * pools,
          0,
        );
        if (total > 0) expect(freedWithOneMore).toBeLessThan(toFree);
      }),
    );
  });
});

/** 100 requests/s, each for 1.5 acquisitions of 40 ms: 6 environments busy. */
const functionDemand = { peakRequestsPerSecond: 100, acquisitionsPerRequest: 1.5, holdMs: 40 };

describe("a function's environments at peak", () => {
  it("lose what finds none free, and let nobody wait", () => {
    expect(functionAtPeak(10, functionDemand)).toEqual({
      offeredLoad: expect.closeTo(0.6, 12),
      overloaded: false,
      waitBeyondTarget: 0,
      waitBeyondAcquireTimeout: undefined,
      meanWaitMs: 0,
      failingShare: lossProbability(10, 100 * 1.5 * 0.04),
    });
  });

  it.each([
    [7, false],
    [6, true],
    [5, true],
  ])("are overloaded where no more than are busy may run: %d", (concurrency, overloaded) => {
    expect(functionAtPeak(concurrency, functionDemand).overloaded).toBe(overloaded);
  });

  it("lose everything where none may run", () => {
    expect(functionAtPeak(0, functionDemand)).toMatchObject({ failingShare: 1, overloaded: true });
    expect(functionAtPeak(0, functionDemand).offeredLoad).toBeCloseTo(6, 12);
  });

  it("have a floor that loses no more than is allowed at the peak factor, and one less would", () => {
    const { peakFactor, exceedance } = DEFAULT_CAPACITY_SETTINGS;
    const floor = concurrencyFloor(functionDemand);
    expect(lossProbability(floor, peakFactor * 6)).toBeLessThanOrEqual(exceedance);
    expect(lossProbability(floor - 1, peakFactor * 6)).toBeGreaterThan(exceedance);
    expect(concurrencyFloor(functionDemand, { peakFactor: 2, exceedance })).toBeGreaterThan(floor);
    expect(concurrencyFloor(functionDemand, { peakFactor, exceedance: 0.2 })).toBeLessThan(floor);
  });

  it.each([0, -1, Number.NaN])("have none at a peak factor of %d", (peakFactor) => {
    expect(() => concurrencyFloor(functionDemand, { peakFactor, exceedance: 0.01 })).toThrow(RangeError);
  });
});

describe("what makes room for a function", () => {
  const settings = { ...DEFAULT_CAPACITY_SETTINGS, budgetShare: 0.8, operationsReserve: 5 };
  const input = {
    demand: { ...functionDemand, tasksServingPeak: 1 },
    database: {
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.m7g.large",
      parameterValue: "100",
    },
    maxConnections: 100,
    usable: 90,
    // Of ⌊0.8 × 90⌋ = 72, 5 for operations and 40 for others leave 27.
    otherDemand: 40,
    concurrency: 30,
    others: [{ poolMax: 10, floor: 2, pools: 4 }],
  } as const;

  it("is the limit that grants it, and others lowered by what is missing", () => {
    const levers = functionLevers(input, settings);
    // 30 + 45 = 75 of 0.8 × 94 = 75.2; PostgreSQL and RDS keep 10.
    expect(levers.maxConnections).toBe(104);
    expect(levers.others).toEqual([9]);
    expect(functionLevers({ ...input, concurrency: 31 }, settings).others).toEqual([9]);
    expect(functionLevers({ ...input, concurrency: 32 }, settings).others).toEqual([8]);
  });

  it("is nothing of others that have nothing to spare, or are not there", () => {
    expect(functionLevers({ ...input, concurrency: 60 }, settings).others).toBeNull();
    const { others: _, otherDemand: __, ...alone } = input;
    expect(functionLevers({ ...alone, concurrency: 68 }, settings).others).toBeNull();
    expect(functionLevers({ ...alone, concurrency: 67 }, settings).others).toEqual([]);
  });

  it("is a proxy only where its share fits into what is left", () => {
    const { proxy } = functionLevers(input, settings);
    expect(proxy).not.toBeNull();
    expect(proxy?.connections).toBeLessThanOrEqual(27);
    expect(functionLevers({ ...input, otherDemand: 60 }, settings).proxy).toBeNull();
  });

  it("has the usual settings where none are given", () => {
    expect(functionLevers(input)).toEqual(functionLevers(input, DEFAULT_CAPACITY_SETTINGS));
  });
});

const range = fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -30, max: 30 }));

describe("the search for the nearest number that holds", () => {
  it("finds the least of those above a border, as a walk from below does, and nothing where none holds", () => {
    fc.assert(
      fc.property(range, fc.integer({ min: -40, max: 40 }), ([low, high], border) => {
        let walked: number | null = null;
        for (let value = high; value >= low && value >= border; value--) walked = value;
        expect(smallest(low, high, (value) => value >= border)).toBe(walked);
      }),
    );
  });

  it("finds the greatest of those below a border", () => {
    fc.assert(
      fc.property(range, fc.integer({ min: -40, max: 40 }), ([low, high], border) => {
        let walked: number | null = null;
        for (let value = low; value <= high && value <= border; value++) walked = value;
        expect(largest(low, high, (value) => value <= border)).toBe(walked);
      }),
    );
  });

  it("asks a number of times that grows with the digits, not with the range", () => {
    let asked = 0;
    const holds = (value: number): boolean => {
      asked += 1;
      return value >= 123_456_789;
    };
    expect(smallest(0, 1e12, holds)).toBe(123_456_789);
    expect(asked).toBeLessThan(45);
  });

  it("asks for nothing outside the range", () => {
    const seen: number[] = [];
    smallest(3, 9, (value) => seen.push(value) > 0 && value >= 3);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...seen)).toBeLessThanOrEqual(9);
  });
});
