import { connectionBudget } from "./connectionBudget";
import { type CapacitySettings, DEFAULT_CAPACITY_SETTINGS } from "./defaults";
import { limitLevers } from "./limitLevers";
import { loweredPools } from "./otherPools";
import { type LeverInput, limitNeeded, proxyThatFits, type WindowLevers } from "./windowLevers";

export interface FunctionLeverInput extends Omit<LeverInput, "tasks"> {
  /** The fewest environments that carry the declared peak, each with one connection. */
  readonly concurrency: number;
}

export type FunctionLevers = Pick<
  WindowLevers,
  "maxConnections" | "instanceClass" | "largerClass" | "others" | "proxy"
>;

/**
 * What makes room for a function whose fewest environments, each with a pool of one, are already too many: an
 * environment serves one request at a time, so neither its pool nor the number of tasks has anything left to give.
 */
export function functionLevers(
  { concurrency, otherDemand = 0, others = [], ...input }: FunctionLeverInput,
  settings: CapacitySettings = DEFAULT_CAPACITY_SETTINGS,
): FunctionLevers {
  const fixedDemand = settings.operationsReserve + otherDemand;
  const left = connectionBudget(input.usable, settings) - fixedDemand;
  return {
    ...limitLevers(limitNeeded(concurrency + fixedDemand, input, settings), input.database),
    others: loweredPools(concurrency - left, others),
    proxy: proxyThatFits(left, input, settings),
  };
}
