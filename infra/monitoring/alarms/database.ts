import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import type { AlarmInput, MetricAlarmSpec, Threshold } from "../alarmSpec";
import { databaseLog, databaseProxy, rds } from "../metrics";
import { allOf, EVIDENCE_WINDOW, EXCLUSION_WINDOW, IMMEDIATE_EXCLUSION_WINDOW } from "../windows";
import { capacity, DATABASE_STAYS, signal, zeroAtRest } from "./metricAlarm";

/** What the database says of itself. */
export function databaseSignals(input: AlarmInput): readonly MetricAlarmSpec[] {
  const load = zeroAtRest("Sessions that need a CPU (DBLoadCPU)", rds.loadCpu, rds.cpu);
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
      intent:
        "Every vCPU of the database is, or recently was, taken by a session that needs it: it may be the bottleneck.",
      on: load,
      window: IMMEDIATE_EXCLUSION_WINDOW,
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: databaseLoad(input),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "database-load",
      intent:
        "As many sessions of the database need a CPU as it has vCPU, or more: they wait for each other.",
      on: load,
      window: EVIDENCE_WINDOW,
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: databaseLoad(input),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "database-waiting",
      intent: "Sessions of the database wait for something other than a CPU: the storage, or a lock.",
      on: zeroAtRest("Sessions that wait (DBLoadNonCPU)", rds.loadNonCpu, rds.cpu),
      window: IMMEDIATE_EXCLUSION_WINDOW,
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: databaseWaiting(input),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "lock-waits",
      intent: "Sessions of the database wait for a lock for longer than a second, or give up waiting for it.",
      on: zeroAtRest("Lock waits", databaseLog.lockWaits, rds.connections),
      window: IMMEDIATE_EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: none("lock waits in the database's log in a minute"),
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

/** Sessions that need a CPU, from which on a further one has to wait for it: as many as there are. */
export function databaseLoad({ instanceClass, capacity: { hardware } }: AlarmInput): Threshold {
  const vcpus = hardware?.vcpus ?? MIN_VCPUS;
  return {
    value: vcpus,
    unit: "sessions that need a CPU",
    formula: "vCPU",
    inputs: { instanceClass, vCPU: vcpus },
  };
}

/**
 * Sessions that wait from which on the database is what holds connections: as many as it could otherwise run. Where the
 * pools have fewer connections than twice that, half of them: once they are full, most of what they hold then waits here.
 */
function databaseWaiting(input: AlarmInput): Threshold {
  const { poolMax, processesPerTask, minTasks } = input;
  const vCPU = databaseLoad(input).value;
  const half = Math.floor((poolMax * processesPerTask * minTasks) / 2);
  return {
    value: Math.max(1, Math.min(vCPU, half)),
    unit: "sessions that wait",
    formula: "min(vCPU, ½ × poolMax × processes per task × minTasks)",
    inputs: { vCPU, poolMax, processesPerTask, minTasks },
  };
}

/** What an RDS Proxy says of itself; none without one. */
export function proxyAlarms(input: AlarmInput): readonly MetricAlarmSpec[] {
  if (input.connection !== "proxy") return [];
  return [
    signal({
      id: "proxy-borrow-latency",
      intent: "Queries wait in the RDS Proxy for one of its database connections.",
      on: databaseProxy.borrowLatency,
      window: EXCLUSION_WINDOW,
      comparison: "GreaterThanThreshold",
      threshold: proxyBorrowLatency(),
      missingData: {
        treatAs: "ignore",
        reason: "a proxy that lends no connection reports nothing: the state is kept",
      },
    }),
    capacity({
      id: "proxy-pinned",
      intent:
        "The RDS Proxy pins so many sessions to one connection each that too few remain for the others.",
      on: databaseProxy.pinned,
      window: allOf(15),
      comparison: "GreaterThanThreshold",
      threshold: proxyPinned(input),
      missingData: {
        treatAs: "notBreaching",
        reason: "a proxy without clients reports nothing and pins no session",
      },
    }),
  ];
}

/** Mean wait for one of the proxy's connections: a pool that keeps its target is far below it. */
function proxyBorrowLatency(): Threshold {
  const { waitTargetMs } = DEFAULT_CAPACITY_SETTINGS;
  return {
    value: 1000 * waitTargetMs,
    unit: "µs (mean)",
    formula: "1000 × target in ms",
    inputs: { targetMs: waitTargetMs },
  };
}

/** Sessions that the proxy may keep to one connection each and still have enough for all others together. */
export function proxyPinned(input: AlarmInput): Threshold {
  const { maxConnections = 0, proxy } = input.capacity;
  const { maxConnectionsPercent, needed = 0 } = proxy;
  const allowed = Math.floor((maxConnectionsPercent * maxConnections) / 100);
  return {
    value: Math.max(1, allowed - needed),
    unit: "pinned sessions",
    formula:
      "max(1, ⌊maxConnectionsPercent × max_connections ÷ 100⌋ − connections needed by the total demand)",
    inputs: { maxConnectionsPercent, maxConnections, needed },
  };
}
