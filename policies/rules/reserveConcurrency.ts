import { concurrencyFloor } from "../model/environmentsAtPeak";
import { knownValue } from "../plan/reading";
import type { DatabaseBudget, PoolBudget } from "./budget";
import type { RuleContext } from "./rule";
import { withinModel } from "./withinModel";
import { Naming, range } from "./words";

/**
 * The lever that a function has and a service has not: how many of its environments may run at once. "Set
 * `reservedConcurrentExecutions` of resize to 5–114"; undefined when that alone does not bring it within the budget.
 */
export function reserveAdvice(
  { client, poolMax, demand }: PoolBudget,
  beside: number,
  on: DatabaseBudget,
  { stack, settings }: RuleContext,
): string | undefined {
  const budget = knownValue(on.budget);
  const perEnvironment = knownValue(poolMax);
  if (client.kind !== "lambda" || budget === undefined || !perEnvironment) return undefined;
  const { capacity } = settings;
  const most = Math.floor((budget - capacity.operationsReserve - beside) / perEnvironment);
  const of = knownValue(demand);
  const least = withinModel(
    () => (of === undefined ? 1 : concurrencyFloor(of, capacity)),
    () => Number.POSITIVE_INFINITY,
  );
  if (most < least) return undefined;
  return new Naming(stack, settings).set(
    "reservedConcurrentExecutions",
    ` of ${client.name}`,
    range(least, most),
    most,
  );
}
