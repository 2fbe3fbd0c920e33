import { mulberry32 } from "../../../policies/kit/random";

/** Random numbers that are the same on every machine for the same seed: a scenario is a fact, not a throw of dice. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  /** Mean 0, standard deviation 1. */
  readonly normal: () => number;
  /** A count with the given mean. */
  readonly poisson: (mean: number) => number;
  /** A factor around 1 whose logarithm has the given standard deviation. */
  readonly factor: (spread: number) => number;
}

export function random(seed: string): Random {
  const uniform = mulberry32(hash(seed));
  // Box and Muller (1958).
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const poisson = (mean: number) => {
    // Beyond a few dozen the normal approximation is closer than anyone can see.
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-Math.max(0, mean));
    let count = 0;
    for (let product = uniform(); product > limit; product *= uniform()) count++;
    return count;
  };
  return { uniform, normal, poisson, factor: (spread) => Math.exp(spread * normal()) };
}

/** FNV-1a. */
function hash(text: string): number {
  let result = 0x811c9dc5;
  for (const letter of text) result = Math.imul(result ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return result;
}
