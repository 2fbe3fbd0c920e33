import { computed } from "../../../infra/capacity";
import { clientDemand, poolCeiling } from "../../../policies/model/connectionBudget";
import type { CapacitySettings } from "../../../policies/model/defaults";
import { type PoolDemand, poolFloor } from "../../../policies/model/poolFloor";
import { tasksHoldingPools, tasksServingPeak } from "../../../policies/model/tasks";
import type { Demand, Expected } from "../expected/expected";
import { type LiveState, seenValue } from "../live/liveState";
import type { Limit } from "./limit";
import type { Measured } from "./measured";

/** The pool as it runs, between the floor of its demand and the ceiling of its database. */
export interface Windows {
  /** `pool.max` of the running tasks. */
  readonly set: number;
  /** What each process must carry, as declared, and as seen where that is more. */
  readonly declared: PoolDemand;
  readonly seen: PoolDemand;
  readonly floorDeclared: number | undefined;
  readonly floorSeen: number | undefined;
  /** From the limit in force; undefined where that is not known, and behind a proxy, whose share bounds it. */
  readonly ceiling: number | undefined;
  /** Tasks that may hold pools at once, deployment included. */
  readonly tasksHoldingPools: number;
  /** Connections to the database that they (at most what a proxy may open) and the operations reserve add up to. */
  readonly demandAtPeak: number;
}

/** Everything as it runs: where a hand has changed the tasks or the pool, that is what the next peak meets. */
export function windowsOf(
  expected: Expected,
  live: LiveState,
  measured: Measured,
  { usable, inForce }: Pick<Limit, "usable" | "inForce">,
  capacity: CapacitySettings,
): Windows {
  const { service } = expected;
  const running = seenValue(live.service);
  const scaling = seenValue(live.scaling);
  const set = poolOf(live, "DB_POOL_MAX") ?? service.pool.max;
  const processesPerTask = poolOf(live, "WEB_CONCURRENCY") ?? service.pool.processesPerTask;
  const maxTasks = scaling?.maxTasks ?? service.maxTasks;
  const holding = tasksHoldingPools({
    maxCapacity: maxTasks,
    maximumPercent: running?.maximumPercent ?? service.maximumPercent,
  });
  const demandOf = ({ tasksAtPeak, ...demand }: Demand): PoolDemand => ({
    ...demand,
    tasksServingPeak: tasksServingPeak({
      declaredTasksAtPeak: tasksAtPeak,
      minCapacity: scaling?.minTasks ?? service.minTasks,
      maxCapacity: maxTasks,
      minimumHealthyPercent: running?.minimumHealthyPercent ?? service.minimumHealthyPercent,
    }),
    processesPerTask,
  });
  const declared = demandOf(expected.demand);
  const seen = demandOf(larger(expected.demand, measured, scaling?.minTasks ?? service.minTasks));
  const client = { tasksHoldingPools: holding, processesPerTask };
  const { proxy } = expected;
  const opened = clientDemand({ ...client, poolMax: set });
  const throughProxy =
    proxy === undefined || inForce === undefined
      ? opened
      : Math.min(opened, Math.floor((inForce * proxy.maxConnectionsPercent) / 100));
  return {
    set,
    declared,
    seen,
    floorDeclared: computed(() => poolFloor(declared, capacity)),
    floorSeen: computed(() => poolFloor(seen, capacity)),
    ceiling:
      usable === undefined || proxy !== undefined
        ? undefined
        : computed(() => poolCeiling({ usable, client }, capacity)),
    tasksHoldingPools: holding,
    demandAtPeak: throughProxy + capacity.operationsReserve,
  };
}

/** A number of the environment that the tasks run with. */
function poolOf(live: LiveState, name: string): number | undefined {
  const text = seenValue(live.task)?.environment[name];
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** Each number as declared, or as seen where that is more: a quiet fortnight is no reason to plan for less. */
function larger(declared: Demand, measured: Measured, minTasks: number): Demand {
  const { tasksAtPeak = minTasks } = declared;
  return {
    // Fewer tasks than were declared is what makes this one more: each of them carried a larger share.
    tasksAtPeak: Math.max(1, Math.min(tasksAtPeak, measured.tasksAtPeak ?? tasksAtPeak)),
    peakRequestsPerSecond: Math.max(declared.peakRequestsPerSecond, measured.requestsPerSecond?.value ?? 0),
    holdMs: Math.max(declared.holdMs, measured.holdMs ?? 0),
    acquisitionsPerRequest: Math.max(declared.acquisitionsPerRequest, measured.acquisitionsPerRequest ?? 0),
  };
}
