/**
 * The scale σ at which `overhead + max(0, σ·E − overhead)`, E exponential of mean 1, has the mean that is wanted: the
 * whole acquisition then lasts `max(overhead, σ·E)`, whose mean is `overhead + σ·e^(−overhead/σ)`.
 *
 * An acquisition cannot be shorter than its own cost, so the shortest of an exponential distribution are cut off. That
 * keeps its variation better than taking the cost off the mean would: at a cost of a fifth of the mean 0.93 of it
 * instead of 0.64.
 * @returns undefined when the cost alone is as long as the mean that is wanted.
 */
export function holdScaleMs(meanMs: number, overheadMs: number): number | undefined {
  if (!(meanMs > overheadMs)) return undefined;
  if (overheadMs <= 0) return meanMs;
  let low = 0;
  let high = meanMs;
  for (let step = 0; step < 60; step++) {
    const scale = (low + high) / 2;
    if (overheadMs + scale * Math.exp(-overheadMs / scale) < meanMs) low = scale;
    else high = scale;
  }
  return (low + high) / 2;
}
