import { exponential, type Random, seeded } from "../../../policies/kit/random";

/** A stretch of time over which the rate of arrivals changes evenly from one value to another. */
export interface Segment {
  readonly seconds: number;
  /** Arrivals a second at its start and at its end; equal for a steady rate. */
  readonly from: number;
  readonly to: number;
}

export const steady = (seconds: number, rate: number): Segment => ({ seconds, from: rate, to: rate });

export const totalSeconds = (profile: readonly Segment[]): number =>
  profile.reduce((sum, { seconds }) => sum + seconds, 0);

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

/**
 * When the expected number of arrivals, the area under the rate, reaches `arrivals`, in seconds from the profile's
 * start; undefined when the profile is over before.
 */
export function timeOfArrivals(profile: readonly Segment[], arrivals: number): number | undefined {
  let start = 0;
  let left = arrivals;
  for (const segment of profile) {
    const here = area(segment, segment.seconds);
    if (left <= here) return start + inverseArea(segment, left);
    left -= here;
    start += segment.seconds;
  }
  return undefined;
}

/** Expected arrivals in the first `seconds` of a segment. */
function area({ seconds: all, from, to }: Segment, seconds: number): number {
  const slope = (to - from) / all;
  return from * seconds + (slope * seconds * seconds) / 2;
}

/** The root of `from·t + slope·t²/2 = arrivals` in the form that also holds for a slope of 0. */
function inverseArea({ seconds, from, to }: Segment, arrivals: number): number {
  if (arrivals <= 0) return 0;
  const slope = (to - from) / seconds;
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * arrivals));
  return Math.min(seconds, (2 * arrivals) / (from + root));
}

/** A target's arrival times, and what each of its requests is: sequences of their own of one seed. */
export const arrivalsAt = (
  target: number,
  seed: number,
  profile: readonly Segment[],
): Generator<number, void> => arrivals(seeded(seed, 2 * target), profile);
export const requestsAt = (target: number, seed: number): Random => seeded(seed, 2 * target + 1);

/** How many requests a load has, counted apart from the generator: what it sent is held against this. */
export function scheduledRequests(seed: number, targets: number, profile: readonly Segment[]): number {
  let count = 0;
  for (let target = 0; target < targets; target++) {
    for (const _at of arrivalsAt(target, seed, profile)) count++;
  }
  return count;
}
