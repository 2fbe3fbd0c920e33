import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { findInstanceClass } from "../../../policies/model/instanceClasses";
import type { AlarmInput, MetricAlarmSpec, Threshold } from "../alarmSpec";
import { databaseLog, rds } from "../signals";
import { EVIDENCE_WINDOW, EXCLUSION_WINDOW, IMMEDIATE_EXCLUSION_WINDOW } from "../windows";
import { DATABASE_STAYS, signal, zeroAtRest } from "./metricAlarm";

/** What the database says of itself. */
export function databaseSignals(input: AlarmInput): readonly MetricAlarmSpec[] {
  const load = zeroAtRest("Active sessions (DBLoad)", rds.load, rds.cpu);
  return [
    signal({
      id: "connections-near-limit",
      intent: "The database is about to refuse connections: more are open than the stack can explain.",
      on: rds.connections,
      window: EXCLUSION_WINDOW,
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: connectionsNearLimit(input),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "connections-refused",
      intent: "The database refuses connections: all available ones are in use.",
      on: zeroAtRest("Connections refused", databaseLog.refused, rds.connections),
      window: EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: none("refused connections in the database's log in a minute"),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "sessions-idle-in-transaction",
      intent:
        "The database terminates sessions that are idle in a transaction: a code path holds connections without using them.",
      on: zeroAtRest("Sessions terminated", databaseLog.endedIdleInTransaction, rds.connections),
      window: IMMEDIATE_EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: none("sessions terminated in a minute while idle in a transaction"),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "database-busy",
      intent: "The database has, or recently had, more active sessions than vCPU: it may be the bottleneck.",
      on: load,
      window: IMMEDIATE_EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: databaseLoad(input),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "database-load",
      intent: "The database has more active sessions than vCPU: they wait for each other.",
      on: load,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: databaseLoad(input),
      missingData: DATABASE_STAYS,
    }),
  ];
}

/** Where one is already too many. */
function none(unit: string): Threshold {
  return { value: 0, unit, formula: "none expected", inputs: { expected: 0 } };
}

/** AWS's recommended alarm for DatabaseConnections is at 90 to 95 % of what there is. */
const NEAR_LIMIT_SHARE = 0.9;

/** The smallest instance that RDS for PostgreSQL still offers has two; assumed of a class that is not in the table. */
const MIN_VCPUS = 2;

/**
 * Connections that are too many: 90 % of the usable ones. The plan stays within 80 % even during a deployment at
 * peak, so more than 90 % is in no plan; and it is still below the limit, where the next login is refused.
 *
 * Where the limit cannot be computed (such a stack is rejected), the smallest one that would carry the demand
 * stands in for it.
 */
function connectionsNearLimit({ capacity: { usable, demandAtPeak } }: AlarmInput): Threshold {
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
  const vcpus = findInstanceClass(instanceClass)?.vcpus ?? MIN_VCPUS;
  return { value: vcpus, unit: "active sessions", formula: "vCPU", inputs: { instanceClass, vCPU: vcpus } };
}
