import { clientDemand } from "../../model/connectionBudget";
import { combine, knownValue, type Reading, whenUnset } from "../../plan/reading";
import type { DatabaseBudget, PoolBudget } from "../budget";
import { computed } from "../withinModel";

/** Connections that a database has on any day, without a deployment. */
export interface SteadyState {
  /** Those of the pools that are known: what is hidden only adds to them. */
  readonly atLeast: number;
  /** What keeps a pool from being counted. */
  readonly hidden: Exclude<Reading<number>, { readonly state: "known" }> | undefined;
  /** URN of that pool's client. */
  readonly hiddenBy: string | undefined;
}

/**
 * `pool.max` × processes × the tasks that autoscaling keeps, over all pools that reach the database directly, and what
 * clients elsewhere hold. Of pools behind a proxy only those count whose sessions certainly pin: the others share.
 */
export function steadyState(on: DatabaseBudget): SteadyState {
  let atLeast = on.database.otherDemand;
  let hidden: Pick<SteadyState, "hidden" | "hiddenBy"> | undefined;
  for (const pool of on.pools) {
    if (knownValue(pool.proxied) === true && knownValue(pool.sessions) !== "pinned") continue;
    const connections = held(pool);
    const isCertain = connections.state === "known" && pool.proxied.state === "known";
    if (isCertain) atLeast += connections.value;
    const why = connections.state !== "known" ? connections : hiddenState(pool.proxied);
    if (why) hidden ??= { hidden: why, hiddenBy: pool.client.resource.urn };
  }
  return { atLeast, hidden: hidden?.hidden, hiddenBy: hidden?.hiddenBy };
}

const hiddenState = (reading: Reading<boolean>): SteadyState["hidden"] =>
  reading.state === "known" ? undefined : reading;

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
