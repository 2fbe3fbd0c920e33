import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { neededConnections, proxyPool } from "../../database/proxyPool";
import type { AlarmInput, MetricAlarmSpec, Threshold } from "../alarmSpec";
import { databaseProxy } from "../metrics";
import { allOf, EXCLUSION_WINDOW } from "../windows";
import { capacity, signal } from "./metricAlarm";

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
  const demand = {
    peakRequestsPerSecond: input.peakRequestsPerSecond,
    acquisitionsPerRequest: input.dbAcquisitionsPerRequest,
    holdMs: input.dbHoldMs,
  };
  const { maxConnections = 0, usable } = input.capacity;
  const { maxConnectionsPercent } = proxyPool({ ...input, ...demand, maxConnections, usable });
  const allowed = Math.floor((maxConnectionsPercent * maxConnections) / 100);
  const needed = neededConnections(demand) ?? 0;
  return {
    value: Math.max(1, allowed - needed),
    unit: "pinned sessions",
    formula:
      "max(1, ⌊maxConnectionsPercent × max_connections ÷ 100⌋ − connections needed by the total demand)",
    inputs: { maxConnectionsPercent, maxConnections, needed },
  };
}
