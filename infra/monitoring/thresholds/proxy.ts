import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { neededConnections, proxyPool } from "../../database/proxyPool";
import type { Threshold } from "../alarmSpec";
import type { AlarmInput } from "../input";

/** Mean wait for one of the proxy's connections: a pool that keeps its target is far below it. */
export function proxyBorrowLatency(): Threshold {
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
      "max(1, ⌊maxConnectionsPercent × max_connections ÷ 100⌋ − connections that the whole demand needs)",
    inputs: { maxConnectionsPercent, maxConnections, needed },
  };
}
