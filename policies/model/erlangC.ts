/**
 * A pool of c connections as an M/M/c queue: Poisson arrivals, exponential hold times, one queue, no loss.
 *
 * Source: A. K. Erlang (1917); L. Kleinrock, Queueing Systems I (1975), section 3.5. `servers` are connections,
 * `offeredLoad` is arrivals per second × mean hold seconds, in erlangs: the connections kept busy on average.
 */
import { nonNegative, positive, wholeNumber } from "./check";

export { type FailingShareInput, failingShare } from "./failingShare";

/**
 * The heaviest load this model will size a pool for, in erlangs. Far beyond any database, and it keeps the
 * search under a tenth of a second whatever number a tag holds. Above it: `RangeError`.
 */
export const MAX_OFFERED_LOAD = 1e10;

export interface QueueInput {
  /** Connections in the pool. */
  readonly servers: number;
  /** Acquisitions a second that reach this pool. */
  readonly arrivalsPerSecond: number;
  /** Mean time one acquisition keeps its connection. */
  readonly meanHoldSeconds: number;
}

export interface PoolSizeInput {
  readonly arrivalsPerSecond: number;
  readonly meanHoldSeconds: number;
  /** A wait up to this long is good enough. */
  readonly waitTargetSeconds: number;
  /** Share of acquisitions that may wait longer, above 0 and up to 1: 0.01 is one in a hundred. */
  readonly exceedance: number;
}

/**
 * Probability that an acquisition finds every connection busy (Erlang C), from 0 to 1.
 *
 * A load of `servers` or more has no steady state: the queue grows for as long as the load lasts, so it is 1.
 * @throws RangeError when `servers` is negative or fractional, when the load is negative or NaN, or when a load
 * that the servers could carry exceeds `MAX_OFFERED_LOAD`.
 */
export function probabilityOfWaiting(servers: number, offeredLoad: number): number {
  wholeNumber("servers", servers);
  if (!(offeredLoad >= 0)) throw new RangeError(`offeredLoad must be 0 or more, not ${offeredLoad}`);
  if (offeredLoad >= servers) return 1;
  if (offeredLoad === 0) return 0;
  return waitingFrom(
    climb(startOfRecurrence(offeredLoad), servers, offeredLoad).inverseBlocking,
    servers,
    offeredLoad,
  );
}

/**
 * Probability that an acquisition waits longer than `waitSeconds`: `C(c, a) · e^(−(c − a) · t / S)`, from 0 to 1.
 * @throws RangeError as `probabilityOfWaiting`, and for a negative or infinite rate, hold or wait.
 */
export function waitExceedance(input: QueueInput & { readonly waitSeconds: number }): number {
  const load = offeredLoadOf(input);
  const waitSeconds = nonNegative("waitSeconds", input.waitSeconds);
  const waiting = probabilityOfWaiting(input.servers, load);
  if (waiting === 0 || load >= input.servers) return waiting;
  return waiting * longerThan(waitSeconds, input.servers, load, input.meanHoldSeconds);
}

/** Mean wait for a connection, in seconds; `undefined` when the load has no steady state (it never settles). */
export function meanWaitSeconds(input: QueueInput): number | undefined {
  const load = offeredLoadOf(input);
  const waiting = probabilityOfWaiting(input.servers, load);
  if (load >= input.servers) return load === 0 ? 0 : undefined;
  return (waiting * input.meanHoldSeconds) / (input.servers - load);
}

/**
 * The smallest pool that carries the load and keeps the share of waits beyond the target within `exceedance`.
 * No arrivals need a pool of 1: a pool of 0 is not a pool.
 * @throws RangeError for negative, NaN or infinite input, an exceedance outside (0, 1], or a load above
 * `MAX_OFFERED_LOAD`.
 */
export function minimumPoolSize(input: PoolSizeInput): number {
  const load = offeredLoadOf(input);
  const waitSeconds = nonNegative("waitTargetSeconds", input.waitTargetSeconds);
  const exceedance = positive("exceedance", input.exceedance, 1);
  if (load === 0) return 1;
  let step = climb(startOfRecurrence(load), Math.floor(load) + 1, load);
  while (exceedanceAt(step, load, waitSeconds, input.meanHoldSeconds) > exceedance) {
    step = climb(step, step.servers + 1, load);
  }
  return step.servers;
}

export interface Step {
  readonly servers: number;
  /** 1 / B(servers, load), B being Erlang's loss probability. */
  readonly inverseBlocking: number;
}

/**
 * Where the recurrence may begin. Below the load each step k shrinks any earlier error by k/load, so a start
 * 10·√load below it leaves an error of about e^−50: as exact as starting at 0, in √load steps instead of load.
 * `load / (load − k)` is the upper bound of 1/B(k, load) there.
 */
export function startOfRecurrence(load: number): Step {
  if (load > MAX_OFFERED_LOAD) {
    throw new RangeError(
      `an offered load of ${load} erlangs is beyond what is modelled (${MAX_OFFERED_LOAD})`,
    );
  }
  const servers = Math.max(0, Math.floor(load - 10 * Math.sqrt(load)));
  return { servers, inverseBlocking: servers === 0 ? 1 : load / (load - servers) };
}

/** Erlang B in its inverse form, `1/B(k) = 1 + (k / a) / B(k − 1)`: only additions of positives, so it is stable. */
export function climb(from: Step, servers: number, load: number): Step {
  let { inverseBlocking } = from;
  for (let k = from.servers + 1; k <= servers && inverseBlocking < Number.POSITIVE_INFINITY; k++) {
    inverseBlocking = 1 + (k / load) * inverseBlocking;
  }
  return { servers, inverseBlocking };
}

/** Erlang C from Erlang B: `C = 1 / (ρ + (1 − ρ) / B)` with ρ = load / servers. */
function waitingFrom(inverseBlocking: number, servers: number, load: number): number {
  const idle = (servers - load) / servers;
  return Math.min(1, 1 / (load / servers + idle * inverseBlocking));
}

function longerThan(waitSeconds: number, servers: number, load: number, meanHoldSeconds: number): number {
  return Math.exp((-(servers - load) * waitSeconds) / meanHoldSeconds);
}

function exceedanceAt(step: Step, load: number, waitSeconds: number, meanHoldSeconds: number): number {
  const waiting = waitingFrom(step.inverseBlocking, step.servers, load);
  return waiting * longerThan(waitSeconds, step.servers, load, meanHoldSeconds);
}

function offeredLoadOf(input: {
  readonly arrivalsPerSecond: number;
  readonly meanHoldSeconds: number;
}): number {
  const arrivals = nonNegative("arrivalsPerSecond", input.arrivalsPerSecond);
  return arrivals * nonNegative("meanHoldSeconds", input.meanHoldSeconds);
}
