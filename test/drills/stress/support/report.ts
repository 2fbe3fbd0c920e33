import type { DrillReport, StressReport } from "../../../../drills/stress/report/stressReport";
import { record, reportOf, requests } from "./record";
import { smallStack } from "./stack";

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
