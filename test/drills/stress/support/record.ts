import { OUTCOMES, type Outcome, type RequestRecord } from "../../../../drills/stress/load/requests";
import type { PhaseRecord } from "../../../../drills/stress/measure/phaseRecord";
import { type PhaseReport, phaseReport } from "../../../../drills/stress/measure/phaseReport";
import type { PoolSeries } from "../../../../drills/stress/measure/poolSeries";
import { smallStack } from "./stack";

/** A session check of a made-up run. */
export const request = (intendedMs: number, outcome: Outcome = "ok"): RequestRecord => ({
  intendedMs,
  latencyMs: 30,
  lagMs: 0.5,
  target: 0,
  kind: 1,
  outcome: OUTCOMES.indexOf(outcome),
});

/** One request a second in the measured part, and what becomes of the n-th. */
export const requests = (outcomeOf: (n: number) => Outcome = () => "ok"): RequestRecord[] =>
  Array.from({ length: 30 }, (_, n) => request(10_000 + n * 1000, outcomeOf(n)));

export const emptySeries: PoolSeries = {
  waitMs: [],
  useMs: [],
  createMs: [],
  used: [],
  idle: [],
  pending: [],
  timeouts: [],
  refusals: [],
  loginAttempts: [],
  loginFailures: [],
  loginMs: [],
};

/** What a task's pool reported: a hold of 40 ms and no wait, unless it is said otherwise. */
export const pool = (over: Partial<PoolSeries> = {}): PoolSeries => ({
  ...emptySeries,
  useMs: [{ atMs: 20_000, value: 40 }],
  waitMs: [{ atMs: 20_000, value: 0 }],
  ...over,
});

/** A run of one task that measured from second 10 to second 40, with these requests and whatever else is given. */
export function record(requests: readonly RequestRecord[], over: Partial<PhaseRecord> = {}): PhaseRecord {
  return {
    poolMax: 4,
    tasks: 1,
    load: { sent: requests.length, records: requests, tokens: [], eventLoopDelayMs: 1, startedAtMs: 0 },
    scheduled: requests.length,
    fromMs: 10_000,
    toMs: 40_000,
    pools: [pool()],
    database: [],
    busyShare: 0.3,
    holds: { overheadMs: 1, meanSleepMs: 39 },
    ...over,
  };
}

export const reportOf = (of: PhaseRecord, stack = smallStack): PhaseReport =>
  phaseReport(of, {
    stack,
    scaled: { requestsPerSecondAndProcess: 20 },
    holdMs: 40,
    rampTo: undefined,
  });
