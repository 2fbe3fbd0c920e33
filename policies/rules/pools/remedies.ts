import type { DatabaseBudget, PoolBudget } from "../../budget/budget";
import { limitsOf } from "../../budget/databaseLimit";
import { paceOf, zonesSharing } from "../../budget/poolBudget";
import { reachOf, reachOfPool } from "../../budget/reach";
import { list, percent } from "../../kit/text";
import { databaseEngine } from "../../model/engines";
import { sizedFor } from "../../model/poolFloor";
import {
  type FunctionLevers,
  functionLevers,
  type LeverInput,
  loweredPools,
  type OtherPool,
  type WindowLevers,
  windowLevers,
} from "../../model/remedies";
import { concurrencyFloor } from "../../model/tasks";
import { knownValue, withinModel } from "../../plan/reading";
import type { Settings } from "../../plan/settings";
import { capacityOf, inContainer, type Naming, plain, range, runnerOf } from "../format";
import type { RuleContext } from "../rule";

/**
 * What opens an empty window, each lever with the number that does it alone: "lower `auth:maximumPercent` to 150;
 * or raise `auth:maxConnections` to 560". Undefined when something it needs is not known. Every rule, and `explain`,
 * asks here, so that they name the same ones.
 */
export function openingAdvice(
  pool: PoolBudget,
  on: DatabaseBudget,
  context: RuleContext,
): string | undefined {
  return reserveAdvice(pool, on, context) ?? leverAdvice(pool, on, context);
}

function leverAdvice(pool: PoolBudget, on: DatabaseBudget, context: RuleContext): string | undefined {
  const input = leverInput(pool, on, context);
  const ofRunners = input && (pool.client.kind === "lambda" ? undefined : ofTasks(pool, input, context));
  const levers: FunctionLevers | undefined =
    input && pool.client.kind === "lambda" ? ofFunction(input, context) : ofRunners;
  if (!input || !levers) return undefined;
  const { naming } = context;
  const advice = [
    ...fewerThreads(pool, context),
    ...ofDatabase(levers, naming),
    ...ofOthers(levers, input.others),
    ...(ofRunners === undefined ? [] : ofClient(ofRunners, pool, input.demand.holdMs, naming)),
    ...(levers.proxy === null || knownValue(pool.proxied) !== false
      ? []
      : [
          `put an RDS Proxy in between with \`maxConnectionsPercent\` ${levers.proxy.maxConnectionsPercent}, if no session pins`,
        ]),
  ];
  if (advice.length === 0)
    return "No single change opens the window: add database capacity and cut demand together";
  const { kind, name, settings } = pool.client;
  const opened =
    kind === "lambda"
      ? `${naming.name("reservedConcurrentExecutions")} of ${name}`
      : naming.name(settings.poolMax.variable);
  const lead = advice.length === 1 ? "This" : "Any one of these";
  return `${lead} opens it: ${advice.join("; ")}. Then set ${opened} into the window that the next check prints`;
}

/** Threads that each want a connection ask for no more than the database allows where there are fewer of them. */
function fewerThreads(
  { client, ceiling, concurrencyPerProcess: threads, offeredLoad, demand }: PoolBudget,
  { naming, settings }: RuleContext,
): readonly string[] {
  if (client.counts !== "threads" || (knownValue(client.declared.heldAtOnce) ?? 1) > 1) return [];
  if (threads.state !== "known" || ceiling.state !== "known" || offeredLoad.state !== "known") return [];
  const busy = sizedFor(knownValue(demand) ?? {}, settings.capacity) * offeredLoad.value;
  const { variable } = client.settings.concurrencyPerProcess;
  return ceiling.value >= 1 && ceiling.value < threads.value && ceiling.value > busy
    ? [`lower ${naming.name(variable)} to at most ${ceiling.value}`]
    : [];
}

type Input = NonNullable<ReturnType<typeof leverInput>>;

function ofTasks({ client }: PoolBudget, input: Input, { settings }: RuleContext): WindowLevers | undefined {
  const { tasks, declared } = client;
  const maxCapacity = knownValue(tasks.maxCapacity);
  const keepsBoth = knownValue(tasks.keepsBothRevisions);
  if (maxCapacity === undefined || keepsBoth === undefined) return undefined;
  const held = {
    maxCapacity,
    maximumPercent: knownValue(tasks.maximumPercent),
    ...paceOf(client),
    strategy: keepsBoth ? ("BLUE_GREEN" as const) : ("ROLLING" as const),
    surviveZoneLoss: settings.capacity.surviveZoneLoss,
    zones: knownValue(tasks.zones),
    zonesSharing: knownValue(zonesSharing(client, settings)),
    runningAtPeak: knownValue(declared.tasksAtPeak) ?? knownValue(tasks.minCapacity),
  };
  return withinModel(
    () => windowLevers({ ...input, tasks: held }, settings.capacity),
    () => undefined,
  );
}

function ofFunction(input: Input, { settings: { capacity } }: RuleContext): FunctionLevers | undefined {
  return withinModel(
    () => functionLevers({ ...input, concurrency: concurrencyFloor(input.demand, capacity) }, capacity),
    () => undefined,
  );
}

function ofDatabase(levers: FunctionLevers, naming: Naming): readonly string[] {
  const { maxConnections, instanceClass, largerClass } = levers;
  const limit = naming.name("max_connections");
  const size = naming.name("instanceClass");
  return [
    maxConnections === null ? "" : `raise ${limit} to ${maxConnections}`,
    instanceClass === null ? "" : `move to ${size} ${instanceClass}`,
    largerClass === null
      ? ""
      : `move to ${size} ${largerClass.instanceClass} and raise ${limit} to ${largerClass.maxConnections}, which the present class cannot carry`,
  ].filter((text) => text !== "");
}

function ofOthers(levers: FunctionLevers, others: readonly NamedOtherPool[]): readonly string[] {
  const lowered = lowerings(levers.others ?? [], others);
  return lowered.length === 0 ? [] : [lowerText(lowered)];
}

/** Pools that get smaller than they are, each with its size. */
const lowerings = (sizes: readonly number[], pools: readonly NamedOtherPool[]) =>
  sizes.flatMap((size, i) => {
    const other = pools[i];
    return other === undefined || size >= other.poolMax ? [] : [{ ...other, size }];
  });

/**
 * "lower `pool.max` of a and b to 8 each and `reservedConcurrentExecutions` of resize to 20, which their own floors
 * allow", or "…, if the demand of a, which is not known, allows it".
 */
function lowerText(lowered: ReturnType<typeof lowerings>): string {
  const alike = new Map<string, string[]>();
  for (const { pool, size } of lowered) {
    const key = `${settingOf(pool)} ${size}`;
    alike.set(key, [...(alike.get(key) ?? []), pool.client.name]);
  }
  const parts = [...alike].map(([key, names]) => {
    const [setting, size] = key.split(" ");
    return `\`${setting}\` of ${list(names)} to ${size}${names.length > 1 ? " each" : ""}`;
  });
  const unknown = lowered.filter(({ isFloorKnown }) => isFloorKnown === false);
  const floors = lowered.length === 1 ? "its own floor allows" : "their own floors allow";
  const allowed =
    unknown.length === 0
      ? `which ${floors}`
      : `if the demand of ${list(unknown.map(({ pool }) => pool.client.name))}, which is not known, allows it`;
  return `lower ${parts.join(" and ")}, ${allowed}`;
}

const settingOf = (pool: PoolBudget): string =>
  pool.client.kind === "lambda" ? "reservedConcurrentExecutions" : "pool.max";

function ofClient(
  levers: WindowLevers,
  { client }: PoolBudget,
  holdMs: number,
  naming: Naming,
): readonly string[] {
  const held = percent((levers.holdMs ?? 0) / holdMs);
  const isDescribed = client.kind === "declared";
  const runners = `${runnerOf(client)}s`;
  // How tasks replace each other is set this way on ECS alone.
  const replaces = client.kind === "ecs-service" || isDescribed;
  const capacity = naming.name(capacityOf(client));
  const serving = naming.name(
    isDescribed
      ? "tasksAtPeak"
      : client.kind === "kubernetes"
        ? "poolproof/tasks-at-peak"
        : "poolproof:tasks-at-peak",
  );
  return [
    levers.maximumPercent === null || !replaces
      ? ""
      : `lower ${naming.name("deploymentMaximumPercent")} to ${levers.maximumPercent}`,
    levers.drainSeconds === null || !replaces
      ? ""
      : `let stopped tasks close their pools within ${levers.drainSeconds} s (deregistration delay, stop timeout and idle timeout)`,
    levers.timeToHealthySeconds === null || !replaces
      ? ""
      : `let new tasks become healthy after ${levers.timeToHealthySeconds} s or more (health check)`,
    levers.maxCapacity === null
      ? ""
      : `lower ${capacity} to ${levers.maxCapacity}${isDescribed ? "" : ` ${runners}`}`,
    levers.tasksServingPeak === null
      ? ""
      : `serve the peak with ${levers.tasksServingPeak} ${runners} (${serving})`,
    levers.holdMs === null ? "" : `hold connections for ${levers.holdMs} ms at most (${held} of today's)`,
  ].filter((text) => text !== "");
}

/**
 * What brings several pools within the budget together: one of them to lower, or "lower `pool.max` of a, b and c to 15
 * each". Undefined where they do not fit even at their floors.
 */
export function fittingTogether(
  on: DatabaseBudget,
  budget: number,
  { settings: { capacity } }: RuleContext,
): PoolBudget | string | undefined {
  const pools = on.pools
    .filter(({ client }) => client.kind !== "lambda" && client.opens !== "no pool" && !client.behind)
    .filter(({ poolMax, connectionsPerProcess: each }) => knownValue(each) === knownValue(poolMax))
    .flatMap((pool) => otherPools(pool, capacity));
  const lowered = lowerings(loweredPools(on.demandAtLeast - budget, pools) ?? [], pools);
  const [first] = lowered;
  return lowered.length > 1 ? lowerText(lowered) : first?.pool;
}

/** A pool of the same database that could be lowered. */
interface NamedOtherPool extends OtherPool {
  readonly pool: PoolBudget;
}

/** What the levers of a window depend on, but for how the client runs; undefined when something is not known. */
function leverInput(
  pool: PoolBudget,
  on: DatabaseBudget,
  { settings }: RuleContext,
): (Omit<LeverInput, "tasks"> & { readonly others: readonly NamedOtherPool[] }) | undefined {
  const demand = knownValue(pool.demand);
  const limit = knownValue(on.limit);
  const usable = knownValue(on.usable);
  const engine = databaseEngine(knownValue(on.database.engine) ?? "");
  if (!demand || !limit || usable === undefined || !engine) return undefined;
  // Of a cluster's instances the one with the lowest limit is the one to enlarge.
  const [weakest] = limitsOf(on.database, settings)
    .filter(({ limit: each }) => knownValue(each)?.maxConnections === limit.maxConnections)
    .map(({ instance }) => instance);
  const maxAcu = weakest && knownValue(weakest.maxAcu);
  return {
    demand,
    database: {
      engine,
      engineVersion: knownValue(on.database.engineVersion),
      ...(maxAcu === undefined
        ? { instanceClass: weakest && knownValue(weakest.instanceClass) }
        : { serverless: { maxAcu } }),
      parameterValue: limit.textFrom === "parameter-group" ? limit.text : undefined,
    },
    maxConnections: limit.maxConnections,
    usable,
    otherDemand: knownValue(on.demandOfOthers(pool)) ?? 0,
    others: on.pools.flatMap((other) =>
      other.client === pool.client || isOfOneShare(other, pool) ? [] : otherPools(other, settings.capacity),
    ),
  };
}

/** Functions without a reservation share the account's concurrency: bounding one of them leaves the rest to the other. */
const isOfOneShare = (a: PoolBudget, b: PoolBudget): boolean =>
  a.client.tasks.shares !== undefined && b.client.tasks.shares !== undefined;

/**
 * How far a pool can be lowered: a function by its concurrency, anything else by its size. What a proxy shares out is
 * bounded by the proxy, not by the pools in front of it. A pool that declares no demand may be the one that takes too
 * much: it is offered, as one whose floor is not known.
 */
function otherPools(pool: PoolBudget, capacity: Settings["capacity"]): readonly NamedOtherPool[] {
  const poolMax = knownValue(pool.poolMax);
  const floor = knownValue(pool.floor);
  const tasks = knownValue(pool.tasksAtPeak);
  const processes = knownValue(pool.processesPerTask);
  if (knownValue(pool.proxied) !== false || poolMax === undefined || !tasks || !processes) return [];
  if (pool.client.kind !== "lambda") {
    const isFloorKnown = floor !== undefined;
    return [{ pool, poolMax, floor: floor ?? 1, isFloorKnown, pools: tasks * processes }];
  }
  const demand = knownValue(pool.demand);
  const least = withinModel(
    () => demand && concurrencyFloor(demand, capacity),
    () => undefined,
  );
  return least === undefined ? [] : [{ pool, poolMax: tasks, floor: least, pools: poolMax }];
}

/**
 * The lever that a function has and a service has not: how many of its environments may run at once. "Set `DB_POOL_MAX`
 * to 1, and `reservedConcurrentExecutions` of resize to 5–114"; undefined when that alone does not bring it within the
 * budget. An environment serves one request at a time, so a pool of one is as good as any.
 */
export function reserveAdvice(
  pool: PoolBudget,
  on: DatabaseBudget,
  { settings, naming }: RuleContext,
): string | undefined {
  const { client, poolMax, demand } = pool;
  const budget = knownValue(on.budget);
  const ofOthers = knownValue(on.demandOfOthers(pool));
  const perEnvironment = knownValue(poolMax);
  const of = knownValue(demand);
  if (client.kind !== "lambda" || budget === undefined || ofOthers === undefined) return undefined;
  if (!perEnvironment || of === undefined) return undefined;
  const { capacity } = settings;
  const most = Math.floor(budget - capacity.operationsReserve - ofOthers);
  const least = withinModel(
    () => concurrencyFloor(of, capacity),
    () => Number.POSITIVE_INFINITY,
  );
  if (most < least) return undefined;
  const { variable } = client.settings.poolMax;
  const one = perEnvironment === 1 ? "" : `${naming.set(variable, inContainer(client, variable), "1")}, and `;
  const concurrency = naming.set(
    "reservedConcurrentExecutions",
    ` of ${client.name}`,
    range(least, most),
    most,
  );
  return one + (one === "" ? concurrency : concurrency.replace(/^Set /, "set "));
}

/**
 * The end of a pool's window where the database's processors are reached before its connections: the largest size that is
 * still of use, and the sentence that says why. Where the declared peak alone is beyond their reach, no size is and the
 * sentence says so; undefined where the processors are no bound, or where not even the floor is within their reach.
 */
export function upperEnd(
  pool: PoolBudget,
  on: DatabaseBudget,
  { settings }: RuleContext,
): { readonly max: number | undefined; readonly text: string } | undefined {
  const reach = reachOf(on, settings);
  const floor = knownValue(pool.floor);
  const demand = knownValue(pool.demand);
  if (reach === undefined || floor === undefined || demand === undefined || pool.client.kind === "lambda")
    return undefined;
  const { name } = on.database.resource;
  const vcpus = `${plain(reach.vcpus)} vCPU`;
  if (reach.busy > reach.connections) {
    return {
      max: undefined,
      text: ` The peak keeps ${plain(Number(reach.busy.toFixed(1)))} connections of ${name} busy, more than ${vcpus} work on at once (${plain(reach.connections)}): unless they mostly wait, holds take longer than ${plain(demand.holdMs)} ms, and no size above the floor helps.`,
    };
  }
  const most = reachOfPool(pool, reach);
  const ceiling = knownValue(pool.ceiling) ?? Number.POSITIVE_INFINITY;
  if (most === undefined || most < floor || most >= ceiling) return undefined;
  return {
    max: most,
    text: ` Above ${plain(most)}, more connections of ${name} could be busy than the ${plain(reach.connections)} that ${vcpus} work on at once, and holds would take longer.`,
  };
}
