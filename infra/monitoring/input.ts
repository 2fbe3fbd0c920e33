import type { Capacity } from "../capacity";
import type { Settings } from "../config/settings";

/** What the alarms of a stack follow from: its settings, and what the capacity model says of them. */
export type AlarmInput = Pick<
  Settings,
  | "peakRequestsPerSecond"
  | "dbHoldMs"
  | "dbAcquisitionsPerRequest"
  | "tasksAtPeak"
  | "poolMax"
  | "processesPerTask"
  | "queueMax"
  | "acquireTimeoutMs"
  | "idleTimeoutMs"
  | "maxLifetimeMs"
  | "idleInTransactionTimeoutMs"
  | "queryTimeoutMs"
  | "minTasks"
  | "maxTasks"
  | "minimumHealthyPercent"
  | "instanceClass"
  | "maxConnections"
  | "storageGib"
  | "maxStorageGib"
  | "connection"
  | "toleratedFailurePercent"
  | "toleratedLatencyMs"
> & { readonly capacity: Capacity };
