import { nonNegative, positive, wholeNumber } from "./check";
import {
  type CapacitySettings,
  DEFAULT_CAPACITY_SETTINGS,
  ECS_DEFAULT_MAXIMUM_PERCENT,
  ECS_DEFAULT_MINIMUM_HEALTHY_PERCENT,
} from "./defaults";
import { lossProbability, serversForLoss } from "./erlang";
import { type PoolAtPeak, type PoolDemand, poolLoad } from "./poolFloor";

/** ECS deployment strategies. All but `ROLLING` keep both revisions running through the bake time. */
type DeploymentStrategy = "ROLLING" | "BLUE_GREEN" | "CANARY" | "LINEAR";

export interface TasksHoldingPoolsInput {
  /** The most tasks autoscaling may run, or the desired count without autoscaling. */
  readonly maxCapacity: number;
  /** ECS `maximumPercent`, for rolling deployments. @default 200 */
  readonly maximumPercent?: number | undefined;
  /** @default "ROLLING" */
  readonly strategy?: DeploymentStrategy | undefined;
}

/**
 * Tasks that may hold a pool at the same time: the report's `tasksAtPeak`.
 *
 * Scale-out goes on during a deployment, so the surge comes on top of the maximum capacity (AWS: ECS,
 * troubleshoot-service-auto-scaling); ECS rounds it down (deployment-type-ecs). A percentage under 100 cannot
 * bring the count below what autoscaling may run anyway.
 * @throws RangeError for a capacity that is not a whole number or a negative percentage.
 */
export function tasksHoldingPools(input: TasksHoldingPoolsInput): number {
  const maxCapacity = wholeNumber("maxCapacity", input.maxCapacity);
  const percent = nonNegative("maximumPercent", input.maximumPercent ?? ECS_DEFAULT_MAXIMUM_PERCENT);
  if ((input.strategy ?? "ROLLING") !== "ROLLING") return 2 * maxCapacity;
  return Math.max(maxCapacity, Math.floor((maxCapacity * percent) / 100));
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
 * with no task at all nothing is served, which no pool size mends.
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
  return serversForLoss(positive("peakFactor", settings.peakFactor) * wholeLoad(demand), settings.exceedance);
}

/** Environments busy on average, in erlangs. */
const wholeLoad = (demand: FunctionDemand): number =>
  poolLoad({ ...demand, tasksServingPeak: 1, processesPerTask: 1 }).offeredLoad;
