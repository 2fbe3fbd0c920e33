/**
 * A group of servers without a queue: an arrival that finds all of them busy is lost (M/G/c/c). Lambda's environments
 * are one: each holds a single request, and what comes beyond the concurrency is throttled (AWS: Lambda, "Understanding
 * Lambda function scaling").
 *
 * Source: A. K. Erlang (1917); L. Kleinrock, Queueing Systems I (1975), section 3.6. The loss depends on the mean hold
 * time only, not on how hold times are spread.
 */
import { nonNegative, positive, wholeNumber } from "./check";
import { climb, type Step, startOfRecurrence } from "./erlangC";

/**
 * Share of arrivals that are lost (Erlang B), from 0 to 1: `B(0) = 1`, `B(c) = a·B(c−1) / (c + a·B(c−1))`.
 * @throws RangeError when `servers` is not a whole number of 0 or more, or the load is negative, NaN or beyond the model.
 */
export function lossProbability(servers: number, offeredLoad: number): number {
  wholeNumber("servers", servers);
  nonNegative("offeredLoad", offeredLoad);
  if (offeredLoad === 0) return servers === 0 ? 1 : 0;
  return 1 / climb(stepBefore(servers, offeredLoad), servers, offeredLoad).inverseBlocking;
}

/**
 * The fewest servers that lose no more than `lossTarget` of the arrivals; 1 where there are none.
 * @throws RangeError as `lossProbability`, and for a target outside (0, 1].
 */
export function serversForLoss(offeredLoad: number, lossTarget: number): number {
  nonNegative("offeredLoad", offeredLoad);
  const target = positive("lossTarget", lossTarget, 1);
  if (offeredLoad === 0) return 1;
  // c servers carry no more than c erlangs, so fewer than these lose too much.
  const least = Math.max(0, Math.floor(offeredLoad * (1 - target)));
  let step = climb(stepBefore(least, offeredLoad), least, offeredLoad);
  while (1 / step.inverseBlocking > target) step = climb(step, step.servers + 1, offeredLoad);
  return Math.max(1, step.servers);
}

/** Where the recurrence may begin for a number of servers: `startOfRecurrence`, or as far below one that is less. */
function stepBefore(servers: number, load: number): Step {
  const start = startOfRecurrence(load);
  if (servers >= start.servers) return start;
  const begin = Math.max(0, Math.floor(servers - 10 * Math.sqrt(load)));
  return { servers: begin, inverseBlocking: load / (load - begin) };
}
