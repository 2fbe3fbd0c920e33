import type { MetricAlarmSpec, Threshold } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { databaseLog, rds } from "../signals";
import { connectionsNearLimit, databaseLoad } from "../thresholds/database";
import { ACCUSES, ACQUITS, ACQUITS_AT_ONCE } from "../windows";
import { DATABASE_STAYS, signal, zeroAtRest } from "./metricAlarm";

/** What the database says of itself. */
export function databaseSignals(input: AlarmInput): readonly MetricAlarmSpec[] {
  const load = zeroAtRest("Sessions at work (DBLoad)", rds.load, rds.cpu);
  return [
    signal({
      id: "connections-near-limit",
      intent: "The database is about to refuse connections: more are open than any plan accounts for.",
      on: rds.connections,
      window: ACQUITS,
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: connectionsNearLimit(input),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "connections-refused",
      intent: "The database refuses connections: all that it may give are taken.",
      on: zeroAtRest("Connections refused", databaseLog.refused, rds.connections),
      window: ACQUITS,
      comparison: "GreaterThanThreshold",
      threshold: none("lines in the database's log in a minute that refuse a connection"),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "sessions-idle-in-transaction",
      intent:
        "The database ends sessions that sat in an open transaction: a code path keeps connections without using them.",
      on: zeroAtRest("Sessions ended", databaseLog.endedIdleInTransaction, rds.connections),
      window: ACQUITS_AT_ONCE,
      comparison: "GreaterThanThreshold",
      threshold: none("sessions ended in a minute for idling in a transaction"),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "database-busy",
      intent:
        "The database has, or had a moment ago, more sessions at work than processors: it may be what is slow.",
      on: load,
      window: ACQUITS_AT_ONCE,
      comparison: "GreaterThanThreshold",
      threshold: databaseLoad(input),
      missingData: DATABASE_STAYS,
    }),
    signal({
      id: "database-load",
      intent: "The database has more sessions at work than processors: they wait for each other.",
      on: load,
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: databaseLoad(input),
      missingData: DATABASE_STAYS,
    }),
  ];
}

/** Where one is already too many. */
function none(unit: string): Threshold {
  return { value: 0, unit, formula: "none is expected in any plan", inputs: { expected: 0 } };
}
