import { nonNegative, wholeNumber } from "./check";

export interface FailingShareInput {
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
