import type { PhaseRecord } from "../phase";
import type { ScaledDemand } from "../settings/scale";
import type { StackUnderTest } from "../settings/stackUnderTest";
import { type Agreement, agreementOf } from "./agreement";
import { Latencies } from "./latencies";
import { counted, type Measured, meanOf, measured, outcomeOf } from "./measured";
import { type Prediction, predict, relaxationMs } from "./prediction";
import { bottlenecks, MOST_HOLD_ERROR, type SelfCheck, selfChecks } from "./selfChecks";
import { type Second, timeline } from "./timeline";

/** Everything the report says of one pool size under load. */
export interface PhaseReport {
  readonly poolMax: number;
  readonly tasks: number;
  readonly measured: Measured;
  /** What the model says for the declared demand. */
  readonly predicted: Prediction;
  /** What it says for the hold time and the mix that were measured, chance and machine included; null without any. */
  readonly predictedAsMeasured: Prediction | null;
  readonly agreement: Agreement;
  readonly selfChecks: readonly SelfCheck[];
  /** A run that was not the load it was meant to be. */
  readonly void: boolean;
  /** Why the machine may be what was measured; empty when it was not. */
  readonly bottlenecks: readonly string[];
  /** Whether waits are what this pool shows, and were not to be judged since holds were not those that were meant. */
  readonly holdsMissed: boolean;
  /** What an acquisition cost here without its hold, in ms. */
  readonly overheadMs: number;
  readonly database: DatabaseSummary;
  readonly timeline: readonly Second[];
  readonly ramp: Ramp | null;
}

/** What the database looked like meanwhile. */
export interface DatabaseSummary {
  readonly connections: { readonly mean: number; readonly max: number };
  /** Sessions that worked or waited inside the database; the lab's sleep left out. */
  readonly active: number;
  readonly lockWaits: number;
  /** CPUs it kept busy; null where that cannot be read. */
  readonly cpus: number | null;
}

/** The load beyond the peak. */
export interface Ramp {
  /** Requests a second over all tasks at the end, as a multiple of the peak. */
  readonly upTo: number;
  readonly attempted: number;
  readonly failed: number;
  /** At which multiple of the peak the first ten requests had failed; null when they did not. */
  readonly failingFrom: number | null;
  readonly latencyP99Ms: number;
}

export interface ReportContext {
  readonly stack: StackUnderTest;
  readonly scaled: ScaledDemand;
  readonly holdMs: number;
  /** How far the ramp goes, as a multiple of the peak. */
  readonly rampTo: number | undefined;
}

export function phaseReport(record: PhaseRecord, context: ReportContext): PhaseReport {
  const { stack, scaled, holdMs } = context;
  const { waitTargetMs } = stack.objectives;
  const of = (load: { holdMs: number; acquisitionsPerRequest: number }): Prediction =>
    predict({
      poolMax: record.poolMax,
      waitTargetMs,
      acquireTimeoutMs: Number(stack.environment.DB_POOL_ACQUIRE_TIMEOUT_MS) || Number.POSITIVE_INFINITY,
      load: { requestsPerSecond: scaled.requestsPerSecondAndProcess, ...load },
    });
  const predicted = of({ holdMs, acquisitionsPerRequest: stack.demand.acquisitionsPerRequest });
  const seen = measured(record, waitTargetMs, relaxationMs(predicted, holdMs));
  const lags = new Latencies(record.load.records.map(({ lagMs }) => lagMs));
  const checks = selfChecks({
    scheduled: record.scheduled,
    sent: record.load.sent,
    answered: record.load.records.length,
    lagMs: lags.at(99),
    eventLoopDelayMs: record.load.eventLoopDelayMs,
  });
  // Held beyond what the database drew and an acquisition was taken to cost: the machine's doing, chance is not in it.
  const extraHoldMs = seen.holdMs - record.holds.meanSleepMs - record.holds.overheadMs;
  const reasons = bottlenecks({ busyShare: record.busyShare, holdMs, extraHoldMs });
  return {
    poolMax: record.poolMax,
    tasks: record.tasks,
    measured: seen,
    predicted,
    predictedAsMeasured:
      seen.holdMs >= 0 && seen.acquisitionsPerRequest >= 0
        ? of({ holdMs: seen.holdMs, acquisitionsPerRequest: seen.acquisitionsPerRequest })
        : null,
    agreement: agreementOf(seen, predicted, predicted.utilisation < 1 && reasons.length === 0),
    selfChecks: checks,
    void: checks.some(({ passed }) => !passed),
    bottlenecks: reasons,
    holdsMissed:
      predicted.utilisation < 1 &&
      predicted.waitBeyondTarget >= TELLING_SHARE &&
      Math.abs(extraHoldMs) > MOST_HOLD_ERROR * holdMs,
    overheadMs: seen.holdMs - record.holds.meanSleepMs,
    database: databaseSummary(record),
    timeline: timeline(record),
    ramp: context.rampTo === undefined ? null : ramp(record, context.rampTo),
  };
}

/** Waits beyond the target that a run of some thousand acquisitions can tell from none. */
const TELLING_SHARE = 0.002;

function databaseSummary(record: PhaseRecord): DatabaseSummary {
  const samples = record.database.filter(({ atMs }) => record.fromMs <= atMs && atMs < record.toMs);
  const connections = samples.map((sample) => sample.connections);
  const cpus = samples.flatMap((sample) => sample.cpus ?? []);
  return {
    connections: { mean: meanOf(connections), max: Math.max(0, ...connections) },
    active: meanOf(samples.map(({ active }) => active)),
    lockWaits: meanOf(samples.map(({ lockWaits }) => lockWaits)),
    cpus: cpus.length === 0 ? null : meanOf(cpus),
  };
}

/** Failures that make a multiple of the peak the one from which logins break: one may be chance. */
const TELLING_FAILURES = 10;

function ramp(record: PhaseRecord, upTo: number): Ramp {
  const requests = record.load.records
    .filter(({ intendedMs }) => intendedMs >= record.toMs)
    .sort((a, b) => a.intendedMs - b.intendedMs);
  const failed = requests.filter((request) => outcomeOf(request) !== "ok");
  const lastMs = requests.at(-1)?.intendedMs ?? record.toMs;
  const tenth = failed[TELLING_FAILURES - 1];
  const share = tenth === undefined ? undefined : (tenth.intendedMs - record.toMs) / (lastMs - record.toMs);
  return {
    upTo,
    attempted: requests.length,
    failed: requests.length - (counted(requests).ok ?? 0),
    failingFrom: share === undefined ? null : 1 + (upTo - 1) * share,
    latencyP99Ms: new Latencies(requests.map(({ latencyMs }) => latencyMs)).at(99),
  };
}
