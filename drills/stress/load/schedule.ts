import { arrivals } from "./arrivals";
import type { LoadPlan } from "./plan";
import { seeded } from "./random";

/** Stream of a target's arrival times, and of what each of its requests is. */
export const ARRIVAL_STREAM = (target: number): number => 2 * target;
export const REQUEST_STREAM = (target: number): number => 2 * target + 1;

/** How many requests a plan has, counted apart from the generator: what it sent is held against this. */
export function scheduledRequests({
  seed,
  targets,
  profile,
}: Pick<LoadPlan, "seed" | "targets" | "profile">): number {
  let count = 0;
  targets.forEach((_target, index) => {
    for (const _at of arrivals(seeded(seed, ARRIVAL_STREAM(index)), profile)) count++;
  });
  return count;
}
