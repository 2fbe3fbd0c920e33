import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mulberry32 } from "../../../policies/kit/random";
import {
  clientDemand,
  connectionBudget,
  demandAtPeak,
  poolCeiling,
  usableConnections,
} from "../../../policies/model/connectionBudget";
import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import {
  churnPerSecond,
  poolAtPeak,
  poolFloor,
  poolLoad,
  reserveOf,
  safeWindow,
} from "../../../policies/model/poolFloor";

/** The outage of 2 September 2024, as the model has it. */
const demand = { peakRequestsPerSecond: 400, holdMs: 90, acquisitionsPerRequest: 1.1, tasksServingPeak: 8 };
const outage = { demand, usable: 389, tasksHoldingPools: 16 };

describe("the outage's numbers, by hand", () => {
  it("each task keeps 400 × 1.1 × 0.09 / 8 = 4.95 connections busy", () => {
    expect(poolLoad(demand).offeredLoad).toBeCloseTo(4.95, 12);
  });

  it("16 tasks with pools of 3 and the reserve of 5 may open 53 connections of a budget of 311", () => {
    const client = { poolMax: 3, tasksHoldingPools: 16 };
    expect(clientDemand(client)).toBe(48);
    expect(demandAtPeak([client])).toBe(53);
    expect(connectionBudget(389)).toBe(311);
  });

  it("the safe window is 11 to 19: ⌊(311 − 5) / 16⌋ at the top", () => {
    expect(safeWindow(outage)).toEqual({ floor: 11, ceiling: 19, empty: false });
  });

  it("a pool of 3 is overloaded: everyone waits, nobody's wait is bounded, 40 % fail", () => {
    const at = poolAtPeak(3, demand, 50, 2000);
    expect(at).toMatchObject({ overloaded: true, waitBeyondTarget: 1, waitBeyondAcquireTimeout: 1 });
    expect(at.meanWaitMs).toBeUndefined();
    expect(at.failingShare).toBeCloseTo(0.4, 2);
  });

  it("a pool of 6 carries the declared peak, slowly: a third wait beyond 50 ms, none fails", () => {
    const at = poolAtPeak(6, demand, 50);
    expect(at).toMatchObject({ overloaded: false, failingShare: 0, waitBeyondAcquireTimeout: undefined });
    expect(at.waitBeyondTarget).toBeCloseTo(0.318, 3);
    expect(at.meanWaitMs).toBeCloseTo(48.8, 1);
  });
});

describe("poolCeiling", () => {
  it("shares the budget with the database's other clients", () => {
    expect(poolCeiling({ usable: 389, client: { tasksHoldingPools: 16 }, otherDemand: 100 })).toBe(12);
  });

  it("counts every process of a task", () => {
    expect(poolCeiling({ usable: 389, client: { tasksHoldingPools: 16, processesPerTask: 2 } })).toBe(9);
  });

  it("is 0 when not one connection per pool fits, and never below", () => {
    expect(poolCeiling({ usable: 10, client: { tasksHoldingPools: 16 } })).toBe(0);
    expect(poolCeiling({ usable: 0, client: { tasksHoldingPools: 1 }, otherDemand: 1e6 })).toBe(0);
  });

  it("is the last pool.max whose demand is within the budget: one more is not", () => {
    const cases = fc.record({
      usable: fc.integer({ min: 0, max: 20_000 }),
      tasksHoldingPools: fc.integer({ min: 1, max: 200 }),
      processesPerTask: fc.integer({ min: 1, max: 8 }),
      otherDemand: fc.integer({ min: 0, max: 1000 }),
      budgetShare: fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100),
    });
    fc.assert(
      fc.property(cases, ({ usable, otherDemand, budgetShare, ...client }) => {
        const settings = { budgetShare, operationsReserve: 5 };
        const ceiling = poolCeiling({ usable, client, otherDemand }, settings);
        const total = (poolMax: number) => demandAtPeak([{ ...client, poolMax }], settings) + otherDemand;
        const budget = connectionBudget(usable, settings);
        if (ceiling > 0) expect(total(ceiling)).toBeLessThanOrEqual(budget);
        expect(total(ceiling + 1)).toBeGreaterThan(budget);
      }),
    );
  });

  it("does not lose a connection to binary fractions: shares of whole percents are exact", () => {
    for (let usable = 0; usable <= 6000; usable++) {
      for (const percent of [10, 55, 70, 80, 85, 90, 95, 100]) {
        expect(connectionBudget(usable, { budgetShare: percent / 100 })).toBe(
          Math.floor((usable * percent) / 100),
        );
      }
    }
  });

  it.each([
    { budgetShare: 0 },
    { budgetShare: 1.01 },
    { budgetShare: Number.NaN },
    { operationsReserve: -1 },
    { operationsReserve: 0.5 },
  ])("refuses the settings %o", (wrong) => {
    const settings = { ...DEFAULT_CAPACITY_SETTINGS, ...wrong };
    expect(() => poolCeiling({ usable: 389, client: { tasksHoldingPools: 16 } }, settings)).toThrow(
      RangeError,
    );
  });
});

describe("safeWindow", () => {
  const inputs = fc.record({
    demand: fc.record({
      peakRequestsPerSecond: fc.double({ min: 0, max: 5000, noNaN: true }),
      holdMs: fc.double({ min: 0, max: 500, noNaN: true }),
      acquisitionsPerRequest: fc.double({ min: 0, max: 4, noNaN: true }),
      tasksServingPeak: fc.integer({ min: 1, max: 50 }),
      processesPerTask: fc.integer({ min: 1, max: 4 }),
    }),
    usable: fc.integer({ min: 0, max: 5000 }),
    tasksHoldingPools: fc.integer({ min: 1, max: 100 }),
    otherDemand: fc.integer({ min: 0, max: 500 }),
  });

  it("rises at its floor with demand and hold time, and falls with the tasks that share the load", () => {
    fc.assert(
      fc.property(inputs, fc.double({ min: 1, max: 3, noNaN: true }), ({ demand: some }, more) => {
        const floor = poolFloor(some);
        expect(
          poolFloor({ ...some, peakRequestsPerSecond: some.peakRequestsPerSecond * more }),
        ).toBeGreaterThanOrEqual(floor);
        expect(poolFloor({ ...some, holdMs: some.holdMs * more })).toBeGreaterThanOrEqual(floor);
        expect(
          poolFloor({ ...some, acquisitionsPerRequest: some.acquisitionsPerRequest * more }),
        ).toBeGreaterThanOrEqual(floor);
        expect(poolFloor({ ...some, tasksServingPeak: some.tasksServingPeak + 1 })).toBeLessThanOrEqual(
          floor,
        );
      }),
    );
  });

  it("rises at its ceiling with the limit, and falls with the tasks and the other clients", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 500 }), (input, more) => {
        const { ceiling } = safeWindow(input);
        expect(safeWindow({ ...input, usable: input.usable + more }).ceiling).toBeGreaterThanOrEqual(ceiling);
        expect(
          safeWindow({ ...input, tasksHoldingPools: input.tasksHoldingPools + more }).ceiling,
        ).toBeLessThanOrEqual(ceiling);
        expect(safeWindow({ ...input, otherDemand: input.otherDemand + more }).ceiling).toBeLessThanOrEqual(
          ceiling,
        );
      }),
    );
  });

  it("is empty exactly when its floor is above its ceiling, and holds finite whole numbers only", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { floor, ceiling, empty } = safeWindow(input);
        expect(Number.isSafeInteger(floor) && Number.isSafeInteger(ceiling)).toBe(true);
        expect(empty).toBe(floor > ceiling);
      }),
    );
  });

  it.each([
    { peakRequestsPerSecond: Number.NaN },
    { peakRequestsPerSecond: -1 },
    { holdMs: Number.POSITIVE_INFINITY },
    { acquisitionsPerRequest: -1 },
    { tasksServingPeak: 0 },
    { processesPerTask: 1.5 },
    { peakRequestsPerSecond: 1e300, holdMs: 1e300 },
  ])("refuses a demand with %o", (wrong) => {
    expect(() => safeWindow({ ...outage, demand: { ...demand, ...wrong } })).toThrow(RangeError);
  });
});

describe("a burst within the peak's minute", () => {
  const demand = {
    peakRequestsPerSecond: 400,
    holdMs: 90,
    acquisitionsPerRequest: 1.1,
    tasksServingPeak: 8,
  };

  it("never asks for a smaller pool, nor does a wider spread", () => {
    const factor = fc.double({ min: 1, max: 20, noNaN: true });
    const holds = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(factor, factor, holds, holds, (burst, more, scv, wider) => {
        const floor = poolFloor({ ...demand, peakBurst: burst, holdScv: scv });
        expect(poolFloor({ ...demand, peakBurst: burst * more, holdScv: scv })).toBeGreaterThanOrEqual(floor);
        expect(poolFloor({ ...demand, peakBurst: burst, holdScv: scv + wider })).toBeGreaterThanOrEqual(
          floor,
        );
        expect(floor).toBeGreaterThanOrEqual(poolFloor(demand));
      }),
      { numRuns: 200 },
    );
  });

  it("is sized for as a peak that is as high", () => {
    const higher = { ...demand, peakRequestsPerSecond: 1000 };
    expect(poolFloor({ ...demand, peakBurst: 2.5 })).toBe(poolFloor(higher));
    expect(poolFloor({ ...demand, peakBurst: 1 })).toBe(poolFloor(demand));
  });

  it("has the reserve that the floor leaves: 11 connections for 4.95 that are busy", () => {
    expect(reserveOf(11, demand)).toBeCloseTo(11 / 4.95, 9);
    expect(reserveOf(11, { ...demand, peakRequestsPerSecond: 0 })).toBeUndefined();
  });
});

describe("a request that holds several connections at once", () => {
  const nested = { peakRequestsPerSecond: 100, holdMs: 25, acquisitionsPerRequest: 2, tasksServingPeak: 1 };

  it("needs T·(m − 1) + 1 connections where T requests at most are at work", () => {
    expect(poolFloor({ ...nested, heldAtOnce: 2, requestsInFlight: 20 })).toBe(21);
    expect(poolFloor({ ...nested, heldAtOnce: 3, requestsInFlight: 20 })).toBe(41);
    expect(poolFloor({ ...nested, heldAtOnce: 1, requestsInFlight: 20 })).toBe(poolFloor(nested));
  });

  it("is above what was measured to fail, and below what was measured to hold, where nothing bounds T", () => {
    const floor = poolFloor({ ...nested, heldAtOnce: 2 });
    expect(floor).toBeGreaterThan(18);
    expect(floor).toBeLessThanOrEqual(30);
    expect(floor).toBe(29);
  });

  it("never needs less than it holds, nor less than the load needs", () => {
    expect(poolFloor({ ...nested, peakRequestsPerSecond: 0.001, heldAtOnce: 4, requestsInFlight: 1 })).toBe(
      4,
    );
    expect(poolFloor({ ...nested, heldAtOnce: 2, requestsInFlight: 1 })).toBe(poolFloor(nested));
  });
});

const postgres = { engine: "postgres", engineVersion: "17.4", maxConnections: 400 } as const;

describe("usableConnections", () => {
  it("leaves 389 of PostgreSQL's 400: 3 for superusers, 2 for rds_superuser, 6 for RDS itself", () => {
    const { usable, withheld } = usableConnections(postgres);
    expect(usable).toBe(389);
    expect(withheld.map(({ connections }) => connections)).toEqual([3, 2, 6]);
    expect(withheld.map(({ parameter }) => parameter)).toEqual([
      "superuser_reserved_connections",
      "rds.rds_superuser_reserved_connections",
      undefined,
    ]);
  });

  it("withholds reserved_connections from PostgreSQL 16 on, where the parameter exists", () => {
    const reservedConnections = 10;
    expect(usableConnections({ ...postgres, reservedConnections }).usable).toBe(379);
    expect(usableConnections({ ...postgres, reservedConnections, engineVersion: "15.8" }).usable).toBe(389);
    expect(usableConnections({ ...postgres, reservedConnections, engineVersion: undefined }).usable).toBe(
      379,
    );
  });

  it("follows the parameter group where it changes RDS's reserve", () => {
    expect(usableConnections({ ...postgres, rdsSuperuserReservedConnections: 0 }).usable).toBe(391);
    expect(usableConnections({ ...postgres, rdsSuperuserReservedConnections: 20 }).usable).toBe(371);
  });

  it("withholds from Aurora what its engine withholds on RDS, more than the 3 that AWS asks for", () => {
    expect(usableConnections({ ...postgres, engine: "aurora-postgresql" }).usable).toBe(389);
    expect(usableConnections({ ...postgres, engine: "aurora-mysql" }).usable).toBe(393);
  });

  it.each([
    "mysql",
    "mariadb",
  ] as const)("leaves 393 of 400 on %s: 1 for an administrator, 6 for RDS itself", (engine) => {
    expect(usableConnections({ engine, maxConnections: 400 }).usable).toBe(393);
  });

  it("never goes below none", () => {
    expect(usableConnections({ ...postgres, maxConnections: 6 }).usable).toBe(0);
  });

  it.each([
    { maxConnections: 1.5 },
    { maxConnections: Number.NaN },
    { reservedConnections: -1 },
    { rdsSuperuserReservedConnections: 0.5 },
  ])("refuses %o", (wrong) => {
    expect(() => usableConnections({ ...postgres, ...wrong })).toThrow(RangeError);
  });
});

/** Share of acquisitions that open a connection, of a load in erlangs. */
const share = (load: number, keptIdle: number, poolMax?: number) =>
  churnPerSecond({ acquisitionsPerSecond: load * 10, meanHoldSeconds: 0.1, keptIdle, poolMax }) / (load * 10);

/** The same by playing it through. */
function played(load: number, kept: number, most: number): number {
  const random = mulberry32(5);
  let [busy, idle, waiting, opened, asked] = [0, 0, 0, 0, 0];
  for (let event = 0; event < 300_000; event++) {
    if (random() * (load + busy) < load) {
      asked += 1;
      if (busy === most) waiting += 1;
      else {
        if (idle > 0) idle -= 1;
        else opened += 1;
        busy += 1;
      }
    } else if (waiting > 0) waiting -= 1;
    else {
      busy -= 1;
      idle = Math.min(kept, idle + 1);
    }
  }
  return opened / asked;
}

describe("new connections of a pool that keeps few idle ones", () => {
  it.each([
    [20, 2, 40],
    [5, 2, 11],
    [20, 10, 40],
    [1, 1, 5],
  ])("are as many as a pool of load %d that keeps %d of %d opens", (load, kept, most) => {
    expect(Math.abs(share(load, kept, most) - played(load, kept, most))).toBeLessThan(0.02);
  });

  it("are one for each acquisition where none is kept, and none where all are", () => {
    expect(share(20, 0, 40)).toBe(1);
    expect(share(20, 40, 40)).toBe(0);
    expect(share(0.001, 0, 0)).toBe(0);
    expect(churnPerSecond({ acquisitionsPerSecond: 0, meanHoldSeconds: 1, keptIdle: 0 })).toBe(0);
  });

  it("approach one in three from below with the two of Go", () => {
    const shares = [5, 20, 40, 400].map((load) => share(load, 2));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThan(1 / 3);
    expect(shares.at(-1)).toBeGreaterThan(0.32);
  });

  it("are none where every connection is busy", () => {
    expect(share(50, 2, 40)).toBe(0);
  });
});
