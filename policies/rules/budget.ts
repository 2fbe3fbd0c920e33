import { clientDemand, connectionBudget, type PoolHolder, poolCeiling } from "../model/connectionBudget";
import { minimumPoolSize } from "../model/erlangC";
import { type PoolAtPeak, type PoolDemand, poolAtPeak, poolFloor, poolLoad } from "../model/poolFloor";
import { tasksHoldingPools, tasksServingPeak } from "../model/tasks";
import { andThen, combine, known, knownValue, type Reading, unknown, whenUnset } from "../plan/reading";
import type { ClientReading, DatabaseReading, StackReading } from "../plan/stackReading";
import { type LimitReading, limitOf, usableOf } from "./databaseLimit";
import type { Settings } from "./settings";
import { computed } from "./withinModel";

/** The numbers of one stack, each with its state: what the rules judge and the report shows. */
export interface StackBudget {
  readonly databases: readonly DatabaseBudget[];
  /** Pools whose database is not known. */
  readonly unlinked: readonly PoolBudget[];
  /** All pools, linked or not. */
  readonly pools: readonly PoolBudget[];
}

export interface DatabaseBudget {
  readonly database: DatabaseReading;
  readonly limit: LimitReading;
  readonly usable: Reading<number>;
  /** `budgetShare` × usable: the most that clients may claim. */
  readonly budget: Reading<number>;
  readonly pools: readonly PoolBudget[];
  /** What is certain: pools that are known, multiplexed where a proxy may multiplex. */
  readonly demandAtLeast: number;
  /** What all pools may open at peak, pinned where a proxy may pin. */
  readonly demandAtPeak: Reading<number>;
}

export interface PoolBudget {
  readonly client: ClientReading;
  readonly poolMax: Reading<number>;
  readonly processesPerTask: Reading<number>;
  /** Tasks that may hold a pool at the same time, the surge of a deployment included. */
  readonly tasksAtPeak: Reading<number>;
  /** The fewest tasks that may have to serve the declared peak. */
  readonly tasksServingPeak: Reading<number>;
  readonly demand: Reading<PoolDemand>;
  readonly offeredLoad: Reading<number>;
  readonly floor: Reading<number>;
  readonly ceiling: Reading<number>;
  readonly atPeak: Reading<PoolAtPeak>;
  readonly proxied: Reading<boolean>;
}

/** Every pool with the database it uses; undefined where that is not known. */
export function poolsOf(budget: StackBudget): readonly (readonly [PoolBudget, DatabaseBudget | undefined])[] {
  return [
    ...budget.databases.flatMap((database) => database.pools.map((pool) => [pool, database] as const)),
    ...budget.unlinked.map((pool) => [pool, undefined] as const),
  ];
}

/** Applies the capacity model to everything a plan says; numbers it cannot handle become unknown. */
export function stackBudget(stack: StackReading, settings: Settings): StackBudget {
  const own = stack.clients.map((client) => poolBudget(client, settings));
  const byDatabase = new Map<string, PoolBudget[]>();
  for (const pool of own) {
    const link = pool.client.database;
    const key = link.state === "linked" ? link.database : "";
    const list = byDatabase.get(key);
    if (list) list.push(pool);
    else byDatabase.set(key, [pool]);
  }
  const databases = stack.databases.map((database) =>
    databaseBudget(database, byDatabase.get(database.resource.urn) ?? [], settings),
  );
  const unlinked = byDatabase.get("") ?? [];
  return { databases, unlinked, pools: [...databases.flatMap(({ pools }) => pools), ...unlinked] };
}

function poolBudget(client: ClientReading, settings: Settings): PoolBudget {
  const { capacity } = settings;
  const { tasks, declared } = client;
  const poolMax = client.settings.poolMax.reading;
  const processesPerTask = client.settings.processesPerTask.reading;
  const tasksAtPeak = computed("maxCapacity", () =>
    combine(
      {
        maxCapacity: tasks.maxCapacity,
        maximumPercent: tasks.maximumPercent,
        both: tasks.keepsBothRevisions,
      },
      ({ maxCapacity, maximumPercent, both }) =>
        tasksHoldingPools({ maxCapacity, maximumPercent, strategy: both ? "BLUE_GREEN" : "ROLLING" }),
    ),
  );
  const serving = computed("minCapacity", () =>
    combine(
      {
        declaredTasksAtPeak: optional(declared.tasksAtPeak),
        minCapacity: tasks.minCapacity,
        maxCapacity: tasks.sustainedCapacity,
        minimumHealthyPercent: tasks.minimumHealthyPercent,
        zones: capacity.surviveZoneLoss ? whenUnset(tasks.zones, 1, "no subnets") : known(1),
      },
      (input) => tasksServingPeak({ ...input, surviveZoneLoss: capacity.surviveZoneLoss }),
    ),
  );
  const demand = combine<PoolDemandFields, PoolDemand>(
    {
      peakRequestsPerSecond: declared.peakRequestsPerSecond,
      holdMs: declared.holdMs,
      acquisitionsPerRequest: whenUnset(declared.acquisitionsPerRequest, 1, "one acquisition"),
      tasksServingPeak: serving,
      processesPerTask,
    },
    (values) => values,
  );
  const acquireTimeoutMs = knownValue(client.settings.acquireTimeoutMs.reading) || undefined;
  const link = client.database;
  return {
    client,
    poolMax,
    processesPerTask,
    tasksAtPeak,
    tasksServingPeak: serving,
    demand,
    offeredLoad: computed("tags", () => andThen(demand, (of) => known(poolLoad(of).offeredLoad))),
    floor: computed("tags", () => andThen(demand, (of) => known(poolFloor(of, capacity)))),
    ceiling: unknown("database", "the pool's database is not known"),
    atPeak: computed("tags", () =>
      combine({ demand, poolMax }, (of) =>
        poolAtPeak(of.poolMax, of.demand, capacity.waitTargetMs, acquireTimeoutMs),
      ),
    ),
    proxied: link.state === "linked" ? link.proxied : known(false),
  };
}

type PoolDemandFields = { [field in keyof PoolDemand]-?: number };

function databaseBudget(
  database: DatabaseReading,
  pools: readonly PoolBudget[],
  settings: Settings,
): DatabaseBudget {
  const { capacity } = settings;
  const limit = limitOf(database, settings);
  const usable = usableOf(database, limit);
  const demands = pools.map((pool) => connectionsOf(pool));
  const direct = (pool: PoolBudget): boolean => knownValue(pool.proxied) === false;
  const atLeast = pools.map((pool, i) => (direct(pool) ? demands[i] : multiplexed(pool, settings)));
  const total = (readings: readonly (Reading<number> | undefined)[]): number =>
    readings.reduce(
      (sum, reading) => sum + ((reading && knownValue(reading)) ?? 0),
      capacity.operationsReserve,
    );
  const demandAtLeast = total(atLeast);
  return {
    database,
    limit,
    usable,
    budget: computed("parameters", () => andThen(usable, (of) => known(connectionBudget(of, capacity)))),
    demandAtLeast,
    demandAtPeak: demands.find((demand) => demand.state !== "known") ?? known(total(demands)),
    pools: pools.map((pool, own) => ({
      ...pool,
      ceiling: direct(pool)
        ? ceilingOf(pool, usable, demandOfOthers(demands, own), settings)
        : unknown("containerDefinitions", "behind a proxy the pool's own size does not bound the database"),
    })),
  };
}

/** What all pools but one may open; unknown as soon as one of them is. */
function demandOfOthers(demands: readonly Reading<number>[], own: number): Reading<number> {
  let sum = 0;
  for (const [i, demand] of demands.entries()) {
    if (i === own) continue;
    if (demand.state !== "known") return demand;
    sum += demand.value;
  }
  return known(sum);
}

function ceilingOf(
  pool: PoolBudget,
  usable: Reading<number>,
  otherDemand: Reading<number>,
  { capacity }: Settings,
): Reading<number> {
  return computed("parameters", () =>
    combine(
      {
        usable,
        otherDemand,
        tasksHoldingPools: pool.tasksAtPeak,
        processesPerTask: pool.processesPerTask,
      },
      ({ usable: available, otherDemand: others, ...client }) =>
        poolCeiling({ usable: available, client, otherDemand: others }, capacity),
    ),
  );
}

/** Connections a pool's tasks may open at peak. */
export function connectionsOf(pool: PoolBudget): Reading<number> {
  return computed("containerDefinitions", () =>
    combine<{ [field in keyof PoolHolder]-?: number }, number>(
      { poolMax: pool.poolMax, processesPerTask: pool.processesPerTask, tasksHoldingPools: pool.tasksAtPeak },
      clientDemand,
    ),
  );
}

/**
 * Connections the database sees when a proxy multiplexes everything: one pool for the whole arrival rate. What is
 * the least, since sessions that pin take one connection each.
 */
function multiplexed(pool: PoolBudget, { capacity }: Settings): Reading<number> {
  return computed("tags", () =>
    andThen(pool.demand, (demand) => {
      const whole = poolLoad({ ...demand, tasksServingPeak: 1, processesPerTask: 1 });
      return known(
        minimumPoolSize({
          arrivalsPerSecond: whole.acquisitionsPerSecond,
          meanHoldSeconds: whole.meanHoldSeconds,
          waitTargetSeconds: capacity.waitTargetMs / 1000,
          exceedance: capacity.exceedance,
        }),
      );
    }),
  );
}

/** A tag that may be missing: unset is a value, and so is one that `demand-declared` already refuses. */
function optional(reading: Reading<number>): Reading<number | undefined> {
  return reading.state === "unset" || reading.state === "malformed" ? known(undefined) : reading;
}
