/** A source of numbers from 0 up to 1 that a seed repeats. */
export type Random = () => number;

/**
 * mulberry32, by T. Ettinger: 32 bits of state and a period of 2³², the same on every machine. More than good enough
 * for arrival times, nothing for secrets.
 */
export function mulberry32(start: number): Random {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One of many independent sequences of a seed.
 * @param seed - Any number; its lower 32 bits count.
 */
export const seeded = (seed: number, stream = 0): Random =>
  mulberry32(mix((seed >>> 0) ^ mix(Math.imul(stream + 1, 0x9e3779b9))));

/** Spreads neighbouring seeds far apart (the finisher of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** An exponential sample of mean 1. */
export const exponential = (random: Random): number => -Math.log(1 - random());
