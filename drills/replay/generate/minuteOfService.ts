import { lossProbability } from "../../../policies/model/erlang";
import { type PoolQueue, poolQueue } from "./poolQueue";
import type { ServiceModel } from "./serviceModel";
import type { World } from "./world";

/** A minute of the whole service, before noise: rates are a second, of all tasks. */
export interface ServiceMinute {
  readonly requestsPerSecond: number;
  readonly tasks: number;
  /** Pools of all tasks. */
  readonly pools: number;
  /** Mean over the pools. */
  readonly poolMax: number;
  readonly used: number;
  readonly open: number;
  readonly waiting: number;
  readonly waitP99Seconds: number;
  readonly meanWaitSeconds: number;
  readonly holdSeconds: number;
  readonly acquisitionsPerSecond: number;
  readonly releasesPerSecond: number;
  readonly timeoutsPerSecond: number;
  readonly refusalsPerSecond: number;
  readonly openedPerSecond: number;
  /** Connections that the database refused. */
  readonly refusedByDatabasePerSecond: number;
  readonly endedIdleInTransactionPerSecond: number;
  readonly failingShare: number;
  readonly sessionsAtWork: number;
  readonly databaseConnections: number;
}

/**
 * What the capacity model says of one minute: each process's pool as a queue, the tasks of both revisions while a
 * change is rolled out, and the database that they share.
 */
export function minuteOfService(model: ServiceModel, world: World, requestsPerSecond: number): ServiceMinute {
  const scaled = Math.min(
    model.maxTasks,
    Math.max(
      model.minTasks,
      Math.ceil((requestsPerSecond / model.peakRequestsPerSecond) * model.tasksAtPeak),
    ),
  );
  const wanted = Math.max(1, scaled + Math.round(world.extraTasks));
  const tasks = world.deploying >= 0.5 ? Math.floor((wanted * model.maximumPercent) / 100) : wanted;
  const pools = tasks * model.processesPerTask;
  const leaked = world.forgottenTransactionsPerSecond;
  const stuck = leaked * model.idleInTransactionSeconds;
  const holdSeconds = model.holdSeconds * world.holdFactor;

  const sharePerPool = requestsPerSecond / pools;
  const queueOf = (poolMax: number): PoolQueue & { readonly refusedByDatabase: number } => {
    const available = Math.max(0, model.usableConnections - world.otherConnections) / pools;
    const connections = Math.max(0, Math.min(poolMax, available) - stuck / pools);
    const queue = poolQueue({
      connections,
      requestsPerSecond: sharePerPool,
      acquisitionsPerRequest: model.acquisitionsPerRequest,
      holdSeconds,
      acquireTimeoutSeconds: model.acquireTimeoutSeconds,
      queueMax: model.queueMax,
    });
    // A pool below its maximum does not queue: it opens a connection, which the database refuses at once when all tasks
    // together have what there is.
    const wanting = pools * openIn(queue.used, poolMax) + 3 * Math.sqrt(pools * Math.max(1, queue.used));
    if (available >= poolMax || wanting <= available * pools) return { ...queue, refusedByDatabase: 0 };
    const offered = queue.acquisitionsPerSecond * holdSeconds;
    const refused = lossProbability(Math.floor(connections), offered);
    return {
      ...queue,
      used: offered * (1 - refused),
      waiting: 0,
      waitP99Seconds: 0.02,
      meanWaitSeconds: 0.005,
      timeoutsPerSecond: 0,
      refusalsPerSecond: 0,
      failingShare: refused,
      refusedByDatabase: refused * queue.acquisitionsPerSecond,
    };
  };
  const old = queueOf(model.poolMax);
  const share = world.newPoolMax > 0 ? world.rolledOut : 0;
  const next = share > 0 ? queueOf(world.newPoolMax) : old;
  const mean = (of: (queue: typeof old) => number) => of(old) * (1 - share) + of(next) * share;
  const poolMax = model.poolMax * (1 - share) + world.newPoolMax * share;

  const acquisitions = pools * mean((queue) => queue.acquisitionsPerSecond);
  const timeouts = pools * mean((queue) => queue.timeoutsPerSecond);
  const refusals = pools * mean((queue) => queue.refusalsPerSecond);
  const refusedByDatabase = pools * mean((queue) => queue.refusedByDatabase);
  // Acquisitions that wait for a connection to be opened until they give up: they are timeouts of the pool as well.
  const connecting = world.waitingForConnect * acquisitions;
  const served = Math.max(0, acquisitions - timeouts - refusals - refusedByDatabase - connecting);
  const used = mean((queue) => queue.used) * (1 - world.waitingForConnect) + stuck / pools;
  const open = openIn(used, poolMax);
  const atWork = served * (model.databaseWorkSeconds + world.extraDatabaseWorkMs / 1000);
  return {
    requestsPerSecond,
    tasks,
    pools,
    poolMax,
    used: Math.min(poolMax, used),
    open,
    waiting: mean((queue) => queue.waiting) + (connecting * model.acquireTimeoutSeconds) / pools,
    waitP99Seconds:
      world.waitingForConnect > 0.01
        ? model.acquireTimeoutSeconds
        : Math.max(old.waitP99Seconds * (share < 0.99 ? 1 : 0), next.waitP99Seconds),
    meanWaitSeconds: mean((queue) => queue.meanWaitSeconds),
    // What was forgotten comes back when the database ends it.
    holdSeconds:
      served + leaked === 0
        ? holdSeconds
        : (served * holdSeconds + leaked * model.idleInTransactionSeconds) / (served + leaked),
    acquisitionsPerSecond: acquisitions,
    releasesPerSecond: served + leaked,
    timeoutsPerSecond: timeouts + connecting,
    refusalsPerSecond: refusals,
    // Unused connections are closed after the idle timeout and opened again when they are needed.
    openedPerSecond:
      (pools * Math.min(1, used) * 0.3) / model.idleTimeoutSeconds +
      world.brokenConnectionsPerSecond +
      leaked,
    refusedByDatabasePerSecond: refusedByDatabase,
    endedIdleInTransactionPerSecond: leaked,
    failingShare: failing(
      mean((queue) => queue.failingShare),
      world,
    ),
    sessionsAtWork: atWork + world.otherSessionsAtWork,
    databaseConnections: Math.min(
      model.usableConnections,
      Math.round(pools * open + world.otherConnections + 2),
    ),
  };
}

/** Connections that a pool keeps open: as many as were in use at once within the idle timeout. */
function openIn(used: number, poolMax: number): number {
  return Math.min(poolMax, used + 2.5 * Math.sqrt(used) + 0.5);
}

/** Failures of different kinds fall on the same requests as often as chance has it. */
function failing(ofPool: number, world: World): number {
  return 1 - (1 - ofPool) * (1 - world.failingShare) * (1 - world.waitingForConnect);
}
