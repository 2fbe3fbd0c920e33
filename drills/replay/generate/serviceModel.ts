import { capacityOf } from "../../../infra/capacity";
import type { Settings } from "../../../infra/config/settings";
import { findInstanceClass } from "../../../policies/model/instanceClasses";

/** What a stack's settings make of the service and its database, in the units that the generator counts in. */
export interface ServiceModel {
  readonly peakRequestsPerSecond: number;
  readonly acquisitionsPerRequest: number;
  readonly holdSeconds: number;
  /** Of each hold, how long the database is at work; the rest is network, and what the service does meanwhile. */
  readonly databaseWorkSeconds: number;
  readonly poolMax: number;
  readonly queueMax: number;
  readonly acquireTimeoutSeconds: number;
  readonly idleTimeoutSeconds: number;
  readonly idleInTransactionSeconds: number;
  readonly processesPerTask: number;
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly tasksAtPeak: number;
  readonly maximumPercent: number;
  readonly taskVcpus: number;
  readonly usableConnections: number;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
}

const GIB = 1024 ** 3;

/** A third of a hold, and at most 4 ms: point queries by key, with a commit. Assumed, as a plan does not say. */
const WORKING_SHARE = 1 / 3;
const LONGEST_WORK_SECONDS = 0.004;

export function serviceModel(settings: Settings): ServiceModel {
  const hardware = findInstanceClass(settings.instanceClass);
  const holdSeconds = settings.dbHoldMs / 1000;
  return {
    peakRequestsPerSecond: settings.peakRequestsPerSecond,
    acquisitionsPerRequest: settings.dbAcquisitionsPerRequest,
    holdSeconds,
    databaseWorkSeconds: Math.min(LONGEST_WORK_SECONDS, WORKING_SHARE * holdSeconds),
    poolMax: settings.poolMax,
    queueMax: settings.queueMax,
    acquireTimeoutSeconds: settings.acquireTimeoutMs / 1000,
    idleTimeoutSeconds: Math.max(1, settings.idleTimeoutMs / 1000),
    idleInTransactionSeconds: settings.idleInTransactionTimeoutMs / 1000,
    processesPerTask: settings.processesPerTask,
    minTasks: settings.minTasks,
    maxTasks: Math.max(settings.maxTasks, settings.minTasks),
    tasksAtPeak: settings.tasksAtPeak,
    maximumPercent: settings.maximumPercent,
    taskVcpus: settings.taskCpu / 1024,
    usableConnections: capacityOf(settings).usable ?? Number.MAX_SAFE_INTEGER,
    vcpus: hardware?.vcpus ?? 2,
    memoryBytes: hardware?.memoryBytes ?? GIB,
    storageBytes: settings.storageGib * GIB,
  };
}
