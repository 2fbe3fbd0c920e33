import { computed } from "../../../infra/capacity";
import { clientDemand, poolCeiling, usableConnections } from "../../../policies/model/connectionBudget";
import { type ConnectionLimit, connectionLimit } from "../../../policies/model/connectionLimit";
import type { CapacitySettings } from "../../../policies/model/defaults";
import { databaseEngine } from "../../../policies/model/engines";
import { type PoolDemand, poolFloor } from "../../../policies/model/poolFloor";
import { tasksHoldingPools, tasksServingPeak } from "../../../policies/model/tasks";
import type { Demand, Expected, ExpectedDatabase } from "../expected";
import { type LiveState, seenValue } from "../live/liveState";
import type { Measured } from "./measured";

/** The connection limit: what is written, what is in force, and how that is known. */
export interface Limit {
  /** The live group's `max_connections`, a number or a formula; undefined where it could not be read. */
  readonly written: string | undefined;
  /** What the written text gives on the live class, by the model; undefined where it gives none. */
  readonly model: ConnectionLimit | undefined;
  /** What the program's text gives on the program's class: what the policies judged by. */
  readonly judged: ConnectionLimit | undefined;
  /** What the server has now; undefined where parameters are pending and it was not asked. */
  readonly inForce: number | undefined;
  /** How `inForce` is known. */
  readonly from: "SHOW max_connections" | "CloudWatch" | (typeof FROM)[keyof typeof FROM] | undefined;
  /** Of the limit in force, what clients can have. */
  readonly usable: number | undefined;
  readonly pendingReboot: boolean;
}

export interface Confirmed {
  /** What `SHOW max_connections` says now. */
  readonly now: number | undefined;
  /** What it said when the policy configuration was written. */
  readonly before: number | undefined;
}

export function limitOf(expected: Expected, live: LiveState, confirmed: Confirmed): Limit {
  const program = expected.database;
  const running = seenValue(live.database) ?? program;
  const parameters = seenValue(live.parameters);
  const written = parameters?.get("max_connections")?.value;
  const programs = program.parameters.find(({ name }) => name === "max_connections")?.value;
  const modelled = (
    { engineVersion, instanceClass }: Pick<ExpectedDatabase, "engineVersion" | "instanceClass">,
    text: string | undefined,
  ): ConnectionLimit | undefined => {
    const engine = databaseEngine(program.engine);
    const result =
      engine &&
      connectionLimit({
        engine,
        engineVersion,
        instanceClass,
        parameterValue: text,
        confirmedMaxConnections: confirmed.before,
        allocatedStorageGib: program.storageGib,
      });
    return result?.ok ? result.limit : undefined;
  };
  const model = modelled(running, parameters === undefined ? programs : written);
  const judged = modelled(program, programs);
  const pendingReboot = seenValue(live.database)?.applyStatus === "pending-reboot";
  const known = (inForce: number | undefined, from: Limit["from"]): Limit => {
    const usable = usableOf(expected, inForce);
    return { written, model, judged, inForce, from, usable, pendingReboot };
  };
  if (confirmed.now !== undefined) return known(confirmed.now, "SHOW max_connections");
  const throughProxy = proxied(expected, live, model);
  if (throughProxy !== undefined) return known(throughProxy, "CloudWatch");
  if (pendingReboot || model === undefined) return known(undefined, undefined);
  return known(model.maxConnections, FROM[model.source]);
}

const FROM = {
  explicit: "the parameter group",
  estimated: "the model's estimate",
  confirmed: "the policy configuration",
} as const;

/**
 * An RDS Proxy tells how many connections it may open, which is its share of the limit in force, cut to a whole number. So
 * the limit is known within 100 / share; inside of that the model's number stands.
 */
function proxied(
  { proxy }: Expected,
  { metrics }: LiveState,
  model: ConnectionLimit | undefined,
): number | undefined {
  const latest = seenValue(metrics.proxyLimit)?.points.at(-1)?.value;
  if (proxy === undefined || latest === undefined || latest < 1) return undefined;
  const least = Math.ceil((100 * latest) / proxy.maxConnectionsPercent);
  const most = Math.ceil((100 * (latest + 1)) / proxy.maxConnectionsPercent) - 1;
  const fits = model !== undefined && model.maxConnections >= least && model.maxConnections <= most;
  return fits ? model.maxConnections : least;
}

function usableOf({ database }: Expected, maxConnections: number | undefined): number | undefined {
  const engine = databaseEngine(database.engine);
  if (engine === undefined || maxConnections === undefined) return undefined;
  return usableConnections({ engine, engineVersion: database.engineVersion, maxConnections }).usable;
}

/** The pool as it runs, between the floor of its demand and the ceiling of its database. */
export interface Windows {
  /** `pool.max` of the running tasks. */
  readonly set: number;
  /** What each process must carry, as declared, and as seen where that is more. */
  readonly declared: PoolDemand;
  readonly seen: PoolDemand;
  readonly floorDeclared: number | undefined;
  readonly floorSeen: number | undefined;
  /** From the limit in force; undefined where that is not known, and behind a proxy, whose share bounds it. */
  readonly ceiling: number | undefined;
  /** Tasks that may hold pools at once, deployment included. */
  readonly tasksHoldingPools: number;
  /** Connections to the database that they (at most what a proxy may open) and the operations reserve add up to. */
  readonly demandAtPeak: number;
}

/** Everything as it runs: where tasks or pool were changed manually, that is what the next peak meets. */
export function windowsOf(
  expected: Expected,
  live: LiveState,
  measured: Measured,
  { usable, inForce }: Pick<Limit, "usable" | "inForce">,
  capacity: CapacitySettings,
): Windows {
  const { service, proxy } = expected;
  const runs = { ...service, ...seenValue(live.service), ...seenValue(live.scaling) };
  const capacities = { minCapacity: runs.minTasks, maxCapacity: runs.maxTasks };
  const { maximumPercent, minimumHealthyPercent } = runs;
  const set = poolOf(live, "DB_POOL_MAX") ?? service.pool.max;
  const processesPerTask = poolOf(live, "WEB_CONCURRENCY") ?? service.pool.processesPerTask;
  const holding = tasksHoldingPools({ ...capacities, maximumPercent });
  const demandOf = ({ tasksAtPeak: declaredTasksAtPeak, ...demand }: Demand): PoolDemand => ({
    ...demand,
    tasksServingPeak: tasksServingPeak({ declaredTasksAtPeak, ...capacities, minimumHealthyPercent }),
    processesPerTask,
  });
  const declared = demandOf(expected.demand);
  const seen = demandOf(larger(expected.demand, measured, runs.minTasks));
  const client = { tasksHoldingPools: holding, processesPerTask };
  const opened = clientDemand({ ...client, poolMax: set });
  const throughProxy =
    proxy === undefined || inForce === undefined
      ? opened
      : Math.min(opened, Math.floor((inForce * proxy.maxConnectionsPercent) / 100));
  return {
    set,
    declared,
    seen,
    floorDeclared: computed(() => poolFloor(declared, capacity)),
    floorSeen: computed(() => poolFloor(seen, capacity)),
    ceiling:
      usable === undefined || proxy !== undefined
        ? undefined
        : computed(() => poolCeiling({ usable, client }, capacity)),
    tasksHoldingPools: holding,
    demandAtPeak: throughProxy + capacity.operationsReserve,
  };
}

/** A number of the environment that the tasks run with. */
function poolOf(live: LiveState, name: string): number | undefined {
  const text = seenValue(live.task)?.environment[name];
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** Each number as declared, or as seen where that is more: a quiet fortnight is no reason to plan for less. */
function larger(declared: Demand, measured: Measured, minTasks: number): Demand {
  const { tasksAtPeak = minTasks } = declared;
  return {
    // Fewer tasks than were declared is what makes this one more: each of them carried a larger share.
    tasksAtPeak: Math.max(1, Math.min(tasksAtPeak, measured.tasksAtPeak ?? tasksAtPeak)),
    peakRequestsPerSecond: Math.max(declared.peakRequestsPerSecond, measured.requestsPerSecond?.value ?? 0),
    holdMs: Math.max(declared.holdMs, measured.holdMs ?? 0),
    acquisitionsPerRequest: Math.max(declared.acquisitionsPerRequest, measured.acquisitionsPerRequest ?? 0),
  };
}
