import { clientDemand, connectionBudget } from "./connectionBudget";
import { type ConnectionLimitInput, connectionLimit } from "./connectionLimit";
import {
  type CapacitySettings,
  DEFAULT_CAPACITY_SETTINGS,
  DEFAULT_PROCESSES_PER_TASK,
  TASK_START_SECONDS,
} from "./defaults";
import { minimumPoolSize } from "./erlang";
import { connectionsForMemory, hardwareOf, type InstanceClass, instanceClassFamily } from "./instanceClasses";
import { type PoolDemand, poolFloor, poolLoad, safeWindow } from "./poolFloor";
import {
  busiestShare,
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
      /** Zones that share the requests out before their tasks do. @default 1 */
      readonly zonesSharing?: number | undefined;
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
  /** Longest time that a stopped task may keep its pool, in whole seconds. */
  readonly drainSeconds: number | null;
  /** Shortest time to healthy with which a rolling deployment is slow enough for its drains, in whole seconds. */
  readonly timeToHealthySeconds: number | null;
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
  drainSeconds: null,
  timeToHealthySeconds: null,
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
    tasksServingPeak: smallest(runningAtPeak + 1, tasks.maxCapacity, (running) => {
      const serving = tasksServingPeak({ ...tasks, minCapacity: running });
      // Not monotonic: a task more may stand alone in its zone. What is found fits all the same.
      const share = busiestShare(serving, tasks.zonesSharing ?? 1);
      return fits({ tasksServingPeak: serving, busiestShare: share });
    }),
    // With fewer than run at the peak, fewer would serve it, and each pool would need more.
    maxCapacity: largest(runningAtPeak, tasks.maxCapacity - 1, (n) => enoughFor({ maxCapacity: n })),
    maximumPercent: surgeThatFits(tasks, enoughFor),
    ...paceThatFits(tasks, enoughFor),
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

/** The longest that anybody should have to wait for a task to count as healthy, in seconds. */
const SLOWEST_START_SECONDS = 600;

/** A drain that is over before many more tasks are stopped, or new tasks that take longer to take over. */
function paceThatFits(
  tasks: LeverInput["tasks"],
  enoughFor: (changed: Partial<TasksHoldingPoolsInput>) => boolean,
): Pick<WindowLevers, "drainSeconds" | "timeToHealthySeconds"> {
  if ((tasks.strategy ?? "ROLLING") !== "ROLLING") return { drainSeconds: null, timeToHealthySeconds: null };
  const drain = Math.ceil(tasks.drainSeconds ?? SLOWEST_START_SECONDS);
  const start = Math.floor(tasks.timeToHealthySeconds ?? TASK_START_SECONDS);
  return {
    drainSeconds: largest(0, drain - 1, (drainSeconds) => enoughFor({ drainSeconds })),
    timeToHealthySeconds: smallest(start + 1, SLOWEST_START_SECONDS, (timeToHealthySeconds) =>
      enoughFor({ timeToHealthySeconds }),
    ),
  };
}

/** Smallest limit whose share for clients is this demand, the operations reserve included. */
function limitNeeded(
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
function proxyThatFits(
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

/** How a higher limit can come about; `null` for what does not give it. */
interface LimitLevers {
  /** `max_connections`, where the memory of the present class carries as many. */
  readonly maxConnections: number | null;
  /** Smallest class of the same family whose limit, by the same formula, is surely enough. */
  readonly instanceClass: string | null;
  /** Where the present class cannot carry the limit: the smallest of the same family that can, and the limit to set on it. */
  readonly largerClass: { readonly instanceClass: string; readonly maxConnections: number } | null;
}

const NONE: LimitLevers = { maxConnections: null, instanceClass: null, largerClass: null };

/**
 * What gives a database this limit. A number that `memory-for-connections` would reject on the present class is no
 * lever; on a class that is not known it is left to that rule.
 */
export function limitLevers(needed: number | null, database: ConnectionLimitInput): LimitLevers {
  if (needed === null || !connectionLimit({ ...database, parameterValue: String(needed) }).ok) return NONE;
  const hardware = hardwareOf(database);
  const carries = (memoryBytes: number): boolean =>
    connectionsForMemory(database.engine, memoryBytes) >= needed;
  const fits = hardware === undefined || carries(hardware.memoryBytes);
  const byFormula = siblings(database).find(({ name }) => {
    const result = connectionLimit({ ...database, instanceClass: name, confirmedMaxConnections: undefined });
    return result.ok && result.limit.source === "estimated" && result.limit.maxConnections >= needed;
  });
  const larger =
    fits || byFormula ? undefined : siblings(database).find(({ memoryBytes }) => carries(memoryBytes));
  return {
    maxConnections: fits ? needed : null,
    instanceClass: byFormula?.name ?? null,
    largerClass: larger === undefined ? null : { instanceClass: larger.name, maxConnections: needed },
  };
}

/** Classes of the present one's family on which the engine runs, smallest first. */
function siblings({ instanceClass, engine }: ConnectionLimitInput): readonly InstanceClass[] {
  const [prefix = "", family = ""] = instanceClass?.split(".") ?? [];
  return instanceClassFamily(`${prefix}.${family}`).filter(({ engines }) => engines.includes(engine));
}

interface FunctionLeverInput extends Omit<LeverInput, "tasks"> {
  /** The fewest environments that carry the declared peak, each with one connection. */
  readonly concurrency: number;
}

export type FunctionLevers = Pick<
  WindowLevers,
  "maxConnections" | "instanceClass" | "largerClass" | "others" | "proxy"
>;

/**
 * What makes room for a function whose fewest environments, each with a pool of one, are already too many: an
 * environment serves one request at a time, so neither its pool nor the number of tasks has anything left to give.
 */
export function functionLevers(
  { concurrency, otherDemand = 0, others = [], ...input }: FunctionLeverInput,
  settings: CapacitySettings = DEFAULT_CAPACITY_SETTINGS,
): FunctionLevers {
  const fixedDemand = settings.operationsReserve + otherDemand;
  const left = connectionBudget(input.usable, settings) - fixedDemand;
  return {
    ...limitLevers(limitNeeded(concurrency + fixedDemand, input, settings), input.database),
    others: loweredPools(concurrency - left, others),
    proxy: proxyThatFits(left, input, settings),
  };
}

/** A pool beside the one in question, on the same database. */
export interface OtherPool {
  readonly poolMax: number;
  /** The fewest connections that its own demand needs; 1 where that is not known. */
  readonly floor: number;
  /** Whether the floor follows from a demand: what may need more is lowered last. @default true */
  readonly isFloorKnown?: boolean;
  /** Pools of that size that are held at peak: tasks × processes. */
  readonly pools: number;
}

/**
 * Sizes of pools that free this many connections at peak: the largest are lowered to one size, so that equal pools get
 * equal shares, and none below its own floor. Pools whose floor is not known are lowered only where all others at their
 * floors do not free enough. `null` where that does not either.
 */
export function loweredPools(toFree: number, others: readonly OtherPool[]): readonly number[] | null {
  const most = Math.max(0, ...others.map(({ poolMax }) => poolMax));
  const lowest = ({ poolMax, floor }: OtherPool): number => Math.min(poolMax, floor);
  for (const isFloorKnown of [true, false]) {
    const sizes = (size: number): number[] =>
      others.map((other) => {
        if ((other.isFloorKnown ?? true) !== isFloorKnown)
          return isFloorKnown ? other.poolMax : lowest(other);
        return Math.max(lowest(other), Math.min(other.poolMax, size));
      });
    const freed = (size: number): number =>
      sizes(size).reduce((total, each, i) => {
        const { poolMax = 0, pools = 0 } = others[i] ?? {};
        return total + (poolMax - each) * pools;
      }, 0);
    const size = largest(0, most, (each) => freed(each) >= toFree);
    if (size !== null) return sizes(size);
  }
  return null;
}

/** The least whole number from `low` to `high` for which `holds`, given that it then holds for all above it. */
export function smallest(low: number, high: number, holds: (value: number) => boolean): number | null {
  if (low > high || !holds(high)) return null;
  let [failing, holding] = [low - 1, high];
  while (holding - failing > 1) {
    const middle = Math.floor((failing + holding) / 2);
    if (holds(middle)) holding = middle;
    else failing = middle;
  }
  return holding;
}

/** The greatest whole number from `low` to `high` for which `holds`, given that it then holds for all below it. */
export function largest(low: number, high: number, holds: (value: number) => boolean): number | null {
  const mirrored = smallest(-high, -low, (value) => holds(-value));
  // Zero has no sign in a report.
  return mirrored === null ? null : 0 - mirrored;
}
