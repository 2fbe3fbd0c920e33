import type { DrillName } from "../drills/disturbances";
import type { DatabaseFacts } from "../lab/server";
import type { Outcome } from "../load/requests";
import type { PgbenchResult } from "../measure/pgbench";
import type { PhaseReport } from "../measure/phaseReport";
import type { Prediction } from "../measure/prediction";
import type { Objectives } from "../stackUnderTest";

/** The report of one command: the public contract of `--format json`. Times in ms, shares from 0 to 1, null = unknown. */
export interface StressReport {
  readonly schemaVersion: 2;
  readonly stack: string;
  /** What the command was asked: whether a pool holds, to rehearse an incident, or reliability drills. */
  readonly run: "pool" | "incident" | "drills";
  /** Of the whole command: its exit code is 0 with `passed`. What is said of a pool stands with the pool. */
  readonly outcome: "passed" | "failed" | "void";
  /** What speaks against `passed`; empty with it. */
  readonly reasons: readonly string[];
  /** The pool that was run first: the stack's own, in an incident the one of that day. */
  readonly pool: PoolResult;

  readonly setup: Setup;
  /** Every pool size that was measured; the first is `pool`. */
  readonly phases: readonly JudgedPhase[];
  /** Predicted for pools around the floor, measured or not. */
  readonly table: readonly Prediction[];
  readonly incident: IncidentResult | null;
  readonly limit: LimitResult | null;
  readonly drills: readonly DrillReport[];
  readonly pgbench: PgbenchResult;
  readonly baseline: readonly BaselineComparison[];
}

/** What is said of one pool under this load, whatever the command was asked. */
export interface PoolVerdict {
  /** Whether logins hold with it; null in a drill, which disturbs them on purpose. */
  readonly poolVerdict: "holds" | "does not hold" | "void" | null;
  /** What speaks against the verdict `holds`; empty with it. */
  readonly poolReasons: readonly string[];
}

interface PoolResult extends PoolVerdict {
  readonly poolMax: number;
  readonly tasks: number;
  readonly attempted: number;
  readonly succeeded: number;
  readonly failedShare: number | null;
  readonly predictedFailedShare: number;
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly waitMs: { readonly p50: number | null; readonly p99: number | null };
  readonly predictedWaitMs: { readonly p99: number };
  readonly outcomes: { readonly [outcome in Outcome]?: number };
  readonly void: boolean;
}

interface JudgedPhase extends PhaseReport, PoolVerdict {}

/** What was run, and how far it is what would be deployed. */
export interface Setup {
  readonly requestsPerSecond: number;
  readonly declaredRequestsPerSecond: number;
  readonly holdMs: number;
  readonly acquisitionsPerRequest: number;
  readonly loginShare: number;
  readonly seed: number;
  readonly scale: string;
  readonly scaleReason: string;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly floor: number | null;
  readonly ceiling: number | null;
  readonly objectives: Objectives;
  readonly database: DatabaseFacts;
  readonly differences: readonly string[];
  /** What an acquisition costs on this machine without its hold. */
  readonly overheadMs: number;
  readonly cpus: number;
  readonly hashing: HashingCost;
}

/** What hashing passwords at production cost means for a task. */
export interface HashingCost {
  readonly log2N: number;
  /** CPU time of one hash on this machine. */
  readonly cpuMsPerHash: number;
  /** vCPU that one task's logins keep busy with it, and what it has. */
  readonly vcpuPerTask: number;
  readonly taskVcpu: number;
}

/** How a rehearsed incident went. */
export interface IncidentResult {
  readonly name: string;
  readonly report: string;
  readonly measuredFailedShare: number;
  readonly predictedFailedShare: number;
  readonly toleranceShare: number;
  readonly asPredicted: boolean;
  /** The database's part while logins failed. */
  readonly databaseCalm: boolean;
  readonly databaseShare: { readonly connections: number; readonly maxConnections: number };
  readonly safePool: number;
  readonly failedWithSafePool: number;
  /** The cause that the stack's own alarms name from the run; null where the replay was not asked. */
  readonly namedCause: string | null;
}

/** The pool size at which logins break, as far as the search has found it. */
export interface LimitResult {
  /** Largest pool that was seen breaking, and smallest that was seen holding. */
  readonly breaksAt: number | null;
  readonly holdsFrom: number | null;
  readonly probes: readonly {
    readonly poolMax: number;
    readonly holds: boolean;
    readonly reasons: readonly string[];
  }[];
  /** Size at which the search ended early, since it was run twice and both runs were void; null where it has its answer. */
  readonly undecided: { readonly poolMax: number; readonly reasons: readonly string[] } | null;
}

/** One ratio of measured to predicted, beside the one that was kept. */
export interface BaselineComparison {
  readonly name: string;
  readonly now: number;
  readonly baseline: number;
  /** By how many times it may exceed the baseline. */
  readonly limit: number;
  readonly within: boolean;
}

/** How a reliability drill went. */
export interface DrillReport {
  readonly name: DrillName;
  /** What was done to the service, in words. */
  readonly what: string;
  readonly passed: boolean;
  readonly reasons: readonly string[];
  readonly attempted: number;
  readonly failed: number;
  readonly outcomes: { readonly [outcome: string]: number };
  /** Seconds from the end of the disturbance to the last second in which a request failed; 0 when none did. */
  readonly recoveredAfterSeconds: number;
  readonly wrongAnswers: number;
  /** When the disturbance began and ended, in seconds from the first arrival, as in the phase's `timeline`. */
  readonly disturbed: { readonly fromSecond: number; readonly toSecond: number };
  readonly sessions: SessionCount;
  readonly notes: readonly string[];
}

/** Sessions that were promised to clients, against the rows of the table. */
export interface SessionCount {
  /** Logins that were answered with a session. */
  readonly answered: number;
  /** Of those, sessions that are in the table. */
  readonly found: number;
  /** Rows beyond the answered ones: of logins whose answer never came. */
  readonly unanswered: number;
  /** Logins without an answer: as many rows more there may be. */
  readonly inDoubt: number;
}
