import { acquireTimeoutMs } from "../lab/fleet";
import { hasFailed } from "../load/requests";
import { type StackUnderTest, shareOfTasks } from "../stackUnderTest";
import { isIn, type Measured, measured, type PhaseRecord, type Second, timeline } from "./measured";
import { type Agreement, agreementOf, type Prediction, predict, relaxationMs } from "./prediction";
import { distributionOf, meanOf } from "./statistics";

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
interface DatabaseSummary {
  readonly connections: { readonly mean: number; readonly max: number };
  /** Sessions that worked or waited inside the database; the lab's sleep left out. */
  readonly active: number;
  readonly lockWaits: number;
  /** CPUs it kept busy; null where that cannot be read. */
  readonly cpus: number | null;
}

/** The load beyond the peak. */
interface Ramp {
  /** Requests a second over all tasks at the end, as a multiple of the peak. */
  readonly upTo: number;
  readonly attempted: number;
  readonly failed: number;
  /** At which multiple of the peak the first ten requests had failed; null when they did not. */
  readonly failingFrom: number | null;
  readonly latencyP99Ms: number;
}

/** One thing that has to be true for a run to mean anything. */
interface SelfCheck {
  readonly name: string;
  readonly passed: boolean;
  /** What was seen, and the limit; of a failed check a sentence that stands alone. */
  readonly detail: string;
}

interface ReportContext {
  readonly stack: StackUnderTest;
  /** What one process's pool gets. */
  readonly scaled: { readonly requestsPerSecondAndProcess: number };
  readonly holdMs: number;
  /** How far the ramp goes, as a multiple of the peak. */
  readonly rampTo: number | undefined;
}

/** Waits beyond the target that a run of some thousand acquisitions can tell from none. */
const TELLING_SHARE = 0.002;

export function phaseReport(record: PhaseRecord, context: ReportContext): PhaseReport {
  const { stack, scaled, holdMs, rampTo } = context;
  const { waitTargetMs } = stack.objectives;
  const predictFor = (load: { holdMs: number; acquisitionsPerRequest: number }): Prediction =>
    predict({
      poolMax: record.poolMax,
      waitTargetMs,
      acquireTimeoutMs: acquireTimeoutMs(stack),
      load: { requestsPerSecond: scaled.requestsPerSecondAndProcess, ...load },
    });
  const predicted = predictFor({ holdMs, acquisitionsPerRequest: stack.demand.acquisitionsPerRequest });
  const seen = measured(record, waitTargetMs, relaxationMs(predicted, holdMs));
  const checks = selfChecks(record, stack.demand.tasks);
  // Held beyond what the database drew and an acquisition was taken to cost: the machine's doing, chance is not in it.
  const extraHoldMs = seen.holdMs - record.holds.meanSleepMs - record.holds.overheadMs;
  const reasons = bottlenecks(record.busyShare, holdMs, extraHoldMs);
  return {
    poolMax: record.poolMax,
    tasks: record.tasks,
    measured: seen,
    predicted,
    predictedAsMeasured: seen.holdMs >= 0 && seen.acquisitionsPerRequest >= 0 ? predictFor(seen) : null,
    agreement: agreementOf(seen, predicted, predicted.utilisation < 1 && reasons.length === 0),
    selfChecks: checks,
    void: checks.some(({ passed }) => !passed),
    bottlenecks: reasons,
    holdsMissed:
      predicted.utilisation < 1 &&
      predicted.waitBeyondTarget >= TELLING_SHARE &&
      Math.abs(extraHoldMs) > MAX_HOLD_ERROR * holdMs,
    overheadMs: seen.holdMs - record.holds.meanSleepMs,
    database: databaseSummary(record),
    timeline: timeline(record),
    ramp: rampTo === undefined ? null : ramp(record, rampTo),
  };
}

/** A request sent later than this after its time is not the load that was meant: half of the usual wait target. */
export const MAX_LAG_MS = 25;
const MAX_DELAY_MS = 25;

/**
 * Whether the load was what it was meant to be: a run that fails one of these is void, whatever it measured.
 * @param declaredTasks - Tasks of the whole stack.
 */
function selfChecks({ scheduled, load, tasks }: PhaseRecord, declaredTasks: number): readonly SelfCheck[] {
  const { sent, records, eventLoopDelayMs } = load;
  const lagMs = distributionOf(records.map((record) => record.lagMs)).percentiles.p99;
  const counts = `${scheduled} scheduled, ${sent} sent, ${records.length} with an outcome`;
  const late = "the load generator could not keep its schedule";
  const half = Math.floor(tasks / 2);
  const smaller = half === 0 ? "" : `, or use --scale ${shareOfTasks(half, declaredTasks)}`;
  const check = (name: string, passed: boolean, seen: string, problem: string): SelfCheck => ({
    name,
    passed,
    detail: passed ? seen : problem,
  });
  const checks = [
    check(
      "every arrival was sent",
      sent === scheduled && records.length === sent,
      counts,
      `the load generator did not send every request: ${counts}`,
    ),
    check(
      "requests were sent in time",
      lagMs <= MAX_LAG_MS,
      `99 of 100 at most ${tenths(lagMs)} ms late, limit ${MAX_LAG_MS} ms`,
      `${late}: 1 % of requests were sent more than ${tenths(lagMs)} ms late (limit ${MAX_LAG_MS} ms)`,
    ),
    check(
      "the generator kept up",
      eventLoopDelayMs <= MAX_DELAY_MS,
      `event loop delay ${tenths(eventLoopDelayMs)} ms (p99), limit ${MAX_DELAY_MS} ms`,
      `${late}: its event loop was delayed by ${tenths(eventLoopDelayMs)} ms (99th percentile, limit ${MAX_DELAY_MS} ms)`,
    ),
  ];
  const last = checks.filter(({ passed }) => !passed).at(-1);
  const advice = `. Close other load on this machine${smaller}`;
  return checks.map((each) => (each === last ? { ...each, detail: each.detail + advice } : each));
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

/** Why a run is void: its failed self-checks, and what to do. */
export const voidReasons = ({ selfChecks: checks }: Pick<PhaseReport, "selfChecks">): readonly string[] =>
  checks.filter(({ passed }) => !passed).map(({ detail }) => detail);

const MAX_BUSY = 0.85;
/** Holds that are further off than this, as a share of what was meant, make another queue. */
const MAX_HOLD_ERROR = 0.05;

/**
 * Why the machine, not the pool, may be what was measured; empty when it was not. The model is then not held against the
 * measurement.
 * @param busyShare - Share of the machine's CPUs that was busy, from 0 to 1.
 * @param extraHoldMs - What a connection was held longer than the lab meant it to be, on average.
 */
function bottlenecks(busyShare: number, holdMs: number, extraHoldMs: number): readonly string[] {
  return [
    ...(busyShare > MAX_BUSY
      ? [`its CPUs were ${Math.round(busyShare * 100)} % busy, limit ${MAX_BUSY * 100} %`]
      : []),
    ...(Math.abs(extraHoldMs / holdMs) <= MAX_HOLD_ERROR
      ? []
      : [
          `it held connections ${Math.abs(extraHoldMs).toFixed(1)} ms ${extraHoldMs < 0 ? "shorter" : "longer"} than the ${holdMs} ms that were meant, limit ${MAX_HOLD_ERROR * 100} %`,
        ]),
  ];
}

function databaseSummary(record: PhaseRecord): DatabaseSummary {
  const samples = record.database.filter(({ atMs }) => isIn(record, atMs));
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

function ramp({ load, toMs }: PhaseRecord, upTo: number): Ramp {
  const requests = load.records
    .filter(({ intendedMs }) => intendedMs >= toMs)
    .sort((a, b) => a.intendedMs - b.intendedMs);
  const failed = requests.filter(hasFailed);
  const lastMs = requests.at(-1)?.intendedMs ?? toMs;
  const tenth = failed[TELLING_FAILURES - 1];
  return {
    upTo,
    attempted: requests.length,
    failed: failed.length,
    failingFrom: tenth === undefined ? null : 1 + (upTo - 1) * ((tenth.intendedMs - toMs) / (lastMs - toMs)),
    latencyP99Ms: distributionOf(requests.map(({ latencyMs }) => latencyMs)).percentiles.p99,
  };
}
