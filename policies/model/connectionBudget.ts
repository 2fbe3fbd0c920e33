import { nonNegative, positive, wholeNumber } from "./check";
import { type CapacitySettings, DEFAULT_CAPACITY_SETTINGS, DEFAULT_PROCESSES_PER_TASK } from "./defaults";

/** One client's pools, as the database sees them. */
export interface PoolHolder {
  readonly poolMax: number;
  /** @default 1 */
  readonly processesPerTask?: number | undefined;
  /** From `tasksHoldingPools`. */
  readonly tasksHoldingPools: number;
}

export type BudgetSettings = Pick<CapacitySettings, "budgetShare" | "operationsReserve">;

/** Connections one client may open at peak: tasks × processes × `pool.max`. */
export function clientDemand(client: PoolHolder): number {
  return poolCount(client) * wholeNumber("poolMax", client.poolMax);
}

/** Connections all clients of one database may open at peak, and the operations reserve on top. */
export function demandAtPeak(
  clients: readonly PoolHolder[],
  settings: Pick<BudgetSettings, "operationsReserve"> = DEFAULT_CAPACITY_SETTINGS,
): number {
  const reserve = wholeNumber("operationsReserve", settings.operationsReserve);
  return clients.reduce((sum, client) => sum + clientDemand(client), reserve);
}

/**
 * The most connections demand at peak may reach: `budgetShare` × usable, rounded down, since connections are
 * whole. The billionth keeps 0.8 × 395 from falling below 316 in binary arithmetic.
 */
export function connectionBudget(
  usable: number,
  settings: Pick<BudgetSettings, "budgetShare"> = DEFAULT_CAPACITY_SETTINGS,
): number {
  const share = positive("budgetShare", settings.budgetShare, 1);
  return Math.floor(share * wholeNumber("usable", usable) + 1e-9);
}

export interface CeilingInput {
  /** From `usableConnections`. */
  readonly usable: number;
  /** This client's tasks and processes; its `pool.max` is what is asked for. */
  readonly client: Omit<PoolHolder, "poolMax">;
  /** What the database's other clients may open at peak: the sum of their `clientDemand`. */
  readonly otherDemand?: number | undefined;
}

/**
 * The largest `pool.max` with which the database's demand at peak stays within its budget: the ceiling.
 * 0 when not even one connection per pool fits.
 * @throws RangeError for counts that are not whole numbers and for a share outside (0, 1].
 */
export function poolCeiling(
  input: CeilingInput,
  settings: BudgetSettings = DEFAULT_CAPACITY_SETTINGS,
): number {
  const reserve = wholeNumber("operationsReserve", settings.operationsReserve);
  const others = nonNegative("otherDemand", input.otherDemand ?? 0);
  const left = connectionBudget(input.usable, settings) - reserve - others;
  return Math.max(0, Math.floor(left / Math.max(1, poolCount(input.client))));
}

/** Pools a client may have open at once: tasks × processes. */
export function poolCount(client: Omit<PoolHolder, "poolMax">): number {
  const tasks = wholeNumber("tasksHoldingPools", client.tasksHoldingPools);
  return tasks * wholeNumber("processesPerTask", client.processesPerTask ?? DEFAULT_PROCESSES_PER_TASK, 1);
}
