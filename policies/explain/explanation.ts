import { type DatabaseBudget, type PoolBudget, sidesOf, stackBudget } from "../budget/budget";
import { drainOf } from "../budget/poolBudget";
import { reachOf, reachOfPool } from "../budget/reach";
import { poolLoad, reserveOf, sizedFor } from "../model/poolFloor";
import type { Plan } from "../plan/plan";
import { knownValue, type Reading, withinModel } from "../plan/reading";
import type { Settings } from "../plan/settings";
import { readStack } from "../plan/stack";
import type { ClientReading } from "../plan/types";
import { unmatchedSettings } from "../rules/config/unmatched";
import { orNull } from "../rules/format";
import { openingAdvice } from "../rules/pools/remedies";
import { RuleContext, reasonOf } from "../rules/rule";

/** Every pool's safe window and the numbers behind it: what `poolproof explain` shows. `null` = unknown. */
export interface Explanation {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly databases: readonly ExplainedDatabase[];
  /** Pools whose database is not known: they have a floor and no ceiling. */
  readonly unlinked: readonly ExplainedPool[];
  /** Names in the policy configuration and in tags that match nothing: the windows were drawn without it. */
  readonly notes: readonly string[];
}

export interface ExplainedDatabase {
  readonly database: string;
  readonly name: string;
  readonly maxConnections: number | null;
  readonly maxConnectionsSource: "explicit" | "estimated" | "confirmed" | null;
  readonly usable: number | null;
  /** Share of the usable connections that clients may claim at peak. */
  readonly budgetShare: number;
  readonly budget: number | null;
  /** Connections kept for migrations, jobs and people. */
  readonly operationsReserve: number;
  readonly pools: readonly ExplainedPool[];
}

export interface ExplainedPool {
  readonly resource: string;
  /** The client's name, with the container's where it has several. */
  readonly name: string;
  /** What holds the pool: an environment of a function serves one request at a time. */
  readonly kind: ClientReading["kind"];
  /** `empty`: floor above ceiling, so no setting is safe. `unknown`: too much is hidden to tell. */
  readonly status: "safe" | "too low" | "too high" | "empty" | "unknown";
  readonly poolMax: number | null;
  readonly floor: number | null;
  readonly ceiling: number | null;
  readonly demand: ExplainedDemand | null;
  readonly tasksAtPeak: number | null;
  /** Those of them that run, and those that a deployment has stopped and that keep their pool for so long at most. */
  readonly deployment: ExplainedDeployment | null;
  readonly processesPerTask: number | null;
  /** What must be left for everything but this pool at peak, a pool below its floor counted at it; the reserve apart. */
  readonly demandOfOthers: number | null;
  /** Shares of requests that fail and of acquisitions that wait longer than the target, at the declared peak. */
  readonly failingShare: number | null;
  readonly waitBeyondTarget: number | null;
  /** The largest size of use where the database's vCPU are reached before its connections, and why. */
  readonly reach: ExplainedReach | null;
  /** What opens an empty window, as a sentence without its full stop. */
  readonly levers: string | null;
  /** What hides each number that is missing. */
  readonly hidden: readonly string[];
}

interface ExplainedReach {
  readonly vcpus: number;
  /** Connections that these work on at once: `busyPerVcpu` each. */
  readonly connections: number;
  /** Connections that the declared peak keeps busy, over all pools of the database. */
  readonly busy: number;
  /** `null` where the declared peak alone is beyond their reach. */
  readonly poolMax: number | null;
}

interface ExplainedDeployment {
  readonly running: number;
  readonly draining: number;
  /** `null` where it is not known: they count until the deployment ends. */
  readonly drainSeconds: number | null;
}

interface ExplainedDemand {
  readonly peakRequestsPerSecond: number;
  readonly peakFactor: number;
  readonly acquisitionsPerRequest: number;
  readonly holdMs: number;
  readonly tasksServingPeak: number;
  readonly processesPerTask: number;
  /** What the busiest task gets, in times of the mean. */
  readonly busiestShare: number;
  /** Whether the load balancer keeps users on their tasks: the busiest task may get more than is counted. */
  readonly isSticky: boolean;
  /** Connections of the pool that one request holds at the same time. */
  readonly heldAtOnce: number;
  /** The most requests that one process serves at once; `null` where nothing bounds them. */
  readonly requestsInFlight: number | null;
  /** Busiest second, in times of the declared peak. */
  readonly peakBurst: number;
  /** Squared coefficient of variation of hold times; 1 is exponential. */
  readonly holdScv: number;
  /** How many times the declared peak a pool at the floor carries for seconds: `null` without load. */
  readonly floorReserve: number | null;
  /** Connections one pool keeps busy at `peakFactor` × the declared peak, in erlangs: what the floor is made for. */
  readonly offeredLoad: number;
  /** Wait that an acquisition may have, and the share that may have a longer one. */
  readonly waitTargetMs: number;
  readonly exceedance: number;
}

/** @param stackName - As in the report of `check`; the plan's own where none is given. */
export function explanationOf(plan: Plan, settings: Settings, stackName?: string): Explanation {
  const stack = readStack(plan, settings);
  const context = new RuleContext({ stack, budget: stackBudget(stack, settings), settings });
  return {
    schemaVersion: 1,
    stack: stackName ?? stack.stack,
    databases: context.budget.databases.map((on) => explainedDatabase(on, context)),
    unlinked: context.budget.unlinked.map((pool) => explainedPool(pool, undefined, context)),
    notes: unmatchedSettings(stack, settings).map(({ text, fix }) => `${text} ${fix}.`),
  };
}

function explainedDatabase(on: DatabaseBudget, context: RuleContext): ExplainedDatabase {
  const { budgetShare, operationsReserve } = context.settings.capacity;
  const limit = knownValue(on.limit);
  return {
    database: on.database.resource.urn,
    name: on.database.resource.name,
    maxConnections: limit?.maxConnections ?? null,
    maxConnectionsSource: limit?.source ?? null,
    usable: orNull(on.usable),
    budgetShare,
    budget: orNull(on.budget),
    operationsReserve,
    pools: sidesOf(on).flatMap((side) => side.pools.map((pool) => explainedPool(pool, side, context))),
  };
}

function explainedPool(
  pool: PoolBudget,
  on: DatabaseBudget | undefined,
  context: RuleContext,
): ExplainedPool {
  const poolMax = orNull(pool.poolMax);
  const floor = orNull(pool.floor);
  const ceiling = orNull(pool.ceiling);
  const status = statusOf(poolMax, floor, ceiling);
  const at = knownValue(pool.atPeak);
  const isEmpty = status === "empty" && on !== undefined;
  return {
    resource: pool.client.resource.urn,
    name: pool.client.name,
    kind: pool.client.kind,
    status,
    poolMax,
    floor,
    ceiling,
    demand: demandOf(pool, context.settings),
    tasksAtPeak: orNull(pool.tasksAtPeak),
    deployment: deploymentOf(pool),
    processesPerTask: orNull(pool.processesPerTask),
    demandOfOthers: on === undefined ? null : orNull(on.demandOfOthers(pool)),
    failingShare: at?.failingShare ?? null,
    waitBeyondTarget: at?.waitBeyondTarget ?? null,
    reach: reachedBy(pool, on, context.settings),
    levers: (isEmpty && openingAdvice(pool, on, context)) || null,
    hidden: hiddenBy([pool.poolMax, pool.floor, pool.ceiling]),
  };
}

function statusOf(poolMax: number | null, floor: number | null, ceiling: number | null) {
  if (floor !== null && ceiling !== null && floor > ceiling) return "empty";
  if (poolMax !== null && floor !== null && poolMax < floor) return "too low";
  if (poolMax !== null && ceiling !== null && poolMax > ceiling) return "too high";
  return poolMax === null || floor === null || ceiling === null ? "unknown" : "safe";
}

function reachedBy(
  pool: PoolBudget,
  on: DatabaseBudget | undefined,
  settings: Settings,
): ExplainedReach | null {
  const reach = on && reachOf(on, settings);
  if (reach === undefined || pool.client.kind === "lambda" || pool.demand.state !== "known") return null;
  const { vcpus, connections, busy } = reach;
  return { vcpus, connections, busy, poolMax: reachOfPool(pool, reach) ?? null };
}

function deploymentOf({ client, deployment }: PoolBudget): ExplainedDeployment | null {
  const at = knownValue(deployment);
  return at === undefined ? null : { ...at, drainSeconds: drainOf(client) ?? null };
}

function demandOf({ client, demand, floor }: PoolBudget, { capacity }: Settings): ExplainedDemand | null {
  const of = knownValue(demand);
  if (!of) return null;
  const { peakFactor, waitTargetMs, exceedance } = capacity;
  const factor = sizedFor(of, capacity);
  const load = withinModel(
    () => poolLoad({ ...of, peakRequestsPerSecond: factor * of.peakRequestsPerSecond }),
    () => undefined,
  );
  if (!load) return null;
  return {
    peakRequestsPerSecond: of.peakRequestsPerSecond,
    peakFactor,
    acquisitionsPerRequest: load.acquisitionsPerRequest,
    holdMs: of.holdMs,
    tasksServingPeak: of.tasksServingPeak,
    processesPerTask: of.processesPerTask ?? 1,
    busiestShare: of.busiestShare ?? 1,
    isSticky: client.isSticky === true,
    heldAtOnce: of.heldAtOnce ?? 1,
    requestsInFlight: of.requestsInFlight ?? null,
    peakBurst: of.peakBurst ?? 1,
    holdScv: of.holdScv ?? 1,
    floorReserve: (floor.state === "known" && reserveOf(floor.value, of)) || null,
    offeredLoad: load.offeredLoad,
    waitTargetMs,
    exceedance,
  };
}

function hiddenBy(readings: readonly Reading<number>[]): string[] {
  const reasons = readings.flatMap((reading) =>
    reading.state === "known" ? [] : [reasonOf(reading, reading.property)],
  );
  return [...new Set(reasons)];
}
