import type { DatabaseBudget, PoolBudget } from "../../budget/budget";
import { clientDemand } from "../../model/connectionBudget";
import { combine, computed, known, knownValue, type Reading, whenUnset } from "../../plan/reading";

/** Connections that a database has on any day, without a deployment. */
interface SteadyState {
  readonly connections: Reading<number>;
  /** URN of the client whose pool hides them, where one does. */
  readonly hiddenBy: string | undefined;
}

/**
 * `pool.max` × processes × the tasks that autoscaling keeps, over all pools that reach the database directly, and what
 * clients elsewhere hold. Of pools behind a proxy only those count whose sessions certainly pin: the others share.
 */
export function steadyState(on: DatabaseBudget): SteadyState {
  let total = on.database.otherDemand;
  for (const pool of on.pools) {
    const { proxied } = pool;
    if (knownValue(proxied) === true && knownValue(pool.sessions) !== "pinned") continue;
    const connections = held(pool);
    const hiddenBy = pool.client.resource.urn;
    if (connections.state !== "known") return { connections, hiddenBy };
    if (proxied.state !== "known") return { connections: proxied, hiddenBy };
    total += connections.value;
  }
  return { connections: known(total), hiddenBy: undefined };
}

const held = (pool: PoolBudget): Reading<number> =>
  computed("containerDefinitions", () =>
    combine<{ poolMax: number; processesPerTask: number; tasksHoldingPools: number }, number>(
      {
        poolMax: pool.poolMax,
        processesPerTask: pool.processesPerTask,
        tasksHoldingPools: whenUnset(pool.client.tasks.sustainedCapacity, 1, "one instance"),
      },
      clientDemand,
    ),
  );
