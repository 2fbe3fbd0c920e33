/** A source of numbers from 0 up to 1 that a seed repeats. */
export type Random = () => number;

/**
 * mulberry32: 32 bits of state, more than good enough for arrival times, and the same on every machine.
 * @param seed - Any number; its lower 32 bits count.
 * @param stream - Which of many independent sequences of that seed.
 */
export function seeded(seed: number, stream = 0): Random {
  let state = mix((seed >>> 0) ^ mix(Math.imul(stream + 1, 0x9e3779b9)));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Spreads neighbouring seeds far apart (the finisher of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** An exponential sample of mean 1. */
export const exponential = (random: Random): number => -Math.log(1 - random());
