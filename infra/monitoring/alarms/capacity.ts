import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import type { AlarmInput, MetricAlarmSpec, Threshold } from "../alarmSpec";
import { loadBalancer, rds, tasks } from "../metrics";
import { allOf, EXCLUSION_WINDOW } from "../windows";
import { capacity, DATABASE_STAYS } from "./metricAlarm";

/**
 * What runs out slowly: the declared peak, and AWS's own recommendations for the database and the service (`recommended.ts` holds each to
 * an alarm or a reason). They wait for the morning; what they lead to in the night, the causes name.
 */
export function capacityAlarms(input: AlarmInput): readonly MetricAlarmSpec[] {
  return [...demand(input), ...processorAndMemory(input), ...storage(input), ...service()];
}

/** Whether the demand is still what was declared: every bound follows from it. */
function demand(input: AlarmInput): readonly MetricAlarmSpec[] {
  return [
    capacity({
      id: "load-above-declared",
      intent: "More requests arrive than the pools were sized for: the verified bounds are no longer valid.",
      on: loadBalancer.requests,
      window: EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: declaredLoad(input),
      missingData: { treatAs: "ignore", reason: "no request was reported: the state is kept until one is" },
    }),
  ];
}

function processorAndMemory(input: AlarmInput): readonly MetricAlarmSpec[] {
  return [
    capacity({
      id: "database-cpu",
      intent: "The database's CPU has been busy for minutes: new statements will be slow.",
      on: rds.cpu,
      window: allOf(5),
      comparison: "GreaterThanThreshold",
      threshold: recommended(90, "% of the CPU"),
      missingData: DATABASE_STAYS,
    }),
    capacity({
      id: "database-memory",
      intent: "The database is low on memory: its cache shrinks, and each connection uses more of the rest.",
      on: rds.freeableMemory,
      window: allOf(15),
      comparison: "LessThanThreshold",
      threshold: freeableMemory(input),
      missingData: DATABASE_STAYS,
    }),
    capacity({
      id: "transaction-ids",
      intent:
        "Vacuum does not keep up: at two billion unfrozen transactions PostgreSQL stops accepting writes.",
      on: rds.transactionIds,
      // A count that only vacuum brings down: one look is enough.
      window: allOf(1),
      comparison: "GreaterThanThreshold",
      threshold: recommended(1e9, "unfrozen transactions"),
      missingData: DATABASE_STAYS,
    }),
  ];
}

function storage(input: AlarmInput): readonly MetricAlarmSpec[] {
  const slow = recommended(0.02, "s (p90)");
  const burst = {
    window: allOf(3),
    comparison: "LessThanThreshold",
    threshold: recommended(10, "% of the burst credit"),
    missingData: { treatAs: "missing", reason: "a class without burst credit does not report it" },
  } as const;
  const idle = { treatAs: "missing", reason: "a minute without such operations has no latency" } as const;
  return [
    capacity({
      id: "database-storage",
      intent: "The database's storage is nearly full: when it is full, the database stops.",
      on: rds.freeStorage,
      window: allOf(5),
      comparison: "LessThanThreshold",
      threshold: freeStorage(input),
      missingData: DATABASE_STAYS,
    }),
    capacity({
      id: "read-latency",
      intent: "Reads from the database's storage are slow.",
      on: rds.readLatency,
      window: allOf(5),
      comparison: "GreaterThanThreshold",
      threshold: slow,
      missingData: idle,
    }),
    capacity({
      id: "write-latency",
      intent: "Writes to the database's storage are slow: so is every commit, which holds its connection.",
      on: rds.writeLatency,
      window: allOf(5),
      comparison: "GreaterThanThreshold",
      threshold: slow,
      missingData: idle,
    }),
    capacity({
      id: "throughput-balance",
      intent: "The instance has used up its burst credit for storage throughput and drops to its baseline.",
      on: rds.throughputBalance,
      ...burst,
    }),
    capacity({
      id: "io-balance",
      intent: "The instance has used up its burst credit for storage operations and drops to its baseline.",
      on: rds.ioBalance,
      ...burst,
    }),
  ];
}

function service(): readonly MetricAlarmSpec[] {
  const busy = {
    window: allOf(5),
    comparison: "GreaterThanThreshold",
    missingData: { treatAs: "ignore", reason: "no task reports: running-tasks covers this case" },
  } as const;
  return [
    capacity({
      id: "service-cpu",
      intent: "The tasks' CPU is busy although autoscaling should have added tasks: hold times increase.",
      on: tasks.cpu,
      threshold: recommended(80, "% of the tasks' reservation"),
      ...busy,
    }),
    capacity({
      id: "service-memory",
      intent: "The tasks are low on memory: at 100 % ECS kills them.",
      on: tasks.memory,
      threshold: recommended(80, "% of the tasks' reservation"),
      ...busy,
    }),
  ];
}

const { peakFactor } = DEFAULT_CAPACITY_SETTINGS;

/** A threshold of AWS's own list. */
function recommended(value: number, unit: string): Threshold {
  return { value, unit, formula: "AWS's recommendation", inputs: { recommended: value } };
}

const GIB = 1024 ** 3;
/** Memory of the smallest class that RDS for PostgreSQL still offers; assumed of a class that is not in the table. */
const MIN_MEMORY_GIB = 1;

/** AWS: memory should not stay below a quarter of what the class has. */
function freeableMemory({ instanceClass, capacity: { hardware } }: AlarmInput): Threshold {
  const gib = (hardware?.memoryBytes ?? MIN_MEMORY_GIB * GIB) / GIB;
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
function freeStorage({ storageGib, maxStorageGib }: AlarmInput): Threshold {
  const share = maxStorageGib > storageGib ? 0.05 : 0.1;
  return {
    value: Math.floor(share * storageGib * GIB),
    unit: "bytes",
    formula: "share × storageGib",
    inputs: { share, storageGib, maxStorageGib },
  };
}

/** Requests a minute for which the pools were sized; above it, nothing that the policies proved holds any more. */
function declaredLoad({ peakRequestsPerSecond }: AlarmInput): Threshold {
  return {
    value: Math.max(1, Math.round(60 * peakFactor * peakRequestsPerSecond)),
    unit: "requests in a minute",
    formula: "60 × peakFactor × peakRequestsPerSecond",
    inputs: { peakFactor, peakRequestsPerSecond },
  };
}
