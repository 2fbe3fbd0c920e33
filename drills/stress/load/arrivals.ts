import { exponential, type Random } from "./random";
import { type Segment, timeOfArrivals } from "./rateProfile";

/**
 * Times of a Poisson process of a changing rate, in seconds from the start, one after another until the profile ends.
 *
 * Exponential gaps of a process of rate 1, taken through the inverse of the expected arrivals (Çinlar, Introduction to
 * Stochastic Processes, 1975, section 4.7). Each task gets a process of its own: what a load balancer that chooses at
 * random makes of one common process. One that takes turns would be gentler.
 */
export function* arrivals(random: Random, profile: readonly Segment[]): Generator<number, void> {
  let unitTime = 0;
  for (;;) {
    unitTime += exponential(random);
    const at = timeOfArrivals(profile, unitTime);
    if (at === undefined) return;
    yield at;
  }
}
