/** How the lab's database sleeps: not at all, or for an exponential time. */
export interface SleepDistribution {
  /** Share of statements that sleep, from 0 to 1. */
  readonly share: number;
  /** Mean of those sleeps. */
  readonly scaleMs: number;
}

/**
 * The sleeps with which an acquisition that costs `overheadMs` by itself has the mean and the variance of an exponential
 * distribution: what a queue's waits depend on (Pollaczek and Khinchine for one server; nearly so for several).
 *
 * Sleeping for an exponential time of the mean that is left would vary too little, since the cost is the same each time: at a
 * cost of a quarter of the mean 0.56 of the variance, and waits a fifth too short. So a share of the statements
 * does not sleep, and the others sleep for longer: with the mean μ = S − o that is left, a scale of (S² + μ²)/2μ gives
 * the variance S².
 * @returns undefined when the cost alone is as long as the mean that is wanted.
 */
export function sleepDistribution(meanMs: number, overheadMs: number): SleepDistribution | undefined {
  if (!(meanMs > overheadMs)) return undefined;
  const left = meanMs - Math.max(0, overheadMs);
  const scaleMs = (meanMs ** 2 + left ** 2) / (2 * left);
  return { scaleMs, share: left / scaleMs };
}
