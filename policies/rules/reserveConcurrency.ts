import { concurrencyFloor } from "../model/environmentsAtPeak";
import { knownValue } from "../plan/reading";
import type { DatabaseBudget, PoolBudget } from "./budget";
import type { RuleContext } from "./rule";
import { withinModel } from "./withinModel";
import { inContainer, Naming, range } from "./words";

/**
 * The lever that a function has and a service has not: how many of its environments may run at once. "Set `DB_POOL_MAX`
 * to 1, and `reservedConcurrentExecutions` of resize to 5–114"; undefined when that alone does not bring it within the
 * budget. An environment serves one request at a time, so a pool of one is as good as any.
 */
export function reserveAdvice(
  pool: PoolBudget,
  on: DatabaseBudget,
  { stack, settings }: RuleContext,
): string | undefined {
  const { client, poolMax, demand } = pool;
  const budget = knownValue(on.budget);
  const beside = knownValue(on.demandBeside(pool));
  const perEnvironment = knownValue(poolMax);
  const of = knownValue(demand);
  if (client.kind !== "lambda" || budget === undefined || beside === undefined) return undefined;
  if (!perEnvironment || of === undefined) return undefined;
  const { capacity } = settings;
  const most = Math.floor(budget - capacity.operationsReserve - beside);
  const least = withinModel(
    () => concurrencyFloor(of, capacity),
    () => Number.POSITIVE_INFINITY,
  );
  if (most < least) return undefined;
  const naming = new Naming(stack, settings);
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
