import type { StackConfig } from "../../../infra/config/stackConfig";
import { lossProbability } from "../../../policies/model/erlang";
import { type PoolQueue, poolQueue } from "./poolQueue";
import type { World } from "./schedule";

const GIB = 1024 ** 3;

/** A third of a hold, and at most 4 ms: point queries by key, with a commit. Assumed, as a plan does not say. */
const WORKING_SHARE = 1 / 3;
const MAX_WORK_SECONDS = 0.004;

export type ServiceModel = Readonly<ReturnType<typeof serviceModel>>;

/** What a stack's settings make of the service and its database, in the units that the generator counts in. */
export function serviceModel(settings: StackConfig) {
  const { hardware, usable } = settings.capacity;
  const holdSeconds = settings.dbHoldMs / 1000;
  return {
    peakRequestsPerSecond: settings.peakRequestsPerSecond,
    acquisitionsPerRequest: settings.dbAcquisitionsPerRequest,
    holdSeconds,
    /** Of each hold, how long the database is at work; the rest is network, and what the service does meanwhile. */
    databaseWorkSeconds: Math.min(MAX_WORK_SECONDS, WORKING_SHARE * holdSeconds),
    poolMax: settings.poolMax,
    queueMax: settings.queueMax,
    acquireTimeoutSeconds: settings.acquireTimeoutMs / 1000,
    idleTimeoutSeconds: Math.max(1, settings.idleTimeoutMs / 1000),
    idleInTransactionSeconds: settings.idleInTransactionTimeoutMs / 1000,
    processesPerTask: settings.processesPerTask,
    minTasks: settings.minTasks,
    maxTasks: Math.max(settings.maxTasks, settings.minTasks),
    tasksAtPeak: settings.tasksAtPeak,
    maximumPercent: settings.maximumPercent,
    taskVcpus: settings.taskCpu / 1024,
    usableConnections: usable ?? Number.MAX_SAFE_INTEGER,
    vcpus: hardware?.vcpus ?? 2,
    memoryBytes: hardware?.memoryBytes ?? GIB,
    storageBytes: settings.storageGib * GIB,
  };
}

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
  /** The processes that are worst off: those with a leak, or any. */
  readonly busiest: { readonly used: number; readonly waiting: number };
  readonly sessionsAtWork: number;
  /** Active sessions that wait for something, instead of working. */
  readonly sessionsWaiting: number;
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
  const queueOf = (poolMax: number, lost = 0): PoolQueue & { readonly refusedByDatabase: number } => {
    const available = Math.max(0, model.usableConnections - world.otherConnections) / pools;
    const connections = Math.max(0, Math.min(poolMax, available) - stuck / pools - lost);
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
  const leaking = Math.min(1, world.leakingTasks / tasks);
  const lost = leaking > 0 ? Math.min(model.poolMax, world.leakedConnections) : 0;
  const leaky = lost > 0 ? queueOf(model.poolMax, lost) : old;
  const mean = (of: (queue: typeof old) => number) =>
    (of(old) * (1 - share) + of(next) * share) * (1 - leaking) + of(leaky) * leaking;
  const poolMax = model.poolMax * (1 - share) + world.newPoolMax * share;

  const acquisitions = pools * mean((queue) => queue.acquisitionsPerSecond);
  const timeouts = pools * mean((queue) => queue.timeoutsPerSecond);
  const refusals = pools * mean((queue) => queue.refusalsPerSecond);
  const refusedByDatabase = pools * mean((queue) => queue.refusedByDatabase);
  // Acquisitions that wait for a connection to be opened until they give up: they are timeouts of the pool as well.
  const connecting = world.waitingForConnect * acquisitions;
  const served = Math.max(0, acquisitions - timeouts - refusals - refusedByDatabase - connecting);
  const used = mean((queue) => queue.used) * (1 - world.waitingForConnect) + stuck / pools + lost * leaking;
  const open = openIn(used, poolMax);
  const waiting = mean((queue) => queue.waiting) + (connecting * model.acquireTimeoutSeconds) / pools;
  const atWork = served * (model.databaseWorkSeconds + world.extraDatabaseWorkMs / 1000);
  return {
    requestsPerSecond,
    tasks,
    pools,
    poolMax,
    used: Math.min(poolMax, used),
    open,
    waiting,
    waitP99Seconds:
      world.waitingForConnect > 0.01
        ? model.acquireTimeoutSeconds
        : Math.max(
            old.waitP99Seconds * (share < 0.99 ? 1 : 0),
            next.waitP99Seconds,
            leaking > 0.01 ? leaky.waitP99Seconds : 0,
          ),
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
    busiest:
      lost > 0
        ? { used: Math.min(model.poolMax, leaky.used + lost), waiting: leaky.waiting }
        : { used: Math.min(poolMax, used), waiting },
    sessionsAtWork: atWork + world.otherSessionsAtWork,
    sessionsWaiting: (served * world.databaseWaitMs) / 1000,
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
