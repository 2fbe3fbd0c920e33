import { clientDemand, type PoolHolder } from "../model/connectionBudget";
import { TASK_START_SECONDS } from "../model/defaults";
import { scvFromPercentile } from "../model/erlang";
import {
  type PoolAtPeak,
  type PoolDemand,
  poolAtPeak,
  poolFloor,
  poolLoad,
  sizeWithoutDeadlock,
} from "../model/poolFloor";
import {
  busiestShare,
  type DeploymentPeak,
  deploymentPeak,
  functionAtPeak,
  type TasksHoldingPoolsInput,
  tasksServingPeak,
} from "../model/tasks";
import {
  andThen,
  combine,
  computed,
  known,
  knownValue,
  malformed,
  type Reading,
  readText,
  unknown,
  whenUnset,
} from "../plan/reading";
import type { Settings } from "../plan/settings";
import type { ClientReading } from "../plan/types";

/**
 * The numbers of one pool, each with its state.
 *
 * A service's demand is declared once, and each of its pools gets the whole of it: where two containers hold pools,
 * a request may need both, and nothing in a plan says how it is shared. The policy configuration may declare a peak
 * for one pool by its name.
 */
export interface PoolBudget {
  readonly client: ClientReading;
  readonly poolMax: Reading<number>;
  readonly processesPerTask: Reading<number>;
  /** Requests that one process serves at once; unset where nothing bounds them but the load. */
  readonly concurrencyPerProcess: Reading<number>;
  /** The most connections that one process opens: its pool's size, and no more than its threads can use. */
  readonly connectionsPerProcess: Reading<number>;
  /** Tasks that may hold a pool at the same time, the surge of a deployment included. */
  readonly tasksAtPeak: Reading<number>;
  /** What these tasks are: those that run, and those that a deployment has stopped and that drain. */
  readonly deployment: Reading<DeploymentPeak>;
  /** The fewest tasks that may have to serve the declared peak. */
  readonly tasksServingPeak: Reading<number>;
  readonly demand: Reading<PoolDemand>;
  /** The whole of the declared peak, before it is spread over tasks. */
  readonly wholeLoad: Reading<WholeLoad>;
  readonly offeredLoad: Reading<number>;
  readonly floor: Reading<number>;
  readonly ceiling: Reading<number>;
  readonly atPeak: Reading<PoolAtPeak>;
  readonly proxied: Reading<boolean>;
  /** Whether sessions through a proxy pin; unset where the service does not say. */
  readonly sessions: Reading<ProxySessions>;
  /** Connections the pool's tasks may open at peak. */
  readonly connections: Reading<number>;
  /** Those of them that are certain: one for each process where nobody knows how many requests it serves at once. */
  readonly connectionsAtLeast: Reading<number>;
}

export interface WholeLoad {
  readonly requestsPerSecond: number;
  readonly acquisitionsPerSecond: number;
  readonly meanHoldSeconds: number;
  readonly peakBurst: number;
  readonly holdScv: number;
}

export function poolBudget(client: ClientReading, settings: Settings): PoolBudget {
  const { capacity } = settings;
  const { tasks, declared } = client;
  const poolMax = client.settings.poolMax.reading;
  const processesPerTask = client.settings.processesPerTask.reading;
  const deployment = computed("maxCapacity", () =>
    combine(
      {
        maxCapacity: tasks.maxCapacity,
        maximumPercent: tasks.maximumPercent,
        both: tasks.keepsBothRevisions,
      },
      (of) => deploymentPeak({ ...of, ...paceOf(client), strategy: of.both ? "BLUE_GREEN" : "ROLLING" }),
    ),
  );
  const tasksAtPeak = andThen(deployment, ({ running, draining }) => known(running + draining));
  const serving = computed("minCapacity", () =>
    combine(
      {
        declaredTasksAtPeak: optional(declared.tasksAtPeak),
        minCapacity: tasks.minCapacity,
        maxCapacity: tasks.sustainedCapacity,
        minimumHealthyPercent: tasks.minimumHealthyPercent,
        zones: capacity.surviveZoneLoss ? whenUnset(tasks.zones, 1, "no subnets") : known(1),
      },
      (input) => tasksServingPeak({ ...input, surviveZoneLoss: capacity.surviveZoneLoss }),
    ),
  );
  const whole = {
    peakRequestsPerSecond: declared.peakRequestsPerSecond,
    holdMs: declared.holdMs,
    acquisitionsPerRequest: whenUnset(declared.acquisitionsPerRequest, 1, "one acquisition"),
  };
  const spread = combine({ serving, zones: zonesSharing(client, settings) }, (of) =>
    busiestShare(of.serving, of.zones),
  );
  const burst = whenUnset(declared.peakBurst, 1, "no burst");
  const scv = holdScv(client);
  const demand = computed("tags", () =>
    combine<PoolDemandFields, PoolDemand>(
      {
        ...whole,
        tasksServingPeak: serving,
        processesPerTask,
        busiestShare: spread,
        heldAtOnce: heldAtOnce(client),
        requestsInFlight: known(mostInFlight(client)),
        peakBurst: burst,
        holdScv: scv,
      },
      (values) => values,
    ),
  );
  const acquireTimeoutMs = knownValue(client.settings.acquireTimeoutMs.reading) || undefined;
  const link = client.database;
  const isFunction = client.kind === "lambda";
  const concurrency = client.settings.concurrencyPerProcess.reading;
  const perProcess = connectionsPerProcess(client);
  const connectionsOf = (size: Reading<number>): Reading<number> =>
    computed("containerDefinitions", () =>
      combine<{ [field in keyof PoolHolder]-?: number }, number>(
        { poolMax: size, processesPerTask, tasksHoldingPools: tasksAtPeak },
        clientDemand,
      ),
    );
  return {
    client,
    poolMax,
    processesPerTask,
    tasksAtPeak,
    deployment,
    tasksServingPeak: serving,
    demand,
    wholeLoad: computed("tags", () =>
      combine({ ...whole, peakBurst: burst, holdScv: scv }, (of) => ({
        ...poolLoad({ ...of, tasksServingPeak: 1, processesPerTask: 1 }),
        peakBurst: of.peakBurst,
        holdScv: of.holdScv,
      })),
    ),
    offeredLoad: computed("tags", () => andThen(demand, (of) => known(poolLoad(of).offeredLoad))),
    concurrencyPerProcess: concurrency,
    connectionsPerProcess: perProcess.most,
    floor: floorOf(
      client,
      computed("tags", () => andThen(demand, (of) => known(poolFloor(of, capacity)))),
    ),
    ceiling: unknown("database", "the pool's database is not known"),
    atPeak: computed("tags", () =>
      isFunction
        ? combine({ demand, concurrency: tasks.sustainedCapacity }, (of) =>
            functionAtPeak(of.concurrency, of.demand),
          )
        : combine({ demand, poolMax }, (of) =>
            poolAtPeak(of.poolMax, of.demand, capacity.waitTargetMs, acquireTimeoutMs),
          ),
    ),
    proxied: link.state === "linked" ? link.proxied : known(false),
    sessions: proxySessions(client),
    connections: connectionsOf(perProcess.most),
    connectionsAtLeast: connectionsOf(perProcess.least),
  };
}

/**
 * What one process opens. A library that gives each thread one connection never opens more than it has threads, and a
 * process that serves one request at a time needs no more than that request holds. Any other library opens what is asked for: a thread may hold
 * several sessions, so its threads bound nothing. A pool that fills itself at the start is full whatever asks.
 */
function connectionsPerProcess(client: ClientReading): {
  readonly least: Reading<number>;
  readonly most: Reading<number>;
} {
  const { opens = "pool", kind } = client;
  const size = client.settings.poolMax.reading;
  const concurrency = client.settings.concurrencyPerProcess.reading;
  const held = knownValue(heldAtOnce(client));
  if (kind === "lambda" || opens === "at once" || concurrency.state === "unset")
    return { least: size, most: size };
  if (opens === "no pool") return { least: concurrency.state === "unknown" ? known(1) : size, most: size };
  if (concurrency.state === "unknown") {
    const one = andThen(size, () => known(1));
    return { least: one, most: size };
  }
  const bounded = andThen(size, (connections) =>
    concurrency.state === "known" && held !== undefined && (opens === "thread" || concurrency.value === 1)
      ? known(Math.min(connections, concurrency.value * held))
      : size,
  );
  return { least: bounded, most: bounded };
}

const heldAtOnce = ({ declared }: ClientReading): Reading<number> =>
  whenUnset(declared.heldAtOnce, 1, "one at a time");

/** How hold times are spread, by what is declared of them; 1, which is exponential, where nothing is. */
function holdScv({ declared }: ClientReading): Reading<number> {
  const { holdCv, holdP99Ms, holdMs } = declared;
  if (holdCv.state !== "unset") return andThen(holdCv, (cv) => known(cv * cv));
  if (holdP99Ms.state === "unset") return known(1);
  return combine({ holdMs, holdP99Ms }, (of) => scvFromPercentile(of.holdMs, of.holdP99Ms));
}

/** The most requests that one process serves at once; undefined where nothing is known to bound them. */
export function mostInFlight({ kind, declared, settings }: ClientReading): number | undefined {
  const concurrency = settings.concurrencyPerProcess.reading;
  // An environment of a function serves one request at a time, unless it says otherwise.
  const served = kind === "lambda" && concurrency.state === "unset" ? 1 : knownValue(concurrency);
  const bounds = [served, knownValue(declared.requestsInFlight)].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? undefined : Math.min(...bounds);
}

/**
 * The least size that carries the demand. Where no process serves more requests than its pool has connections, nobody
 * waits; threads that outnumber the connections do, whatever the load, as each of them wants one. A request that holds
 * several at once counts with all of them.
 */
function floorOf(client: ClientReading, byLoad: Reading<number>): Reading<number> {
  const { kind, counts, settings } = client;
  const concurrency = settings.concurrencyPerProcess.reading;
  const held = heldAtOnce(client);
  // An environment of a function serves one request at a time: more than that one holds it cannot use.
  if (kind === "lambda" && concurrency.state === "unset") return held;
  if (concurrency.state !== "known") return byLoad;
  const atOnce = concurrency.value;
  if (counts === "threads")
    return andThen(held, (each) => known(Math.max(atOnce, sizeWithoutDeadlock(each, atOnce))));
  return combine({ floor: byLoad, each: held }, ({ floor, each }) => Math.min(floor, atOnce * each));
}

/**
 * How many zones share the requests out among themselves, before their tasks do: without the one that is lost, where the
 * peak has to be served without one. 1 where tasks share them whatever their zone.
 */
export function zonesSharing(
  { spreadByZone, tasks }: ClientReading,
  { capacity }: Settings,
): Reading<number> {
  if (!spreadByZone) return known(1);
  const lost = capacity.surviveZoneLoss ? 1 : 0;
  return andThen(whenUnset(tasks.zones, 1, "no subnets"), (zones) => known(Math.max(1, zones - lost)));
}

/** Libraries that close every connection that stays idle for long enough; others keep some, or all, open. */
const CLOSES_IDLE: ReadonlySet<string | undefined> = new Set(["node-postgres"]);

/**
 * For how long a stopped task keeps its pool at most, in seconds; undefined where that is not known.
 * @param head - What counts of that time as gone before its successor opens a pool.
 */
export function drainOf(client: ClientReading, head = 0): number | undefined {
  const { settings, drainSeconds, stopTimeoutSeconds } = client;
  const delay = drainSeconds.state === "unset" ? 0 : knownValue(drainSeconds);
  const stop = knownValue(stopTimeoutSeconds);
  const exit = delay === undefined || stop === undefined ? undefined : Math.max(0, delay + stop - head);
  const idle = knownValue(settings.idleTimeoutMs.reading) || undefined;
  const request = knownValue(settings.requestTimeoutMs.reading) || undefined;
  // How soon a pod is ready, nothing but ECS's own measure says: all that are stopped may still drain.
  const isMeasured = client.kind !== "kubernetes";
  const closes =
    isMeasured && CLOSES_IDLE.has(knownValue(client.library)) && idle !== undefined && request !== undefined;
  const drains = [
    exit,
    // Both begin when the task is told to stop, or taken out of its load balancer.
    closes ? Math.max(0, (idle + request) / 1000 - head) : undefined,
    isMeasured ? lastClientOf(client, head) : undefined,
  ].filter((each) => each !== undefined);
  return drains.length === 0 ? undefined : Math.min(...drains);
}

/**
 * PgBouncer ends when its last client has left, and before 1.23 as soon as it is told to (pgbouncer.org/usage.html, SIGTERM).
 * Where all its clients are of its own task, they are told when it is.
 */
function lastClientOf({ pooler }: ClientReading, head: number): number | undefined {
  if (pooler?.stopsWith === undefined || !pooler.isPgBouncer) return undefined;
  const each = pooler.stopsWith.map((client) => drainOf(client, head));
  return each.some((seconds) => seconds === undefined) ? undefined : Math.max(...(each as number[]));
}

/**
 * How a rolling deployment replaces a client's tasks. What is not known counts as what leaves most pools standing: no
 * task is kept healthy, and nothing that drains is gone before the deployment ends.
 */
export function paceOf(
  client: ClientReading,
): Pick<TasksHoldingPoolsInput, "minimumHealthyPercent" | "timeToHealthySeconds" | "drainSeconds"> {
  // Without a load balancer a task is stopped at once, and what replaces it opens its pool only when it has started.
  const head = client.drainSeconds.state === "unset" ? TASK_START_SECONDS : 0;
  return {
    minimumHealthyPercent: knownValue(client.tasks.minimumHealthyPercent) ?? 0,
    timeToHealthySeconds: TASK_START_SECONDS + (knownValue(client.healthCheckSeconds) ?? 0),
    drainSeconds: client.tasks.inPlace ? 0 : drainOf(client, head),
  };
}

type PoolDemandFields = { [field in Exclude<keyof PoolDemand, "requestsInFlight">]-?: number } & {
  readonly requestsInFlight: number | undefined;
};

/** A tag that may be missing: unset is a value, and so is one that `demand-declared` already refuses. */
function optional(reading: Reading<number>): Reading<number | undefined> {
  return reading.state === "unset" || reading.state === "malformed" ? known(undefined) : reading;
}

export const PROXY_SESSIONS_TAG = "poolproof:proxy-sessions";

/**
 * What an RDS Proxy makes of a client's sessions: `multiplexed` ones share the proxy's connections, a `pinned` one
 * keeps a connection to itself until it ends (AWS: Amazon RDS User Guide, "Avoiding pinning an RDS Proxy").
 */
export type ProxySessions = "multiplexed" | "pinned";

export function proxySessions({ resource, pins }: ClientReading): Reading<ProxySessions> {
  const tag = readText(resource, "tags", PROXY_SESSIONS_TAG);
  if (tag.state === "unset" && pins !== undefined) return known("pinned", pins);
  if (tag.state !== "known") return { ...tag, property: PROXY_SESSIONS_TAG };
  return andThen(tag, (value) =>
    value === "multiplexed" || value === "pinned"
      ? known(value)
      : malformed(PROXY_SESSIONS_TAG, value, "`multiplexed` or `pinned`"),
  );
}
