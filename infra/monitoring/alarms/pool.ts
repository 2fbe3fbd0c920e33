import type { MetricAlarmSpec } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { pool } from "../signals";
import {
  connectionRate,
  holdTime,
  poolRefusals,
  poolSaturated,
  poolTimeouts,
  poolWait,
} from "../thresholds/pool";
import { ACCUSES, ACQUITS, ACQUITS_AT_ONCE } from "../windows";
import { math, STAYS, signal, whilePresent, zeroAtRest } from "./metricAlarm";

/** What the database cannot see: a pool that is too small leaves it idle. */
export function poolSignals(input: AlarmInput): readonly MetricAlarmSpec[] {
  return [
    signal({
      id: "pool-saturated",
      intent:
        "More of the connection pool is in use than leaves logins unhindered: they wait for a connection.",
      on: math("Share of the pool in use (%)", "100 * used / limit", { used: pool.used, limit: pool.max }),
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: poolSaturated(input),
      missingData: STAYS,
    }),
    signal({
      id: "pool-wait",
      intent: "Of 100 requests that need a database connection, the slowest waits nearly as long as it may.",
      on: pool.waitP99,
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: poolWait(input),
      missingData: {
        treatAs: "notBreaching",
        reason: "no acquisition, no sample: nobody waited",
      },
    }),
    signal({
      id: "pool-timeouts",
      intent: "Requests fail because no database connection came free within the acquire timeout.",
      on: pool.timeouts,
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: poolTimeouts(input),
      missingData: STAYS,
    }),
    signal({
      id: "pool-refusals",
      intent: "Requests are refused at once because as many as may already wait for a database connection.",
      on: pool.refusals,
      window: ACCUSES,
      comparison: "GreaterThanThreshold",
      threshold: poolRefusals(input),
      missingData: STAYS,
    }),
    signal({
      id: "hold-time",
      intent:
        "Connections are held for longer than was declared: what is slow comes after the pool, not before it.",
      on: math(
        "Mean time a connection is held (ms)",
        // A minute without a release while connections are in use is a hold of at least that minute.
        whilePresent("used", "IF(FILL(releases, 0) > 0, 1000 * FILL(hold, 60), IF(used >= 1, 60000, 0))"),
        { used: pool.used, releases: pool.releases, hold: pool.hold },
      ),
      window: ACQUITS,
      comparison: "GreaterThanThreshold",
      threshold: holdTime(input),
      missingData: STAYS,
    }),
    signal({
      id: "connection-rate",
      intent:
        "More connections are opened than a restart of every task would open: they are lost and opened again.",
      on: zeroAtRest("Connections opened in a minute", pool.opened, pool.used),
      window: ACQUITS_AT_ONCE,
      comparison: "GreaterThanThreshold",
      threshold: connectionRate(input),
      missingData: STAYS,
    }),
  ];
}
