import {
  failingShare,
  meanWaitSeconds,
  probabilityOfWaiting,
  waitExceedance,
} from "../../../policies/model/erlang";
import { type Interval, isWithin } from "./statistics";

/** What one process's pool gets. */
interface PoolLoad {
  readonly requestsPerSecond: number;
  readonly holdMs: number;
  readonly acquisitionsPerRequest: number;
}

/** What the capacity model says of a pool under a load. */
export interface Prediction {
  readonly poolMax: number;
  /** Offered load over connections, ρ: from 1 on there is no steady state. */
  readonly utilisation: number;
  /** Share of acquisitions that wait longer than the target. */
  readonly waitBeyondTarget: number;
  /** Undefined from ρ = 1 on: the wait grows until acquisitions give up. */
  readonly meanWaitMs: number | undefined;
  /** 99th percentile of the wait; from ρ = 1 on it is the acquire timeout. */
  readonly waitP99Ms: number;
  /** Share of requests that fail. */
  readonly failedShare: number;
}

interface PredictionInput {
  readonly poolMax: number;
  readonly load: PoolLoad;
  readonly waitTargetMs: number;
  readonly acquireTimeoutMs: number;
}

/**
 * Below ρ = 1 the share that fails is the share of waits beyond the acquire timeout, once for each acquisition; from
 * there on it is `failingShare`, a lower bound.
 */
export function predict({ poolMax, load, waitTargetMs, acquireTimeoutMs }: PredictionInput): Prediction {
  const { requestsPerSecond, acquisitionsPerRequest } = load;
  const meanHoldSeconds = load.holdMs / 1000;
  const arrivalsPerSecond = requestsPerSecond * acquisitionsPerRequest;
  const queue = { servers: poolMax, arrivalsPerSecond, meanHoldSeconds };
  const offered = arrivalsPerSecond * meanHoldSeconds;
  const overloaded = offered >= poolMax;
  const beyond = (ms: number): number => waitExceedance({ ...queue, waitSeconds: ms / 1000 });
  const meanWait = meanWaitSeconds(queue);
  return {
    poolMax,
    utilisation: offered / poolMax,
    waitBeyondTarget: beyond(waitTargetMs),
    meanWaitMs: meanWait === undefined ? undefined : meanWait * 1000,
    waitP99Ms: overloaded ? acquireTimeoutMs : quantileMs(0.99, poolMax, offered, load.holdMs),
    failedShare: overloaded
      ? failingShare({ servers: poolMax, requestsPerSecond, meanHoldSeconds, acquisitionsPerRequest })
      : 1 - (1 - beyond(acquireTimeoutMs)) ** acquisitionsPerRequest,
  };
}

/** Where `C·e^(−(c − a)·t/S)` falls to the rest; 0 when fewer than that wait at all. */
function quantileMs(share: number, servers: number, offered: number, holdMs: number): number {
  const waiting = probabilityOfWaiting(servers, offered);
  return waiting <= 1 - share ? 0 : (Math.log(waiting / (1 - share)) * holdMs) / (servers - offered);
}

/**
 * How long the queue remembers, in ms: the relaxation time of an M/M/c queue, S/c ÷ (1 − √ρ)². Batches have to be long
 * against it. Undefined from ρ = 1 on.
 *
 * Source: W. Whitt, Planning queueing simulations, Management Science 35 (1989), equation 24.
 */
export function relaxationMs({ poolMax, utilisation }: Prediction, holdMs: number): number | undefined {
  if (utilisation >= 1) return undefined;
  return holdMs / poolMax / (1 - Math.sqrt(utilisation)) ** 2;
}

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
const MIN_SHARE = 0.001;
const MIN_WAIT_MS = 0.5;

/** @param canTell - Not where the machine was the bottleneck, or waits grow without end. */
export function agreementOf(
  measured: { readonly waitBeyondTarget: Interval; readonly meanWaitMs: Interval },
  predicted: Prediction,
  canTell: boolean,
): Agreement {
  if (!canTell) return { waitBeyondTarget: null, meanWaitMs: null };
  return {
    waitBeyondTarget: agreed(measured.waitBeyondTarget, predicted.waitBeyondTarget, MIN_SHARE),
    meanWaitMs: agreed(measured.meanWaitMs, predicted.meanWaitMs, MIN_WAIT_MS),
  };
}

function agreed(interval: Interval, predicted: number | undefined, least: number): Agreed {
  if (predicted === undefined) return null;
  if (predicted < least && interval.mean < least) return "too small to measure";
  const within = isWithin(interval, predicted);
  return within === undefined ? null : within ? "within" : "outside";
}
