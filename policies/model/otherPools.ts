/** A pool beside the one in question, on the same database. */
export interface OtherPool {
  readonly poolMax: number;
  /** The fewest connections that its own demand needs; 1 where that is not known. */
  readonly floor: number;
  /** Whether the floor follows from a demand: what may need more is lowered last. @default true */
  readonly isFloorKnown?: boolean;
  /** Pools of that size that are held at peak: tasks × processes. */
  readonly pools: number;
}

/**
 * Sizes of the other pools that free this many connections at peak, none below its own floor: of the pool that has most
 * to spare alone, where that is enough; else down to their floors one after another, the last only as far as it must.
 * Pools whose floor is not known come after all others. `null` when all their floors together do not free as many.
 */
export function loweredPools(toFree: number, others: readonly OtherPool[]): readonly number[] | null {
  const spare = ({ poolMax, floor, pools }: OtherPool): number => Math.max(0, poolMax - floor) * pools;
  const sizes = others.map(({ poolMax }) => poolMax);
  const order = others
    .map((other, i) => ({ i, isFloorKnown: other.isFloorKnown ?? true, spare: spare(other) }))
    .sort((a, b) => Number(b.isFloorKnown) - Number(a.isFloorKnown) || b.spare - a.spare);
  let left = toFree;
  for (const { i } of order) {
    const other = others[i];
    if (other === undefined || left <= 0) break;
    const freed = Math.min(spare(other), Math.ceil(left / other.pools) * other.pools);
    if (freed <= 0) continue;
    sizes[i] = other.poolMax - freed / other.pools;
    left -= freed;
  }
  return left <= 0 ? sizes : null;
}
