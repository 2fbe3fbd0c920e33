import type { MetricAlarmSpec } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { databaseProxy } from "../signals";
import { proxyBorrowLatency, proxyPinned } from "../thresholds/proxy";
import { ACQUITS, allOf } from "../windows";
import { capacity, signal } from "./metricAlarm";

/** What an RDS Proxy says of itself; none without one. */
export function proxyAlarms(input: AlarmInput): readonly MetricAlarmSpec[] {
  if (input.connection !== "proxy") return [];
  return [
    signal({
      id: "proxy-borrow-latency",
      intent: "Queries wait in the RDS Proxy for one of its database connections.",
      on: databaseProxy.borrowLatency,
      window: ACQUITS,
      comparison: "GreaterThanThreshold",
      threshold: proxyBorrowLatency(),
      missingData: {
        treatAs: "ignore",
        reason: "a proxy that lends nothing reports nothing: the state stays",
      },
    }),
    capacity({
      id: "proxy-pinned",
      intent: "The RDS Proxy keeps so many sessions to one connection each that the others run short.",
      on: databaseProxy.pinned,
      window: allOf(15),
      comparison: "GreaterThanThreshold",
      threshold: proxyPinned(input),
      missingData: {
        treatAs: "notBreaching",
        reason: "a proxy without clients reports nothing, and pins none",
      },
    }),
  ];
}
