import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { findInstanceClass } from "../../../policies/model/instanceClasses";
import type { Threshold } from "../alarmSpec";
import type { AlarmInput } from "../input";

/** AWS's recommended alarm for DatabaseConnections is at 90 to 95 % of what there is. */
const NEAR_LIMIT_SHARE = 0.9;

/** The smallest instance that RDS for PostgreSQL still offers has two; assumed of a class that is not in the table. */
const FEWEST_VCPUS = 2;
const SMALLEST_MEMORY_GIB = 1;

const GIB = 1024 ** 3;

/**
 * Connections that are too many: 90 % of the usable ones. The plan stays within 80 % even during a deployment at
 * peak, so more than 90 % is nobody's plan; and it is still below the limit, where the next login is refused.
 *
 * Where the limit cannot be computed (such a stack is rejected), the smallest one that would carry the demand
 * stands in for it.
 */
export function connectionsNearLimit({ capacity: { usable, demandAtPeak } }: AlarmInput): Threshold {
  const assumed = usable ?? Math.ceil((demandAtPeak ?? 0) / DEFAULT_CAPACITY_SETTINGS.budgetShare);
  return {
    value: Math.max(1, Math.floor(NEAR_LIMIT_SHARE * assumed)),
    unit: "connections",
    formula: "⌊nearLimitShare × usable⌋",
    inputs: { nearLimitShare: NEAR_LIMIT_SHARE, usable: assumed, demandAtPeak: demandAtPeak ?? "unknown" },
  };
}

/** Sessions at work beyond which they wait for a processor: as many as there are. */
export function databaseLoad({ instanceClass }: AlarmInput): Threshold {
  const vcpus = findInstanceClass(instanceClass)?.vcpus ?? FEWEST_VCPUS;
  return { value: vcpus, unit: "sessions at work", formula: "vCPU", inputs: { instanceClass, vCPU: vcpus } };
}

/** AWS: memory should not stay below a quarter of what the class has. */
export function freeableMemory({ instanceClass }: AlarmInput): Threshold {
  const gib = (findInstanceClass(instanceClass)?.memoryBytes ?? SMALLEST_MEMORY_GIB * GIB) / GIB;
  return {
    value: Math.floor(0.25 * gib * GIB),
    unit: "bytes",
    formula: "share × memory of the class",
    inputs: { share: 0.25, instanceClass, memoryGib: gib },
  };
}

/**
 * AWS: below a tenth. Storage that grows by itself does so at a tenth; half of that means that it does not: it has
 * reached its maximum, or grew within the last six hours.
 *
 * Source: RDS User Guide, USER_PIOPS.Autoscaling.
 */
export function freeStorage({ storageGib, maxStorageGib }: AlarmInput): Threshold {
  const share = maxStorageGib > storageGib ? 0.05 : 0.1;
  return {
    value: Math.floor(share * storageGib * GIB),
    unit: "bytes",
    formula: "share × storageGib",
    inputs: { share, storageGib, maxStorageGib },
  };
}
