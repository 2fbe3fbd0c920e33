import { OUTCOMES, type Outcome } from "../../../drills/stress/load/outcomes";
import type { RequestRecord } from "../../../drills/stress/load/plan";
import { REQUEST_KINDS, type RequestKind } from "../../../drills/stress/load/requestMix";
import { phaseReport } from "../../../drills/stress/measure/phaseReport";
import type { PoolSeries } from "../../../drills/stress/measure/poolSeries";
import type { PhaseRecord } from "../../../drills/stress/phase";
import { smallStack } from "./stackForTests";

/** A request of a made-up run. */
export function request(
  intendedMs: number,
  outcome: Outcome = "ok",
  more: { readonly latencyMs?: number; readonly kind?: RequestKind; readonly target?: number } = {},
): RequestRecord {
  return {
    intendedMs,
    latencyMs: more.latencyMs ?? 30,
    lagMs: 0.5,
    target: more.target ?? 0,
    kind: REQUEST_KINDS.indexOf(more.kind ?? "session"),
    outcome: OUTCOMES.indexOf(outcome),
  };
}

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

/** A run of one task that measured from second 10 to second 40, with these requests and whatever else is given. */
export function record(requests: readonly RequestRecord[], over: Partial<PhaseRecord> = {}): PhaseRecord {
  return {
    poolMax: 4,
    tasks: 1,
    load: { sent: requests.length, records: requests, tokens: [], eventLoopDelayMs: 1, startedAtMs: 0 },
    scheduled: requests.length,
    fromMs: 10_000,
    toMs: 40_000,
    pools: [{ ...emptySeries, useMs: [{ atMs: 20_000, value: 40 }], waitMs: [{ atMs: 20_000, value: 0 }] }],
    database: [],
    busyShare: 0.3,
    holds: { overheadMs: 1, meanSleepMs: 39 },
    failures: new Map(),
    ...over,
  };
}

export const reportOf = (of: PhaseRecord) =>
  phaseReport(of, {
    stack: smallStack,
    scaled: {
      tasks: 1,
      requestsPerSecond: 20,
      requestsPerSecondAndProcess: 20,
      scale: "1",
      reason: "for a test",
    },
    holdMs: 40,
    rampTo: undefined,
  });

/** One request a second in the measured part, and what becomes of the n-th. */
export const requests = (outcomeOf: (n: number) => Outcome = () => "ok"): RequestRecord[] =>
  Array.from({ length: 30 }, (_, n) => request(10_000 + n * 1000, outcomeOf(n)));
