import {
  clientDemand,
  connectionBudget,
  demandAtPeak,
  usableConnections,
} from "../policies/model/connectionBudget";
import { connectionLimit } from "../policies/model/connectionLimit";
import { TASK_START_SECONDS } from "../policies/model/defaults";
import { findInstanceClass, type InstanceClass } from "../policies/model/instanceClasses";
import { type PoolLoad, poolLoad, type SafeWindow, safeWindow } from "../policies/model/poolFloor";
import { tasksHoldingPools, tasksServingPeak } from "../policies/model/tasks";
import type { Settings } from "./config/settings";
import { type ProxyPool, proxyPool } from "./database/proxyPool";

/** The settings that the capacity of a stack follows from. */
export type CapacitySettings = Pick<
  Settings,
  | "engineVersion"
  | "instanceClass"
  | "maxConnections"
  | "storageGib"
  | "poolMax"
  | "processesPerTask"
  | "minTasks"
  | "maxTasks"
  | "tasksAtPeak"
  | "maximumPercent"
  | "minimumHealthyPercent"
  | "deregistrationDelaySeconds"
  | "stopTimeoutSeconds"
  | "requestTimeoutMs"
  | "idleTimeoutMs"
  | "acquireTimeoutMs"
  | "queryTimeoutMs"
  | "peakRequestsPerSecond"
  | "dbHoldMs"
  | "dbAcquisitionsPerRequest"
  | "zones"
  | "zoneLoss"
>;

/**
 * What the capacity model says of a stack's settings. A number is undefined where the settings allow none: a
 * malformed formula, an unknown class, a negative demand. Such a stack must still be built, since it is for the
 * policies to reject it, with their reasons.
 */
export interface Capacity {
  readonly maxConnections: number | undefined;
  /** Connections that clients can have at all. */
  readonly usable: number | undefined;
  /** The share of them that may be planned for. */
  readonly budget: number | undefined;
  /** Connections that all tasks' pools and the operations reserve add up to during a deployment at peak. */
  readonly demandAtPeak: number | undefined;
  /** The pools' part of it. */
  readonly poolConnectionsAtPeak: number | undefined;
  /** Values of `poolMax` that are neither too low for the demand nor too high for the database. */
  readonly window: SafeWindow | undefined;
  /** What one process gets at the declared peak, with no zone lost. */
  readonly load: PoolLoad | undefined;
  /** The class's processors and memory. */
  readonly hardware: InstanceClass | undefined;
  /** What an RDS Proxy before the database may open, where there is one. */
  readonly proxy: ProxyPool;
}

/** Seconds between two health checks of the load balancer. */
export const HEALTH_CHECK_SECONDS = 10;

/** Computes a stack's capacity with the model that the policies judge by. */
export function capacityOf(settings: CapacitySettings): Capacity {
  const { engineVersion } = settings;
  const limit = connectionLimit({
    engine: "postgres",
    engineVersion,
    instanceClass: settings.instanceClass,
    parameterValue: settings.maxConnections,
    allocatedStorageGib: settings.storageGib,
  });
  const maxConnections = limit.ok ? limit.limit.maxConnections : undefined;
  const usable =
    maxConnections === undefined
      ? undefined
      : usableConnections({ engine: "postgres", engineVersion, maxConnections }).usable;
  const demandWith = (surviveZoneLoss: boolean) => ({
    peakRequestsPerSecond: settings.peakRequestsPerSecond,
    holdMs: settings.dbHoldMs,
    acquisitionsPerRequest: settings.dbAcquisitionsPerRequest,
    processesPerTask: settings.processesPerTask,
    tasksServingPeak: tasksServingPeak({
      declaredTasksAtPeak: settings.tasksAtPeak,
      minCapacity: settings.minTasks,
      maxCapacity: settings.maxTasks,
      minimumHealthyPercent: settings.minimumHealthyPercent,
      surviveZoneLoss,
      zones: settings.zones,
    }),
  });
  const demand = computed(() => demandWith(settings.zoneLoss === "survive"));
  const holding = computed(() =>
    tasksHoldingPools({
      maxCapacity: settings.maxTasks,
      maximumPercent: settings.maximumPercent,
      minimumHealthyPercent: settings.minimumHealthyPercent,
      timeToHealthySeconds: TASK_START_SECONDS + HEALTH_CHECK_SECONDS,
      drainSeconds: Math.min(
        settings.deregistrationDelaySeconds + settings.stopTimeoutSeconds,
        // 0 keeps idle connections open.
        settings.idleTimeoutMs > 0
          ? (settings.requestTimeoutMs + settings.idleTimeoutMs) / 1000
          : Number.MAX_SAFE_INTEGER,
      ),
    }),
  );
  const pools = holding === undefined ? undefined : { ...settings, tasksHoldingPools: holding };
  return {
    maxConnections,
    usable,
    budget: usable === undefined ? undefined : connectionBudget(usable),
    demandAtPeak: pools && computed(() => demandAtPeak([pools])),
    poolConnectionsAtPeak: pools && computed(() => clientDemand(pools)),
    window:
      demand && pools && usable !== undefined
        ? computed(() => safeWindow({ demand, usable, tasksHoldingPools: pools.tasksHoldingPools }))
        : undefined,
    load: computed(() => poolLoad(demandWith(false))),
    hardware: findInstanceClass(settings.instanceClass),
    proxy: proxyPool({
      peakRequestsPerSecond: settings.peakRequestsPerSecond,
      acquisitionsPerRequest: settings.dbAcquisitionsPerRequest,
      holdMs: settings.dbHoldMs,
      maxConnections,
      usable,
      acquireTimeoutMs: settings.acquireTimeoutMs,
      queryTimeoutMs: settings.queryTimeoutMs,
    }),
  };
}

/** The model throws a RangeError for input that is no capacity; here that means no number. */
export function computed<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
