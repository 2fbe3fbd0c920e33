import { databaseEngine } from "../model/engines";
import { type LeverInput, windowLevers } from "../model/windowLevers";
import { knownValue } from "../plan/reading";
import type { DatabaseBudget, PoolBudget } from "./budget";
import type { RuleContext } from "./rule";
import { withinModel } from "./withinModel";
import { Naming, percent } from "./words";

/**
 * What opens an empty window, each lever with the number that does it alone: "lower `auth:maximumPercent` to 150;
 * or raise `auth:maxConnections` to 560". Undefined when something it needs is not known.
 */
export function leverAdvice(pool: PoolBudget, on: DatabaseBudget, context: RuleContext): string | undefined {
  const { tasks } = pool.client;
  const demand = knownValue(pool.demand);
  const limit = knownValue(on.limit);
  const usable = knownValue(on.usable);
  const maxCapacity = knownValue(tasks.maxCapacity);
  const keepsBoth = knownValue(tasks.keepsBothRevisions);
  const engine = databaseEngine(knownValue(on.database.engine) ?? "");
  if (
    !demand ||
    !limit ||
    usable === undefined ||
    maxCapacity === undefined ||
    keepsBoth === undefined ||
    !engine
  ) {
    return undefined;
  }
  const input: LeverInput = {
    demand,
    tasks: {
      maxCapacity,
      maximumPercent: knownValue(tasks.maximumPercent),
      minimumHealthyPercent: knownValue(tasks.minimumHealthyPercent),
      strategy: keepsBoth ? "BLUE_GREEN" : "ROLLING",
    },
    database: {
      engine,
      engineVersion: knownValue(on.database.engineVersion),
      instanceClass: knownValue(on.database.instanceClass),
      parameterValue: limit.textFrom === "parameter-group" ? limit.text : undefined,
    },
    maxConnections: limit.maxConnections,
    usable,
    otherDemand: knownValue(on.demandBeside(pool)) ?? 0,
  };
  const levers = withinModel(
    () => windowLevers(input, context.settings.capacity),
    () => undefined,
  );
  if (!levers) return undefined;
  const naming = new Naming(context.stack, context.settings);
  const held = percent((levers.holdMs ?? 0) / demand.holdMs);
  const advice = [
    levers.maxConnections === null
      ? ""
      : `raise ${naming.name("max_connections")} to ${levers.maxConnections}`,
    levers.instanceClass === null ? "" : `move to ${naming.name("instanceClass")} ${levers.instanceClass}`,
    levers.maximumPercent === null
      ? ""
      : `lower ${naming.name("deploymentMaximumPercent")} to ${levers.maximumPercent}`,
    levers.maxCapacity === null ? "" : `lower ${naming.name("maxCapacity")} to ${levers.maxCapacity} tasks`,
    levers.tasksServingPeak === null
      ? ""
      : `serve the peak with ${levers.tasksServingPeak} tasks (${naming.name("poolproof:tasks-at-peak")})`,
    levers.holdMs === null ? "" : `hold connections for ${levers.holdMs} ms at most (${held} of today's)`,
    levers.proxy === null || knownValue(pool.proxied) !== false
      ? ""
      : `put an RDS Proxy in between with \`maxConnectionsPercent\` ${levers.proxy.maxConnectionsPercent}, if no session pins`,
  ].filter((text) => text !== "");
  if (advice.length === 0)
    return "No single change opens the window: add database capacity and cut demand together";
  const opened = naming.name(pool.client.settings.poolMax.variable);
  return `Any one of these opens it: ${advice.join("; ")}. Then set ${opened} into the window that the next check prints`;
}
