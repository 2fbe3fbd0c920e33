import type { LoadResult } from "../load/generatorProcess";
import type { PoolSeries, Span } from "./poolSeries";
import type { DatabaseSample } from "./sampler";

/** What one load on one fleet with one pool size left behind, not yet judged. Its span is that of the measured segment. */
export interface PhaseRecord extends Span {
  readonly poolMax: number;
  readonly tasks: number;
  readonly load: LoadResult;
  readonly scheduled: number;
  readonly pools: readonly PoolSeries[];
  readonly database: readonly DatabaseSample[];
  /** Share of the machine's CPUs that was busy from first to last arrival. */
  readonly busyShare: number;
  readonly holds: SampledHolds;
}

/** What the holds of a phase were meant to be, and what the database drew. */
export interface SampledHolds {
  /** What an acquisition was taken to cost without its sleep, while it was measured. */
  readonly overheadMs: number;
  /** Mean sleep that the database drew meanwhile; NaN where it could not be asked. */
  readonly meanSleepMs: number;
}

/** Whether a moment lies in a span, its end excluded. */
export const isIn = ({ fromMs, toMs }: Span, atMs: number): boolean => fromMs <= atMs && atMs < toMs;
