import {
  failingShare,
  meanWaitSeconds,
  probabilityOfWaiting,
  waitExceedance,
} from "../../../policies/model/erlang";

/** What one process's pool gets. */
export interface PoolLoad {
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

export interface PredictionInput {
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
