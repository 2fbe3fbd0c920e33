import { findInstanceClass } from "../model/instanceClasses";
import { combine, knownValue } from "../plan/reading";
import type { Settings } from "../plan/settings";
import type { DatabaseReading } from "../plan/types";
import type { DatabaseBudget } from "./budget";
import type { PoolBudget } from "./poolBudget";

/**
 * How many connections a database's processors work on at once, against what its pools keep busy.
 *
 * The floor takes the declared hold time as given. That holds as long as the processors keep up: past two or three busy
 * connections for each they wait for one another (G. Smith, PostgreSQL 9.0 High Performance, and Huawei's RDS guide: 2–3 ×
 * cores; HikariCP's wiki: 2 × cores + spindles), each is held for longer, and more are busy at the same rate. From there on
 * a larger pool adds waiting inside the database and no throughput.
 *
 * A hint and no proof: a connection is held through network round trips and commits as well, which take no processor.
 */
export interface Reach {
  readonly vcpus: number;
  /** `busyPerVcpu` for each vCPU. */
  readonly connections: number;
  /** Mean number of connections that the declared peak keeps busy, whatever the pools' sizes; what is hidden is left out. */
  readonly busy: number;
  /** The same as far as the pools let it: no pool keeps more busy than it has. */
  readonly busyInPools: number;
}

/** Undefined for a class without a fixed number of processors, such as Aurora Serverless. */
export function reachOf(on: DatabaseBudget, { busyPerVcpu }: Settings): Reach | undefined {
  const each = vcpusOf(on.database);
  if (each === undefined) return undefined;
  // The work of readers is spread over them.
  const vcpus = each * Math.max(1, on.readers ?? 1);
  const sum = (of: (pool: PoolBudget) => number): number =>
    on.pools.reduce((total, pool) => total + of(pool), 0);
  return {
    vcpus,
    connections: vcpus * busyPerVcpu,
    busy: sum(busyOf),
    busyInPools: sum(busyConnections),
  };
}

/**
 * The largest `pool.max` with which a pool's tasks have no more connections at work than are within reach, the other pools
 * at their mean; at least 1. Undefined where reach or demand is not known, or where the peak itself is beyond reach.
 */
export function reachOfPool(pool: PoolBudget, reach: Reach): number | undefined {
  const demand = knownValue(pool.demand);
  if (demand === undefined || reach.busy > reach.connections || pool.client.kind === "lambda")
    return undefined;
  const left = reach.connections - (reach.busy - busyOf(pool));
  return Math.max(1, Math.floor(left / (demand.tasksServingPeak * (demand.processesPerTask ?? 1))));
}

/** Mean number of a client's connections that are busy at the declared peak. */
function busyOf({ wholeLoad }: PoolBudget): number {
  const load = knownValue(wholeLoad);
  return load === undefined ? 0 : load.acquisitionsPerSecond * load.meanHoldSeconds;
}

/** The same with the pool as large as it is. */
function busyConnections({ demand, offeredLoad, poolMax }: PoolBudget): number {
  const busy = combine(
    { demand, load: offeredLoad },
    ({ demand: { tasksServingPeak, processesPerTask }, load }) => {
      const most = knownValue(poolMax) ?? load;
      return Math.min(load, most) * tasksServingPeak * (processesPerTask ?? 1);
    },
  );
  return knownValue(busy) ?? 0;
}

/** Processors of the instance that does the work: of a cluster's members any may be the writer, so the smallest. */
export function vcpusOf({
  instanceClass,
  members,
}: Pick<DatabaseReading, "instanceClass" | "members">): number | undefined {
  const classes = members.length > 0 ? members.map((member) => member.instanceClass) : [instanceClass];
  let least: number | undefined;
  for (const reading of classes) {
    const vcpus = findInstanceClass(knownValue(reading) ?? "")?.vcpus;
    if (vcpus === undefined) return undefined;
    least = Math.min(least ?? vcpus, vcpus);
  }
  return least;
}
