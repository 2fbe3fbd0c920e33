import { type Options, parseCommandLine } from "../../../drills/stress/commandLine";
import { OUTCOMES, type Outcome, type RequestRecord } from "../../../drills/stress/load/requests";
import type { PhaseRecord } from "../../../drills/stress/measure/measured";
import { type PhaseReport, phaseReport } from "../../../drills/stress/measure/phaseReport";
import type { PoolSeries } from "../../../drills/stress/measure/poolSeries";
import type { DrillReport, StressReport } from "../../../drills/stress/report/stressReport";
import type { StackUnderTest } from "../../../drills/stress/stackUnderTest";
import { ENVIRONMENT } from "../../service/support/environment";

/** What a command line of these words asks for. */
export const optionsOf = (words = ""): Options =>
  parseCommandLine(["small", ...words.split(" ").filter((word) => word !== "")]);

/** A small stack's settings, as `loadStack` reads them from a plan. */
export const smallStack: StackUnderTest = {
  stack: "small",
  verdict: "accepted",
  findings: [],
  environment: { ...ENVIRONMENT, DB_AUTH: "iam", SCRYPT_LOG2_N: "14" },
  demand: {
    peakRequestsPerSecond: 20,
    holdMs: 40,
    acquisitionsPerRequest: 1.5,
    tasks: 1,
    processesPerTask: 1,
  },
  objectives: {
    toleratedFailurePercent: 2,
    toleratedLatencyMs: 1000,
    waitTargetMs: 50,
    exceedance: 0.01,
    peakFactor: 1.25,
  },
  pool: { poolMax: 4, floor: 4, ceiling: 20 },
  database: {
    engineVersion: "17",
    instanceClass: "db.t4g.small",
    parameters: [
      { name: "max_connections", value: "60" },
      { name: "statement_timeout", value: "2000" },
      { name: "rds.force_ssl", value: "1" },
    ],
    roleSettings: "",
    maxConnections: 60,
  },
  taskVcpu: 0.5,
};

/** The demand of the outage of 2024-09-02. */
export const outageStack: StackUnderTest = {
  ...smallStack,
  stack: "incident-2024-09-02",
  pool: { poolMax: 3, floor: 11, ceiling: 19 },
  demand: {
    peakRequestsPerSecond: 400,
    holdMs: 90,
    acquisitionsPerRequest: 1.1,
    tasks: 8,
    processesPerTask: 1,
  },
};

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

/** The report of a made-up run of one pool, in which a fifth of the requests failed. */
export function reportForTests(): StressReport {
  const phase = reportOf(record(requests((n) => (n < 6 ? "pool_timeout" : "ok"))));
  const { measured, predicted } = phase;
  const said = { poolVerdict: "does not hold", poolReasons: ["20.0 % of requests failed"] } as const;
  return {
    schemaVersion: 2,
    stack: "small & <strange>",
    run: "pool",
    outcome: "failed",
    reasons: ["20.0 % of requests failed"],
    pool: {
      poolMax: 4,
      tasks: 1,
      ...said,
      ...measured,
      failedShare: measured.failedShare.mean,
      predictedFailedShare: predicted.failedShare,
      predictedWaitMs: { p99: predicted.waitP99Ms },
      void: false,
    },
    setup: {
      requestsPerSecond: 20,
      declaredRequestsPerSecond: 20,
      holdMs: 40,
      acquisitionsPerRequest: 1.5,
      loginShare: 0.5,
      seed: 1,
      scale: "1",
      scaleReason: "for a test",
      warmUpSeconds: 10,
      seconds: 30,
      floor: 4,
      ceiling: 20,
      objectives: smallStack.objectives,
      database: {
        version: "17.10",
        source: "a test",
        maxConnections: 60,
        applied: [],
        notReproduced: ["rds.force_ssl=1: no"],
      },
      differences: ["DB_AUTH=password instead of iam"],
      overheadMs: 1,
      cpus: 2,
      hashing: { log2N: 14, cpuMsPerHash: 140, vcpuPerTask: 1.4, taskVcpu: 0.5 },
    },
    phases: [{ ...phase, ...said }],
    table: [predicted],
    incident: null,
    limit: null,
    drills: [],
    pgbench: { ran: false, reason: "no pgbench on this machine" },
    baseline: [],
  };
}

/** The report of a drill that was passed. */
export const drillForTests = (): DrillReport => ({
  name: "kill",
  what: "connections are ended",
  passed: true,
  reasons: [],
  attempted: 10,
  failed: 1,
  outcomes: {},
  recoveredAfterSeconds: 0,
  wrongAnswers: 0,
  disturbed: { fromSecond: 14, toSecond: 16.1 },
  sessions: { answered: 1, found: 1, unanswered: 0, inDoubt: 0 },
  notes: [],
});
