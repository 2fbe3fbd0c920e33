import { lossProbability } from "../../../policies/model/erlang";

interface PoolQueueInput {
  /** Connections that can be had, from 0. A fraction is a mix of the two whole numbers around it. */
  readonly connections: number;
  /** Requests a second that reach this process. */
  readonly requestsPerSecond: number;
  /** Acquisitions that a request makes one after another, on average. */
  readonly acquisitionsPerRequest: number;
  readonly holdSeconds: number;
  readonly acquireTimeoutSeconds: number;
  readonly queueMax: number;
}

/** How one process's pool fares at a steady load. */
export interface PoolQueue {
  readonly acquisitionsPerSecond: number;
  /** Connections in use on average. */
  readonly used: number;
  /** Requests waiting on average. */
  readonly waiting: number;
  /** Of all acquisitions, those that gave up included. */
  readonly meanWaitSeconds: number;
  readonly waitP99Seconds: number;
  readonly timeoutsPerSecond: number;
  /** At the queue bound. */
  readonly refusalsPerSecond: number;
  /** Share of requests that fail, from 0 to 1. */
  readonly failingShare: number;
}

/**
 * A pool as an M/M/c queue whose callers give up after the acquire timeout (M/M/c+D): below its limit it is Erlang C,
 * beyond it loses what it cannot carry, as the capacity model's `failingShare` says. Tests hold it to both.
 *
 * The wait V that an arrival would have has the density `λ·p(c−1)·e^((λ−cμ)x)` up to the timeout τ and
 * `…·e^(−cμ(x−τ))` beyond, where no one joins any more; who finds V > τ gives up.
 * Source: D. Y. Barrer, Queuing with impatient customers and ordered service (Operations Research 5, 1957);
 * F. Baccelli and G. Hébuterne, On queues with impatient customers (1981).
 *
 * The queue bound is an approximation: where waiting in a full queue takes no longer than the timeout, all that is lost
 * is refused; else as much of it as the queue, of about λτ requests, is found beyond its bound.
 */
export function poolQueue(input: PoolQueueInput): PoolQueue {
  const below = Math.floor(input.connections);
  const share = input.connections - below;
  const low = wholePool(input, below);
  return share === 0 ? low : mix(low, wholePool(input, below + 1), share);
}

/** Acquisitions lost change how many there are: a request stops at its first. A few rounds settle it. */
function wholePool(input: PoolQueueInput, connections: number): PoolQueue {
  const { acquisitionsPerRequest: k, requestsPerSecond } = input;
  const whole = Math.floor(k);
  const fraction = k - whole;
  let succeeding = 1;
  let station = stationOf(input, connections, requestsPerSecond * k);
  for (let round = 0; round < ROUNDS; round++) {
    const next = (succeeding + 1 - station.lost) / 2;
    const settled = Math.abs(next - succeeding) < 1e-6;
    succeeding = next;
    station = stationOf(input, connections, requestsPerSecond * attempts(succeeding, whole, fraction));
    if (settled) break;
  }
  const { lost, acquisitions } = station;
  const refused = lost * refusedShare(input, connections, acquisitions);
  const meanWaitSeconds = meanWait(station);
  return {
    acquisitionsPerSecond: acquisitions,
    used: acquisitions * (1 - lost) * input.holdSeconds,
    waiting: Math.min(input.queueMax, acquisitions * meanWaitSeconds),
    meanWaitSeconds,
    waitP99Seconds: waitP99(station),
    timeoutsPerSecond: acquisitions * (lost - refused),
    refusalsPerSecond: acquisitions * refused,
    failingShare: 1 - succeeding ** whole * (1 - fraction + fraction * succeeding),
  };
}

const ROUNDS = 60;

/** Acquisitions of one request when each succeeds with this probability. */
function attempts(succeeding: number, whole: number, fraction: number): number {
  let sum = fraction * succeeding ** whole;
  for (let index = 0; index < whole; index++) sum += succeeding ** index;
  return sum;
}

interface Station {
  readonly acquisitions: number;
  /** Share of acquisitions that are lost. */
  readonly lost: number;
  /** How long an acquisition waits at most. */
  readonly patience: number;
  /** Share of acquisitions that wait longer than this, while that is below the patience. */
  readonly longerThan: (seconds: number) => number;
}

function stationOf(input: PoolQueueInput, connections: number, acquisitions: number): Station {
  const load = acquisitions * input.holdSeconds;
  const patience = patienceOf(input, connections);
  if (load === 0) return { acquisitions, lost: 0, patience, longerThan: () => 0 };
  if (connections === 0) return { acquisitions, lost: 1, patience, longerThan: () => 1 };
  const perSecond = connections / input.holdSeconds;
  const growth = acquisitions - perSecond;
  // Relative to "fewer than c are busy", which has the weight 1; the exponent is bounded so that nothing overflows.
  const blocking = acquisitions * lossProbability(connections - 1, load);
  const density = (seconds: number) => blocking * Math.exp(Math.min(600, growth * seconds));
  const even = Math.abs(growth * patience) < 1e-9;
  const waits = (from: number) =>
    even ? (patience - from) * blocking : (density(patience) - density(from)) / growth;
  const beyond = density(patience) / perSecond;
  const total = 1 + waits(0) + beyond;
  return {
    acquisitions,
    lost: beyond / total,
    patience,
    longerThan: (seconds) => (waits(seconds) + beyond) / total,
  };
}

/** The area under the share that waits longer, by the midpoint rule. */
function meanWait({ longerThan, patience }: Station): number {
  let sum = 0;
  for (let step = 0; step < STEPS; step++) sum += longerThan(((step + 0.5) / STEPS) * patience);
  return (sum * patience) / STEPS;
}

const STEPS = 50;

/** How long an acquisition waits at most: for the timeout, or for a full queue to pass. */
function patienceOf(
  { acquireTimeoutSeconds, queueMax, holdSeconds }: PoolQueueInput,
  connections: number,
): number {
  return connections === 0
    ? acquireTimeoutSeconds
    : Math.min(acquireTimeoutSeconds, (queueMax * holdSeconds) / connections);
}

function refusedShare(input: PoolQueueInput, connections: number, acquisitions: number): number {
  const { acquireTimeoutSeconds: timeout, queueMax } = input;
  if (patienceOf(input, connections) < timeout) return 1;
  const waiting = acquisitions * timeout;
  return waiting === 0 ? 0 : normalBeyond((queueMax - waiting) / Math.sqrt(waiting));
}

/** The wait that only 1 in 100 exceeds; no caller waits longer than its patience. */
function waitP99({ longerThan, patience }: Station): number {
  if (longerThan(0) <= 0.01) return 0;
  let [low, high] = [0, patience];
  for (let round = 0; round < 25; round++) {
    const middle = (low + high) / 2;
    if (longerThan(middle) > 0.01) low = middle;
    else high = middle;
  }
  return high;
}

/** Share of a normal distribution beyond z, by the logistic approximation (within 0.01). */
function normalBeyond(z: number): number {
  return 1 / (1 + Math.exp(1.702 * z));
}

function mix(low: PoolQueue, high: PoolQueue, share: number): PoolQueue {
  const between = (key: keyof PoolQueue) => low[key] * (1 - share) + high[key] * share;
  return {
    acquisitionsPerSecond: between("acquisitionsPerSecond"),
    used: between("used"),
    waiting: between("waiting"),
    meanWaitSeconds: between("meanWaitSeconds"),
    waitP99Seconds: between("waitP99Seconds"),
    timeoutsPerSecond: between("timeoutsPerSecond"),
    refusalsPerSecond: between("refusalsPerSecond"),
    failingShare: between("failingShare"),
  };
}
