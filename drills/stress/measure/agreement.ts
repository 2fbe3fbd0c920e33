import { type Interval, holds as isWithin } from "./batchMeans";
import type { Measured } from "./measured";
import type { Prediction } from "./prediction";

/**
 * Where the prediction lies: in the measured 95 % interval or not; both so small that a run cannot tell them from nothing;
 * null where it cannot be said.
 */
export type Agreed = "within" | "outside" | "too small to measure" | null;

export interface Agreement {
  readonly waitBeyondTarget: Agreed;
  readonly meanWaitMs: Agreed;
}

/**
 * Below these a run measures itself. Of some thousand acquisitions a share of 0.1 % is a handful, which one pause of the
 * machine makes; and an acquisition that waits for nothing takes a turn of Node.js's event loop, some tenths of a ms.
 */
const LEAST_SHARE = 0.001;
const LEAST_WAIT_MS = 0.5;

/** @param canTell - Not where the machine was the bottleneck, or waits grow without end. */
export function agreementOf(
  measured: Pick<Measured, "waitBeyondTarget" | "meanWaitMs">,
  predicted: Prediction,
  canTell: boolean,
): Agreement {
  if (!canTell) return { waitBeyondTarget: null, meanWaitMs: null };
  return {
    waitBeyondTarget: agreed(measured.waitBeyondTarget, predicted.waitBeyondTarget, LEAST_SHARE),
    meanWaitMs: agreed(measured.meanWaitMs, predicted.meanWaitMs, LEAST_WAIT_MS),
  };
}

function agreed(interval: Interval, predicted: number | undefined, least: number): Agreed {
  if (predicted === undefined) return null;
  if (predicted < least && interval.mean < least) return "too small to measure";
  const within = isWithin(interval, predicted);
  return within === undefined ? null : within ? "within" : "outside";
}
