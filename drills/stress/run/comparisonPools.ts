import type { Options } from "../commandLine";
import { predict } from "../measure/prediction";
import type { StackUnderTest } from "../settings/stackUnderTest";

export interface ComparisonInput {
  /** Connections that one pool keeps busy. */
  readonly offeredLoad: number;
  readonly floor: number | null;
  readonly ceiling: number | null;
}

/** ρ at which waits are long enough to be measured and a queue still settles within a run. */
const TELLING = 0.85;

/**
 * Pools to measure beside the stack's own: one below the floor in which waits are seen, the floor, and one above it.
 * A pool of which half is idle even at the smallest size that carries the load has no such "below".
 */
export function comparisonPools({ offeredLoad, floor, ceiling }: ComparisonInput): readonly number[] {
  const carrying = Math.max(1, Math.ceil(offeredLoad / TELLING));
  const at = floor ?? carrying;
  const below = Math.min(carrying, at);
  const above = Math.min(
    at + Math.max(1, Math.round(at / 3)),
    Math.max(at, ceiling ?? Number.POSITIVE_INFINITY),
  );
  return [...new Set([below, at, above])];
}

/** Pools beside the stack's own: as asked for, none for a short run, else around the floor. */
export function poolsToCompare({
  options,
  stack,
  offeredLoad,
}: {
  readonly options: Pick<Options, "pools" | "smoke" | "findLimit">;
  readonly stack: Pick<StackUnderTest, "pool">;
  readonly offeredLoad: number;
}): readonly number[] {
  if (options.pools !== undefined) return options.pools;
  if (options.smoke || options.findLimit) return [];
  return comparisonPools({ offeredLoad, ...stack.pool });
}

export interface TableInput extends ComparisonInput {
  readonly requestsPerSecond: number;
  readonly holdMs: number;
  readonly acquisitionsPerRequest: number;
  readonly waitTargetMs: number;
  readonly acquireTimeoutMs: number;
  /** Sizes that were measured: they are in the table in any case. */
  readonly measured: readonly number[];
}

/** What the model says of every pool around the floor. */
export function predictedTable(input: TableInput): ReturnType<typeof predict>[] {
  const at = input.floor ?? Math.ceil(input.offeredLoad);
  const sizes = [
    Math.max(1, Math.floor(input.offeredLoad)),
    ...comparisonPools(input),
    Math.max(1, at - 1),
    ...input.measured,
  ];
  const { requestsPerSecond, holdMs, acquisitionsPerRequest, waitTargetMs, acquireTimeoutMs } = input;
  return [...new Set(sizes)]
    .sort((a, b) => a - b)
    .map((poolMax) =>
      predict({
        poolMax,
        waitTargetMs,
        acquireTimeoutMs,
        load: { requestsPerSecond, holdMs, acquisitionsPerRequest },
      }),
    );
}
