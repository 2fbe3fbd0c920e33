import type { Options } from "../commandLine";
import type { Lab } from "../lab";
import { type Segment, steady } from "../load/rateProfile";
import { declaredMix, type RequestMix } from "../load/requestMix";
import { measured } from "../measure/measured";
import { type PhaseReport, phaseReport } from "../measure/phaseReport";
import { type Disturbance, type PhaseRecord, runPhase } from "../phase";
import type { ScaledDemand } from "../settings/scale";
import type { StackUnderTest } from "../settings/stackUnderTest";
import { Progress } from "./progress";

/** What every run of one command shares. */
export interface Session {
  readonly options: Options;
  readonly stack: StackUnderTest;
  readonly scaled: ScaledDemand;
  readonly lab: Lab;
  readonly progress: Progress;
  /** Steady load that is measured. */
  readonly seconds: number;
}

/** A phase, measured and as it was recorded. */
export interface MeasuredPhase {
  readonly report: PhaseReport;
  readonly record: PhaseRecord;
}

export interface MeasureOptions {
  readonly poolMax: number;
  readonly seconds?: number;
  /** How far the load grows afterwards, as a multiple of the peak. */
  readonly rampTo?: number;
  readonly seed?: number;
  readonly wrongShare?: number;
  readonly disturb?: (context: Disturbance) => Promise<void>;
  /** What the progress calls it. */
  readonly label?: string;
}

/**
 * Seconds until each task has reported once: what a report carries has no times, so nothing of the beginning may be in a
 * measured one, and the first one says what an acquisition costs with this pool.
 */
const REPORT_SECONDS = 11;

/** A pool whose waits have settled forgets how it began: three acquire timeouts, and five holds, are waited for. */
export function warmUpSeconds({ environment }: Pick<StackUnderTest, "environment">, holdMs: number): number {
  const acquireTimeoutMs = Number(environment.DB_POOL_ACQUIRE_TIMEOUT_MS) || 1_000;
  return Math.max(REPORT_SECONDS, (3 * acquireTimeoutMs) / 1000, (5 * holdMs) / 1000);
}

/** How long the parts of a phase last, in seconds. */
export interface PhaseParts {
  readonly warmUp: number;
  readonly measured: number;
  /** Beyond the peak; 0 where there is none. */
  readonly ramp: number;
}

export function phaseParts(phase: {
  readonly stack: Pick<StackUnderTest, "environment">;
  readonly holdMs: number;
  readonly seconds: number;
  readonly rampTo: number | undefined;
}): PhaseParts {
  return {
    warmUp: warmUpSeconds(phase.stack, phase.holdMs),
    measured: phase.seconds,
    ramp: phase.rampTo === undefined ? 0 : phase.seconds / 2,
  };
}

/**
 * Runs a phase, and once more where it would say nothing: its own checks call it void (a neighbour may have passed by), or
 * an acquisition cost more or less with this pool than was taken off its holds, which is known now.
 */
export async function measure(session: Session, options: MeasureOptions): Promise<MeasuredPhase> {
  const first = await measureOnce(session, options);
  const { report } = first;
  if (!report.void && !(report.holdsMissed && options.disturb === undefined)) return first;
  const failed = report.selfChecks.filter(({ passed }) => !passed);
  session.progress.note(
    report.void
      ? `void: ${failed.map(({ name, detail }) => `not ${name} (${detail})`).join("; ")}; once more`
      : `the machine's own part of a hold was ${report.overheadMs.toFixed(1)} ms with this pool; once more`,
  );
  return measureOnce(session, options);
}

async function measureOnce(session: Session, options: MeasureOptions): Promise<MeasuredPhase> {
  const { stack, scaled, lab, progress } = session;
  const { poolMax, rampTo, seed = session.options.seed } = options;
  const seconds = options.seconds ?? session.seconds;
  const rate = scaled.requestsPerSecondAndProcess * stack.demand.processesPerTask;
  const parts = phaseParts({ stack, holdMs: lab.holds.meanMs, seconds, rampTo });
  const profile: Segment[] = [
    steady(parts.warmUp, rate),
    steady(parts.measured, rate),
    ...(rampTo === undefined ? [] : [{ seconds: parts.ramp, from: rate, to: rate * rampTo }]),
  ];
  await lab.holds.set(lab.holds.measuredOverheadMs);
  progress.begin(
    options.label ?? `pool of ${poolMax}`,
    profile.reduce((sum, each) => sum + each.seconds, 0),
  );
  const record = await runPhase({
    lab,
    stack,
    poolMax,
    tasks: scaled.tasks,
    profile,
    measured: 1,
    mix: { ...mixOf(session), wrongShare: options.wrongShare ?? 0 },
    seed,
    onProgress: (seen) => progress.tick(seen),
    ...(options.disturb === undefined ? {} : { disturb: options.disturb }),
  });
  const report = phaseReport(record, { stack, scaled, holdMs: lab.holds.meanMs, rampTo });
  progress.end(report);
  // The machine's own part changes with its neighbours: the next phase takes what this one has seen.
  if (options.disturb === undefined && report.overheadMs >= 0) await lab.holds.set(report.overheadMs);
  return { report, record };
}

export const mixOf = ({ stack }: Session): RequestMix => declaredMix(stack.demand.acquisitionsPerRequest);

/** Load for finding out what an acquisition costs, in seconds: until Node.js has compiled what it runs, and then. */
const SETTLING_SECONDS = 4;
const CALIBRATION_SECONDS = 6;
/** All of it, for whoever wants to know how long a run takes. */
export const CALIBRATION_LOAD_SECONDS = SETTLING_SECONDS + CALIBRATION_SECONDS;
/** A first guess, in ms; it is measured right after. */
const GUESSED_OVERHEAD_MS = 1;

/**
 * Finds out what an acquisition costs on this machine without any hold (round trips, the query, Node.js's own turns), under
 * the declared load and with a pool that carries it: it is taken off the holds, so that their mean is the declared one.
 */
export async function calibrate(session: Session): Promise<void> {
  const { lab, stack, scaled, progress } = session;
  const rate = scaled.requestsPerSecondAndProcess * stack.demand.processesPerTask;
  await lab.holds.set(Math.min(GUESSED_OVERHEAD_MS, lab.holds.meanMs / 2));
  progress.begin("calibration", CALIBRATION_LOAD_SECONDS);
  const record = await runPhase({
    lab,
    stack,
    poolMax: Math.max(stack.pool.floor ?? 0, stack.pool.poolMax),
    tasks: scaled.tasks,
    profile: [steady(SETTLING_SECONDS, rate), steady(CALIBRATION_SECONDS, rate)],
    measured: 1,
    mix: mixOf(session),
    seed: session.options.seed + 1,
    onProgress: (seen) => progress.tick(seen),
  });
  const { holdMs } = measured(record, stack.objectives.waitTargetMs);
  await lab.holds.set(Math.max(0, holdMs - record.holds.meanSleepMs));
  progress.note(`an acquisition costs ${lab.holds.measuredOverheadMs.toFixed(2)} ms here without its hold`);
}

/** Connections that the load keeps busy in one pool, in erlangs. */
export const offeredLoad = ({ scaled, stack }: Pick<Session, "scaled" | "stack">): number =>
  (scaled.requestsPerSecondAndProcess * stack.demand.acquisitionsPerRequest * stack.demand.holdMs) / 1000;

/** A long run is long for the pool that the command is about; a minute is enough for what stands beside it. */
const MOST_SECONDS_BESIDE = 60;

export const besideSeconds = ({ seconds }: Pick<Session, "seconds">): number =>
  Math.min(seconds, MOST_SECONDS_BESIDE);

/** How far beyond the peak the load grows once it has been measured. */
export const RAMP_TO = 1.5;

/** Steady load where none is asked for, in seconds. */
const SECONDS = 30;
const SMOKE_SECONDS = 15;

export const secondsOf = ({ durationSeconds, smoke }: Options): number =>
  durationSeconds ?? (smoke ? SMOKE_SECONDS : SECONDS);

export function sessionOf(
  options: Options,
  stack: StackUnderTest,
  scaled: ScaledDemand,
  lab: Lab,
  say: (line: string) => void,
): Session {
  return { options, stack, scaled, lab, progress: new Progress(say), seconds: secondsOf(options) };
}
