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

/** Arrivals to be expected over a whole profile: the area under the rate. */
export const expectedArrivals = (profile: readonly Segment[]): number =>
  profile.reduce((sum, segment) => sum + area(segment, segment.seconds), 0);

/** Expected arrivals in the first `seconds` of a segment. */
function area({ seconds: all, from, to }: Segment, seconds: number): number {
  const slope = (to - from) / all;
  return from * seconds + (slope * seconds * seconds) / 2;
}

/**
 * When the expected number of arrivals reaches `arrivals`, in seconds from the profile's start; undefined when the
 * profile is over before. The inverse of the area turns a steady Poisson process into one of this rate.
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

/** The root of `from·t + slope·t²/2 = arrivals` in the form that also holds for a slope of 0. */
function inverseArea({ seconds, from, to }: Segment, arrivals: number): number {
  if (arrivals <= 0) return 0;
  const slope = (to - from) / seconds;
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * arrivals));
  return Math.min(seconds, (2 * arrivals) / (from + root));
}
