import { clientDemand, connectionBudget } from "./connectionBudget";
import type { ConnectionLimitInput } from "./connectionLimit";
import { type CapacitySettings, DEFAULT_CAPACITY_SETTINGS, DEFAULT_PROCESSES_PER_TASK } from "./defaults";
import { minimumPoolSize } from "./erlangC";
import { type LimitLevers, limitLevers } from "./limitLevers";
import { loweredPools, type OtherPool } from "./otherPools";
import { type PoolDemand, poolFloor, poolLoad } from "./poolFloor";
import { safeWindow } from "./safeWindow";
import { largest, smallest } from "./search";
import {
  type TasksHoldingPoolsInput,
  type TasksServingPeakInput,
  tasksHoldingPools,
  tasksServingPeak,
} from "./tasks";

export interface LeverInput {
  readonly demand: PoolDemand;
  readonly tasks: TasksHoldingPoolsInput &
    Pick<TasksServingPeakInput, "minimumHealthyPercent" | "surviveZoneLoss" | "zones"> & {
      /** Tasks that run when the peak arrives, of which a deployment or a lost zone may leave fewer to serve it. */
      readonly runningAtPeak?: number | undefined;
    };
  /** How the limit comes about: the class is a lever only where a formula asks for it. */
  readonly database: ConnectionLimitInput;
  readonly maxConnections: number;
  /** From `usableConnections`. */
  readonly usable: number;
  /** @default 0 */
  readonly otherDemand?: number | undefined;
  /** Those of the other pools that could be lowered. @default [] */
  readonly others?: readonly OtherPool[] | undefined;
}

/** For each lever the value nearest to the present one that opens the window by itself; `null` when none does. */
export interface WindowLevers extends LimitLevers {
  /** Fewest tasks that must run when the peak arrives, within the maximum capacity. */
  readonly tasksServingPeak: number | null;
  /** Most tasks autoscaling may run. */
  readonly maxCapacity: number | null;
  /** Largest ECS `maximumPercent`, of those with which a rolling deployment can still proceed. */
  readonly maximumPercent: number | null;
  /** Sizes of `others`, each at least its floor, that leave enough for this pool. */
  readonly others: readonly number[] | null;
  /** Longest mean hold time, in whole milliseconds. */
  readonly holdMs: number | null;
  /**
   * With an RDS Proxy and unpinned sessions the database sees one pool for the whole arrival rate: connections it
   * needs, and the `MaxConnectionsPercent` that grants them.
   */
  readonly proxy: { readonly connections: number; readonly maxConnectionsPercent: number } | null;
}

const NO_LEVERS: WindowLevers = {
  tasksServingPeak: null,
  maxCapacity: null,
  maximumPercent: null,
  maxConnections: null,
  instanceClass: null,
  largerClass: null,
  others: null,
  holdMs: null,
  proxy: null,
};

/**
 * What would open an empty window. Where it is not empty there is nothing to open: every lever is `null`.
 * @throws RangeError as `poolFloor` and `poolCeiling`.
 */
export function windowLevers(
  input: LeverInput,
  settings: CapacitySettings = DEFAULT_CAPACITY_SETTINGS,
): WindowLevers {
  const { demand, tasks, usable, otherDemand = 0 } = input;
  const holding = tasksHoldingPools(tasks);
  const { floor, ceiling, empty } = safeWindow(
    { demand, usable, tasksHoldingPools: holding, otherDemand },
    settings,
  );
  if (!empty) return NO_LEVERS;
  const fits = (changed: Partial<PoolDemand>) => poolFloor({ ...demand, ...changed }, settings) <= ceiling;
  const fixedDemand = settings.operationsReserve + otherDemand;
  const left = connectionBudget(usable, settings) - fixedDemand;
  const demandWith = (tasksHolding: number) =>
    clientDemand({ ...demand, poolMax: floor, tasksHoldingPools: tasksHolding });
  const enoughFor = (changed: Partial<TasksHoldingPoolsInput>) =>
    demandWith(tasksHoldingPools({ ...tasks, ...changed })) <= left;
  const runningAtPeak = tasks.runningAtPeak ?? demand.tasksServingPeak;
  const needed = limitNeeded(demandWith(holding) + fixedDemand, input, settings);
  return {
    tasksServingPeak: smallest(runningAtPeak + 1, tasks.maxCapacity, (running) =>
      fits({ tasksServingPeak: tasksServingPeak({ ...tasks, minCapacity: running }) }),
    ),
    // With fewer than run at the peak, fewer would serve it, and each pool would need more.
    maxCapacity: largest(runningAtPeak, tasks.maxCapacity - 1, (n) => enoughFor({ maxCapacity: n })),
    maximumPercent: surgeThatFits(tasks, enoughFor),
    ...limitLevers(needed, input.database),
    others: loweredPools(demandWith(holding) - left, input.others ?? []),
    holdMs: largest(1, Math.ceil(demand.holdMs) - 1, (holdMs) => fits({ holdMs })),
    proxy: proxyThatFits(left, input, settings),
  };
}

/** A rolling deployment must be able to start a task above the present number, or to stop one first. */
function surgeThatFits(
  tasks: LeverInput["tasks"],
  enoughFor: (changed: Partial<TasksHoldingPoolsInput>) => boolean,
): number | null {
  if ((tasks.strategy ?? "ROLLING") !== "ROLLING") return null;
  const present = Math.ceil(tasks.maximumPercent ?? 200);
  const percent = largest(100, present - 1, (maximumPercent) => enoughFor({ maximumPercent }));
  if (percent === null) return null;
  const maySurge = tasksHoldingPools({ ...tasks, maximumPercent: percent }) > tasks.maxCapacity;
  const mayStop =
    Math.ceil((tasks.maxCapacity * (tasks.minimumHealthyPercent ?? 100)) / 100) < tasks.maxCapacity;
  return maySurge || mayStop ? percent : null;
}

/** Smallest limit whose share for clients is this demand, the operations reserve included. */
export function limitNeeded(
  demand: number,
  input: Pick<LeverInput, "maxConnections" | "usable">,
  settings: CapacitySettings,
): number | null {
  const withheld = input.maxConnections - input.usable;
  const atLeast = Math.floor(demand / settings.budgetShare);
  const usable = smallest(atLeast, atLeast + 2, (n) => connectionBudget(n, settings) >= demand);
  return usable === null ? null : usable + withheld;
}

/** An RDS Proxy for one pool alone, within what is left of the budget. */
export function proxyThatFits(
  left: number,
  input: Pick<LeverInput, "demand" | "maxConnections">,
  settings: CapacitySettings,
): WindowLevers["proxy"] {
  const whole = poolLoad({
    ...input.demand,
    tasksServingPeak: 1,
    processesPerTask: DEFAULT_PROCESSES_PER_TASK,
  });
  const connections = minimumPoolSize({
    arrivalsPerSecond: settings.peakFactor * whole.acquisitionsPerSecond,
    meanHoldSeconds: whole.meanHoldSeconds,
    waitTargetSeconds: settings.waitTargetMs / 1000,
    exceedance: settings.exceedance,
  });
  const maxConnectionsPercent = Math.ceil((100 * connections) / input.maxConnections);
  const granted = Math.floor((maxConnectionsPercent * input.maxConnections) / 100);
  return granted <= left ? { connections, maxConnectionsPercent } : null;
}
