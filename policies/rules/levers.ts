import { concurrencyFloor } from "../model/environmentsAtPeak";
import { type FunctionLevers, functionLevers } from "../model/functionLevers";
import { type WindowLevers, windowLevers } from "../model/windowLevers";
import { knownValue } from "../plan/reading";
import type { DatabaseBudget, PoolBudget } from "./budget";
import { type Beside, leverInput } from "./leverInput";
import { reserveAdvice } from "./reserveConcurrency";
import type { RuleContext } from "./rule";
import { withinModel } from "./withinModel";
import { Naming, percent } from "./words";

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
  const naming = new Naming(context.stack, context.settings);
  const advice = [
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

type Input = NonNullable<ReturnType<typeof leverInput>>;

function ofTasks(
  { client: { tasks, declared } }: PoolBudget,
  input: Input,
  { settings }: RuleContext,
): WindowLevers | undefined {
  const maxCapacity = knownValue(tasks.maxCapacity);
  const keepsBoth = knownValue(tasks.keepsBothRevisions);
  if (maxCapacity === undefined || keepsBoth === undefined) return undefined;
  const held = {
    maxCapacity,
    maximumPercent: knownValue(tasks.maximumPercent),
    minimumHealthyPercent: knownValue(tasks.minimumHealthyPercent),
    strategy: keepsBoth ? ("BLUE_GREEN" as const) : ("ROLLING" as const),
    surviveZoneLoss: settings.capacity.surviveZoneLoss,
    zones: knownValue(tasks.zones),
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

/**
 * "lower `pool.max` of worker to 8 and `reservedConcurrentExecutions` of resize to 20, which their own floors allow", or
 * "…, if its demand, which is not known, allows it"
 */
function ofOthers({ others }: FunctionLevers, beside: readonly Beside[]): readonly string[] {
  const lowered = (others ?? []).flatMap((size, i) => {
    const other = beside[i];
    if (other === undefined || size >= other.poolMax) return [];
    const { kind, name } = other.pool.client;
    const setting = kind === "lambda" ? "reservedConcurrentExecutions" : "pool.max";
    return [
      { text: `\`${setting}\` of ${name} to ${size}`, ofUnknown: other.isFloorKnown === false && name },
    ];
  });
  if (lowered.length === 0) return [];
  const unknown = lowered.flatMap(({ ofUnknown }) => (ofUnknown === false ? [] : [ofUnknown]));
  const floors = lowered.length === 1 ? "its own floor allows" : "their own floors allow";
  const allowed =
    unknown.length === 0
      ? `which ${floors}`
      : `if the demand of ${unknown.join(" and ")}, which is not known, allows it`;
  return [`lower ${lowered.map(({ text }) => text).join(" and ")}, ${allowed}`];
}

function ofClient(
  levers: WindowLevers,
  { client }: PoolBudget,
  holdMs: number,
  naming: Naming,
): readonly string[] {
  const held = percent((levers.holdMs ?? 0) / holdMs);
  const isDescribed = client.kind === "declared";
  const capacity = naming.name(isDescribed ? "instances" : "maxCapacity");
  const serving = naming.name(isDescribed ? "tasksAtPeak" : "poolproof:tasks-at-peak");
  return [
    levers.maximumPercent === null
      ? ""
      : `lower ${naming.name("deploymentMaximumPercent")} to ${levers.maximumPercent}`,
    levers.maxCapacity === null
      ? ""
      : `lower ${capacity} to ${levers.maxCapacity}${isDescribed ? "" : " tasks"}`,
    levers.tasksServingPeak === null
      ? ""
      : `serve the peak with ${levers.tasksServingPeak} ${isDescribed ? "instances" : "tasks"} (${serving})`,
    levers.holdMs === null ? "" : `hold connections for ${levers.holdMs} ms at most (${held} of today's)`,
  ].filter((text) => text !== "");
}
