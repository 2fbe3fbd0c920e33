import { databaseEngine } from "../model/engines";
import { concurrencyFloor } from "../model/environmentsAtPeak";
import type { OtherPool } from "../model/otherPools";
import type { LeverInput } from "../model/windowLevers";
import { knownValue } from "../plan/reading";
import type { DatabaseBudget, PoolBudget } from "./budget";
import { limitsOf } from "./databaseLimit";
import type { RuleContext } from "./rule";
import type { Settings } from "./settings";
import { withinModel } from "./withinModel";

/** A pool of the same database that could be lowered. */
export interface Beside extends OtherPool {
  readonly pool: PoolBudget;
}

/** What the levers of a window depend on, but for how the client runs; undefined when something is not known. */
export function leverInput(
  pool: PoolBudget,
  on: DatabaseBudget,
  { settings }: RuleContext,
): (Omit<LeverInput, "tasks"> & { readonly others: readonly Beside[] }) | undefined {
  const demand = knownValue(pool.demand);
  const limit = knownValue(on.limit);
  const usable = knownValue(on.usable);
  const engine = databaseEngine(knownValue(on.database.engine) ?? "");
  if (!demand || !limit || usable === undefined || !engine) return undefined;
  // Of a cluster's instances the one with the lowest limit is the one to enlarge.
  const [weakest] = limitsOf(on.database, settings)
    .filter(({ limit: each }) => knownValue(each)?.maxConnections === limit.maxConnections)
    .map(({ instance }) => instance);
  const maxAcu = weakest && knownValue(weakest.maxAcu);
  return {
    demand,
    database: {
      engine,
      engineVersion: knownValue(on.database.engineVersion),
      ...(maxAcu === undefined
        ? { instanceClass: weakest && knownValue(weakest.instanceClass) }
        : { serverless: { maxAcu } }),
      parameterValue: limit.textFrom === "parameter-group" ? limit.text : undefined,
    },
    maxConnections: limit.maxConnections,
    usable,
    otherDemand: knownValue(on.demandBeside(pool)) ?? 0,
    others: on.pools.flatMap((other) =>
      other.client === pool.client ? [] : besideOf(other, settings.capacity),
    ),
  };
}

/**
 * How far a pool can be lowered: a function by its concurrency, anything else by its size. What a proxy shares out is
 * bounded by the proxy, not by the pools in front of it. A pool that declares no demand may be the one that takes too
 * much: it is offered, as one whose floor is not known.
 */
function besideOf(pool: PoolBudget, capacity: Settings["capacity"]): readonly Beside[] {
  const poolMax = knownValue(pool.poolMax);
  const floor = knownValue(pool.floor);
  const tasks = knownValue(pool.tasksAtPeak);
  const processes = knownValue(pool.processesPerTask);
  if (knownValue(pool.proxied) !== false || poolMax === undefined || !tasks || !processes) return [];
  if (pool.client.kind !== "lambda") {
    const isFloorKnown = floor !== undefined;
    return [{ pool, poolMax, floor: floor ?? 1, isFloorKnown, pools: tasks * processes }];
  }
  const demand = knownValue(pool.demand);
  const least = withinModel(
    () => demand && concurrencyFloor(demand, capacity),
    () => undefined,
  );
  return least === undefined ? [] : [{ pool, poolMax: tasks, floor: least, pools: poolMax }];
}
