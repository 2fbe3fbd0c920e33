import { nonNegative, positive, wholeNumber } from "./check";

/**
 * A pool of c connections as an M/M/c queue: Poisson arrivals, exponential hold times, one queue, no loss.
 *
 * Source: A. K. Erlang (1917); L. Kleinrock, Queueing Systems I (1975), section 3.5. `servers` are connections,
 * `offeredLoad` is arrivals per second × mean hold seconds, in erlangs: the connections kept busy on average.
 */

/**
 * The heaviest load this model will size a pool for, in erlangs. Far beyond any database, and it keeps the
 * search under a tenth of a second whatever number a tag holds. Above it: `RangeError`.
 */
export const MAX_OFFERED_LOAD = 1e10;

interface QueueInput {
  /** Connections in the pool. */
  readonly servers: number;
  /** Acquisitions a second that reach this pool. */
  readonly arrivalsPerSecond: number;
  /** Mean time one acquisition keeps its connection. */
  readonly meanHoldSeconds: number;
  /** Squared coefficient of variation of hold times, at least 1. @default 1, exponential */
  readonly holdScv?: number | undefined;
}

interface PoolSizeInput {
  readonly arrivalsPerSecond: number;
  readonly meanHoldSeconds: number;
  readonly holdScv?: number | undefined;
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
 * How much longer those wait that wait at all, where hold times are spread otherwise than exponentially: (Ca² + Cs²) / 2
 * with Poisson arrivals, Ca² = 1 (A. O. Allen, Probability, Statistics, and Queueing Theory, 1990, section 5.3, the
 * Allen-Cunneen approximation; W. Whitt, "Approximations for the GI/G/m queue", 1993, has its limits: heavy traffic, and
 * spreads that are not extreme). How many wait hardly depends on the spread, so Erlang C stays. Holds that vary less than
 * exponential ones do not lower it: nothing in a plan shows that they do. Simulated with a million arrivals each on pools
 * of 3 to 18 with Cs² 4 and 10 and with two classes of holds, 0.2 (at half load) to 0.99 of the predicted share waits longer
 * than 50 ms; taken as exponential, 2.5 to more than 100 times the predicted share does.
 */
export function waitStretch(holdScv: number | undefined): number {
  return (1 + Math.max(1, nonNegative("holdScv", holdScv ?? 1))) / 2;
}

/** 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/**
 * Squared coefficient of variation of hold times from their mean and 99th percentile, taken as lognormal, as latencies of
 * servers mostly are (long to the right, no upper bound): `p99 / mean = e^(z·σ − σ²/2)` gives σ, and `Cs² = e^(σ²) − 1`.
 * No lognormal has its 99th percentile above e^(z²/2) = 15 times its mean: beyond, the largest one counts, with which
 * hardly any acquisition may wait at all. 4.9 times the mean is as spread as exponential holds.
 * @throws RangeError for a mean or percentile that is not above 0 and finite.
 */
export function scvFromPercentile(mean: number, p99: number): number {
  const ratio = Math.log(positive("the 99th percentile", p99) / positive("the mean", mean));
  const sigma = Z99 - Math.sqrt(Math.max(0, Z99 * Z99 - 2 * ratio));
  return Math.expm1(Math.max(0, sigma) ** 2);
}

/**
 * Probability that an acquisition waits longer than `waitSeconds`: `C(c, a) · e^(−(c − a) · t / S)`, from 0 to 1, with S
 * stretched where hold times are spread more than exponentially.
 * @throws RangeError as `probabilityOfWaiting`, and for a negative or infinite rate, hold or wait.
 */
export function waitExceedance(input: QueueInput & { readonly waitSeconds: number }): number {
  const load = offeredLoadOf(input);
  const waitSeconds = nonNegative("waitSeconds", input.waitSeconds);
  const waiting = probabilityOfWaiting(input.servers, load);
  if (waiting === 0 || load >= input.servers) return waiting;
  return waiting * longerThan(waitSeconds, input.servers, load, stretchedHold(input));
}

/** Mean wait for a connection, in seconds; `undefined` when the load has no steady state (it never settles). */
export function meanWaitSeconds(input: QueueInput): number | undefined {
  const load = offeredLoadOf(input);
  const waiting = probabilityOfWaiting(input.servers, load);
  if (load >= input.servers) return load === 0 ? 0 : undefined;
  return (waiting * stretchedHold(input)) / (input.servers - load);
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
  const hold = stretchedHold(input);
  let step = climb(startOfRecurrence(load), Math.floor(load) + 1, load);
  while (exceedanceAt(step, load, waitSeconds, hold) > exceedance) {
    step = climb(step, step.servers + 1, load);
  }
  return step.servers;
}

interface Step {
  readonly servers: number;
  /** 1 / B(servers, load), B being Erlang's loss probability. */
  readonly inverseBlocking: number;
}

/**
 * Where the recurrence may begin. Below the load each step k shrinks any earlier error by k/load, so a start
 * 10·√load below it leaves an error of about e^−50: as exact as starting at 0, in √load steps instead of load.
 * `load / (load − k)` is the upper bound of 1/B(k, load) there.
 */
function startOfRecurrence(load: number): Step {
  if (load > MAX_OFFERED_LOAD) {
    throw new RangeError(
      `an offered load of ${load} erlangs is beyond what is modelled (${MAX_OFFERED_LOAD})`,
    );
  }
  const servers = Math.max(0, Math.floor(load - 10 * Math.sqrt(load)));
  return { servers, inverseBlocking: servers === 0 ? 1 : load / (load - servers) };
}

/** Erlang B in its inverse form, `1/B(k) = 1 + (k / a) / B(k − 1)`: only additions of positives, so it is stable. */
function climb(from: Step, servers: number, load: number): Step {
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

/** What the tail of the wait goes by: the mean hold, stretched by its spread. */
const stretchedHold = (input: Pick<QueueInput, "meanHoldSeconds" | "holdScv">): number =>
  input.meanHoldSeconds * waitStretch(input.holdScv);

function offeredLoadOf(input: {
  readonly arrivalsPerSecond: number;
  readonly meanHoldSeconds: number;
}): number {
  const arrivals = nonNegative("arrivalsPerSecond", input.arrivalsPerSecond);
  return arrivals * nonNegative("meanHoldSeconds", input.meanHoldSeconds);
}

/**
 * A group of servers without a queue: an arrival that finds all of them busy is lost (M/G/c/c). Lambda's environments
 * are one: each holds a single request, and what comes beyond the concurrency is throttled (AWS: Lambda, "Understanding
 * Lambda function scaling").
 *
 * Source: A. K. Erlang (1917); L. Kleinrock, Queueing Systems I (1975), section 3.6. The loss depends on the mean hold
 * time only, not on how hold times are spread.
 */

/**
 * Share of arrivals that are lost (Erlang B), from 0 to 1: `B(0) = 1`, `B(c) = a·B(c−1) / (c + a·B(c−1))`.
 * @throws RangeError when `servers` is not a whole number of 0 or more, or the load is negative, NaN or beyond the model.
 */
export function lossProbability(servers: number, offeredLoad: number): number {
  wholeNumber("servers", servers);
  nonNegative("offeredLoad", offeredLoad);
  if (offeredLoad === 0) return servers === 0 ? 1 : 0;
  return 1 / climb(stepBefore(servers, offeredLoad), servers, offeredLoad).inverseBlocking;
}

/**
 * The fewest servers that lose no more than `lossTarget` of the arrivals; 1 where there are none.
 * @throws RangeError as `lossProbability`, and for a target outside (0, 1].
 */
export function serversForLoss(offeredLoad: number, lossTarget: number): number {
  nonNegative("offeredLoad", offeredLoad);
  const target = positive("lossTarget", lossTarget, 1);
  if (offeredLoad === 0) return 1;
  // c servers carry no more than c erlangs, so fewer than these lose too much.
  const least = Math.max(0, Math.floor(offeredLoad * (1 - target)));
  let step = climb(stepBefore(least, offeredLoad), least, offeredLoad);
  while (1 / step.inverseBlocking > target) step = climb(step, step.servers + 1, offeredLoad);
  return Math.max(1, step.servers);
}

/** Where the recurrence may begin for a number of servers: `startOfRecurrence`, or as far below one that is less. */
function stepBefore(servers: number, load: number): Step {
  const start = startOfRecurrence(load);
  if (servers >= start.servers) return start;
  const begin = Math.max(0, Math.floor(servers - 10 * Math.sqrt(load)));
  return { servers: begin, inverseBlocking: load / (load - begin) };
}

interface FailingShareInput {
  /** Connections in one process's pool. */
  readonly servers: number;
  /** Requests a second that reach this process. */
  readonly requestsPerSecond: number;
  /** Mean time one acquisition keeps its connection. */
  readonly meanHoldSeconds: number;
  /** Acquisitions a request makes one after another, on average; 1.1 is one for most and two for a tenth. */
  readonly acquisitionsPerRequest: number;
}

/**
 * Share of requests that fail at a load the pool cannot carry, from 0 to 1; 0 when it can.
 *
 * Each acquisition succeeds with probability q, and a request stops at its first failure. The connections are
 * all busy, so what is carried equals what there is: `r·S·Σ q^i = c`, which gives q. With a fractional mean k a
 * share f = k − ⌊k⌋ of the requests makes ⌈k⌉ acquisitions and the others ⌊k⌋ (below 1: none), so
 * `r·S·[(1 − f)·Σ_{1..⌊k⌋} q^i + f·Σ_{1..⌈k⌉} q^i] = c` and `1 − [(1 − f)·q^⌊k⌋ + f·q^⌈k⌉]` fail.
 *
 * It is a lower bound: nothing is lost to requests that give up. It is met when the acquire timeout is at least
 * 3·S, the queue bound at least 5·c, and a request outlives acquire timeout + hold + the rest of its work.
 * @throws RangeError when `servers` is negative, fractional or NaN, or another input negative, NaN or infinite.
 */
export function failingShare(input: FailingShareInput): number {
  const servers = wholeNumber("servers", input.servers);
  const requests = nonNegative("requestsPerSecond", input.requestsPerSecond);
  const hold = nonNegative("meanHoldSeconds", input.meanHoldSeconds);
  const acquisitions = nonNegative("acquisitionsPerRequest", input.acquisitionsPerRequest);
  // Acquisitions per request that the pool has room for. Dividing in turn cannot overflow into NaN.
  const room = servers / requests / hold;
  if (requests === 0 || hold === 0 || room >= acquisitions) return 0;
  const q = successOfOneAcquisition(room, acquisitions);
  const whole = Math.floor(acquisitions);
  const fraction = acquisitions - whole;
  const succeeding = q ** whole * (1 - fraction + fraction * q);
  return Math.min(1, Math.max(0, 1 - succeeding));
}

/** The q at which the mean number of acquisitions that succeed, per request, is `room`: by bisection. */
function successOfOneAcquisition(room: number, acquisitions: number): number {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (meanSuccesses(middle, acquisitions) < room) low = middle;
    else high = middle;
  }
}

/** `Σ_{i=1..⌊k⌋} q^i + f·q^(⌊k⌋+1)` for 0 < q < 1, by the geometric sum: k may be any size. */
function meanSuccesses(q: number, acquisitions: number): number {
  const whole = Math.floor(acquisitions);
  const fraction = acquisitions - whole;
  const sum = (q * -Math.expm1(whole * Math.log(q))) / (1 - q);
  return sum + fraction * q ** (whole + 1);
}
