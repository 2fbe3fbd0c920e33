import { nonNegative, positive, wholeNumber } from "./check";
import {
  type CapacitySettings,
  DEFAULT_CAPACITY_SETTINGS,
  ECS_DEFAULT_MAXIMUM_PERCENT,
  ECS_DEFAULT_MINIMUM_HEALTHY_PERCENT,
  TASK_START_SECONDS,
} from "./defaults";
import { lossProbability, serversForLoss } from "./erlang";
import { type PoolAtPeak, type PoolDemand, poolLoad, sizedFor } from "./poolFloor";

/** ECS deployment strategies. All but `ROLLING` keep both revisions running through the bake time. */
type DeploymentStrategy = "ROLLING" | "BLUE_GREEN" | "CANARY" | "LINEAR";

export interface TasksHoldingPoolsInput extends DeploymentPace {
  /** The most tasks autoscaling may run, or the desired count without autoscaling. */
  readonly maxCapacity: number;
  /** ECS `maximumPercent`, for rolling deployments. @default 200 */
  readonly maximumPercent?: number | undefined;
  /** ECS `minimumHealthyPercent`. @default 100 */
  readonly minimumHealthyPercent?: number | undefined;
  /** @default "ROLLING" */
  readonly strategy?: DeploymentStrategy | undefined;
}

/** How quickly a rolling deployment replaces tasks, and how long those it stops keep their pools. */
interface DeploymentPace {
  /** From the start of a task until ECS counts it as healthy, at least. @default TASK_START_SECONDS */
  readonly timeToHealthySeconds?: number | undefined;
  /**
   * From the decision to stop a task until its pool is closed, at most: deregistration delay and stop timeout, or less
   * where the library closes idle connections; 0 for a task whose pool is closed before a new one opens its own.
   * @default until the end of the deployment
   */
  readonly drainSeconds?: number | undefined;
}

/** The moment of a deployment at which most tasks hold a pool. */
export interface DeploymentPeak {
  /** RUNNING or PENDING, which `maximumPercent` bounds. */
  readonly running: number;
  /** Stopped and not gone: each keeps its pool. */
  readonly draining: number;
}

/** @throws RangeError as `deploymentPeak`. */
export function tasksHoldingPools(input: TasksHoldingPoolsInput): number {
  const { running, draining } = deploymentPeak(input);
  return running + draining;
}

/**
 * Tasks that may hold a pool at the same time, whose sum is the report's `tasksAtPeak`.
 *
 * `maximumPercent` bounds tasks that are RUNNING or PENDING (AWS: ECS API reference, DeploymentConfiguration). A task that
 * is stopped is DEACTIVATING for the deregistration delay and has its stop timeout after that (ECS developer guide, "Task
 * lifecycle"): it is not counted, and its pool stays open. So a rolling deployment goes in rounds of u = maximum − minimum
 * tasks, one each time to healthy h: round j has started (j + 1)·u of the n new tasks and stopped n − minimum + j·u of
 * the old ones, of which those stopped more than the drain D ago are gone. The number of pools only falls between rounds,
 * and is highest when the last new tasks start, or one round before. Ten tasks at 110 %, healthy after 60 s and drained
 * for 300 s, hold 17 pools, not 11; at 125 % and 150 % they hold 20, as at 200 %.
 *
 * Scale-out goes on during a deployment, so it is counted from the maximum capacity (AWS: ECS,
 * troubleshoot-service-auto-scaling). ECS rounds the maximum down and the minimum up (deployment-type-ecs). A second
 * deployment within one drain leaves the tasks of the first one draining as well, which is not counted: wait for a drain
 * between deployments.
 * @throws RangeError for a capacity that is not a whole number, or a negative percentage or time.
 */
export function deploymentPeak(input: TasksHoldingPoolsInput): DeploymentPeak {
  const n = wholeNumber("maxCapacity", input.maxCapacity);
  const percent = nonNegative("maximumPercent", input.maximumPercent ?? ECS_DEFAULT_MAXIMUM_PERCENT);
  const healthy = nonNegative(
    "minimumHealthyPercent",
    input.minimumHealthyPercent ?? ECS_DEFAULT_MINIMUM_HEALTHY_PERCENT,
  );
  const toHealthy = positive("timeToHealthySeconds", input.timeToHealthySeconds ?? TASK_START_SECONDS);
  const drain =
    input.drainSeconds === undefined ? undefined : nonNegative("drainSeconds", input.drainSeconds);
  if ((input.strategy ?? "ROLLING") !== "ROLLING") return { running: 2 * n, draining: 0 };
  const most = Math.max(n, Math.floor((n * percent) / 100));
  const least = Math.min(n, Math.ceil((n * Math.min(healthy, 100)) / 100));
  const round = most - least;
  if (round === 0) return { running: n, draining: 0 };
  // Tasks stopped in a round are gone this many rounds later.
  const draining =
    drain === undefined ? Number.POSITIVE_INFINITY : drain === 0 ? 0 : Math.floor(drain / toHealthy) + 1;
  const last = Math.ceil(n / round) - 1;
  const at = (j: number): DeploymentPeak => {
    const started = Math.min(n, (j + 1) * round);
    const stopped = Math.min(n, n - least + j * round);
    const gone = j < draining ? 0 : Math.min(n, n - least + (j - draining) * round);
    return { running: started + n - stopped, draining: stopped - gone };
  };
  const moments = [{ running: n, draining: 0 }, at(last), ...(last === 0 ? [] : [at(last - 1)])];
  const pools = (of: DeploymentPeak): number => of.running + of.draining;
  return moments.reduce((most, each) => (pools(each) > pools(most) ? each : most));
}

export interface TasksServingPeakInput {
  /** The tag `poolproof:tasks-at-peak`: how many tasks run when the declared peak arrives. */
  readonly declaredTasksAtPeak?: number | undefined;
  /** The fewest tasks autoscaling may run, or the desired count without autoscaling. */
  readonly minCapacity: number;
  /** Bounds the declaration: more tasks than may run cannot share the load. */
  readonly maxCapacity?: number | undefined;
  /** ECS `minimumHealthyPercent`. @default 100 */
  readonly minimumHealthyPercent?: number | undefined;
  /** @default false */
  readonly surviveZoneLoss?: boolean | undefined;
  /** Availability zones the tasks are spread over; matters only with `surviveZoneLoss`. @default 1 */
  readonly zones?: number | undefined;
}

/**
 * The fewest tasks that may have to serve the declared peak: the report's `tasksServingPeak`.
 *
 * A deployment may stop tasks down to `minimumHealthyPercent` of those running (ECS rounds up), whether their
 * number was declared or is the minimum capacity. Losing a zone takes its fullest share with it. Never below 1:
 * with no task at all nothing is served, which no pool size changes.
 * @throws RangeError for counts that are not whole numbers or a negative percentage.
 */
export function tasksServingPeak(input: TasksServingPeakInput): number {
  const minCapacity = wholeNumber("minCapacity", input.minCapacity);
  const declared = wholeNumber("declaredTasksAtPeak", input.declaredTasksAtPeak ?? minCapacity);
  const most = wholeNumber("maxCapacity", input.maxCapacity ?? Number.MAX_SAFE_INTEGER);
  const percent = nonNegative(
    "minimumHealthyPercent",
    input.minimumHealthyPercent ?? ECS_DEFAULT_MINIMUM_HEALTHY_PERCENT,
  );
  const zones = wholeNumber("zones", input.zones ?? 1, 1);
  const running = Math.min(declared, most);
  const healthy = percent < 100 ? Math.ceil((running * percent) / 100) : running;
  const lost = input.surviveZoneLoss === true ? Math.ceil(healthy / zones) : 0;
  return Math.max(1, healthy - lost);
}

/**
 * How many times its even share the busiest task gets where requests are shared out by zone first: n ÷ (z · ⌊n ÷ z⌋). ECS
 * spreads tasks over zones as evenly as their number allows, and the fewest in a zone share what the zone gets: of five
 * tasks in three zones one stands alone and gets a third, 1.67 times a fifth. A zone without a target gets nothing.
 * @throws RangeError for counts that are not whole numbers from 1 up.
 */
export function busiestShare(tasks: number, zones: number): number {
  const n = wholeNumber("tasks", tasks, 1);
  const z = Math.min(n, wholeNumber("zones", zones, 1));
  return n / (z * Math.floor(n / z));
}

/** The demand of a function as a whole: each of its environments serves one request at a time. */
type FunctionDemand = Omit<PoolDemand, "tasksServingPeak" | "processesPerTask">;

/**
 * What a function's environments do at the declared peak. A request is busy for as long as its acquisitions hold their
 * connections, and for longer with all else it does, so the loss is a lower bound. Nobody waits: what finds no
 * environment is throttled.
 * @throws RangeError as `poolLoad`, and for a concurrency that is not a whole number of 0 or more.
 */
export function functionAtPeak(concurrency: number, demand: FunctionDemand): PoolAtPeak {
  const load = wholeLoad(demand);
  return {
    offeredLoad: load / Math.max(1, concurrency),
    overloaded: load >= concurrency,
    waitBeyondTarget: 0,
    waitBeyondAcquireTimeout: undefined,
    meanWaitMs: 0,
    failingShare: lossProbability(concurrency, load),
  };
}

/**
 * The least concurrency that throttles no more than `exceedance` of the requests at `peakFactor` times the peak.
 * @throws RangeError as `functionAtPeak`.
 */
export function concurrencyFloor(
  demand: FunctionDemand,
  settings: Pick<CapacitySettings, "peakFactor" | "exceedance"> = DEFAULT_CAPACITY_SETTINGS,
): number {
  return serversForLoss(sizedFor(demand, settings) * wholeLoad(demand), settings.exceedance);
}

/** Environments busy on average, in erlangs. */
const wholeLoad = (demand: FunctionDemand): number =>
  poolLoad({ ...demand, tasksServingPeak: 1, processesPerTask: 1 }).offeredLoad;
