import { type BudgetSettings, type PoolHolder, poolCeiling } from "./connectionBudget";
import { DEFAULT_CAPACITY_SETTINGS } from "./defaults";
import { type FloorSettings, type PoolDemand, poolFloor } from "./poolFloor";

/** One client of one database: what its window depends on. */
export interface WindowInput {
  readonly demand: PoolDemand;
  /** From `usableConnections`. */
  readonly usable: number;
  /** From `tasksHoldingPools`. */
  readonly tasksHoldingPools: number;
  /** What the database's other clients may open at peak. @default 0 */
  readonly otherDemand?: number | undefined;
}

/** The values of `pool.max` that are neither too low for the demand nor too high for the database. */
export interface SafeWindow {
  readonly floor: number;
  readonly ceiling: number;
  /** No value is safe: floor > ceiling. `windowLevers` says what would open it. */
  readonly empty: boolean;
}

/** @throws RangeError as `poolFloor` and `poolCeiling`. */
export function safeWindow(
  input: WindowInput,
  settings: FloorSettings & BudgetSettings = DEFAULT_CAPACITY_SETTINGS,
): SafeWindow {
  const floor = poolFloor(input.demand, settings);
  const client: Omit<PoolHolder, "poolMax"> = {
    tasksHoldingPools: input.tasksHoldingPools,
    processesPerTask: input.demand.processesPerTask,
  };
  const ceiling = poolCeiling({ usable: input.usable, client, otherDemand: input.otherDemand }, settings);
  return { floor, ceiling, empty: floor > ceiling };
}
