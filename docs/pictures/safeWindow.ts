import type { PoolChart } from "../../policies/explain/toSvg";
import { picture } from "../../policies/explain/toSvg";
import { usableConnections } from "../../policies/model/connectionBudget";
import { DEFAULT_CAPACITY_SETTINGS } from "../../policies/model/defaults";
import { poolAtPeak, poolLoad, safeWindow } from "../../policies/model/poolFloor";

/** The settings of the outage's stack (stacks/Pulumi.incident-2024-09-02.yaml), as the model takes them. */
export const OUTAGE = {
  demand: { peakRequestsPerSecond: 400, holdMs: 90, acquisitionsPerRequest: 1.1, tasksServingPeak: 8 },
  maxConnections: 400,
  tasksHoldingPools: 16,
  poolMax: 3,
};

/**
 * The picture in the README: what a pool of each size does at the outage's load, and the window between the floor
 * that demand asks for and the ceiling that the database gives. Drawn from the model, so it cannot drift from it.
 */
export function drawSafeWindow(): string {
  const { demand, poolMax, tasksHoldingPools, maxConnections } = OUTAGE;
  const { usable } = usableConnections({ engine: "postgres", engineVersion: "17", maxConnections });
  const { floor, ceiling } = safeWindow({ demand, usable, tasksHoldingPools });
  const failing = Math.round(100 * poolAtPeak(poolMax, demand).failingShare);
  const chart: PoolChart = {
    heading: "A connection pool at the outage's load",
    floor,
    ceiling,
    setting: poolMax,
    settingLabel: `2 September 2024: ${poolMax} connections, ${failing} % of requests fail`,
    load: poolLoad(demand),
    waitTargetMs: DEFAULT_CAPACITY_SETTINGS.waitTargetMs,
  };
  return picture("Safe window of a connection pool", [chart]);
}
