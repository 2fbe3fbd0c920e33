/** A pool beside the one in question, on the same database. */
export interface OtherPool {
  readonly poolMax: number;
  /** The fewest connections that its own demand needs. */
  readonly floor: number;
  /** Pools of that size that are held at peak: tasks × processes. */
  readonly pools: number;
}

/**
 * Sizes of the other pools that free this many connections at peak, none below its own floor: of the pool that has most
 * to spare alone, where that is enough; else down to their floors one after another, the last only as far as it must.
 * `null` when all their floors together do not free as many.
 */
export function loweredPools(toFree: number, others: readonly OtherPool[]): readonly number[] | null {
  const spare = ({ poolMax, floor, pools }: OtherPool): number => Math.max(0, poolMax - floor) * pools;
  const sizes = others.map(({ poolMax }) => poolMax);
  const order = others.map((_, i) => i).sort((a, b) => spareAt(b) - spareAt(a));
  let left = toFree;
  for (const i of order) {
    const other = others[i];
    if (other === undefined || left <= 0) break;
    const freed = Math.min(spare(other), Math.ceil(left / other.pools) * other.pools);
    if (freed <= 0) continue;
    sizes[i] = other.poolMax - freed / other.pools;
    left -= freed;
  }
  return left <= 0 ? sizes : null;

  function spareAt(i: number): number {
    const other = others[i];
    return other === undefined ? 0 : spare(other);
  }
}
