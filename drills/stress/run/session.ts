import type { Options } from "../commandLine";
import { otherLabsNote } from "../lab/cleanup";
import { acquireTimeoutMs } from "../lab/fleet";
import type { TestEnvironment } from "../lab/testEnvironment";
import { type Segment, steady, totalSeconds } from "../load/arrivals";
import type { LoadProgress } from "../load/generatorProcess";
import { declaredMix } from "../load/requests";
import type { PhaseRecord } from "../measure/measured";
import { measured } from "../measure/measured";
import { type PhaseReport, phaseReport, voidReasons } from "../measure/phaseReport";
import type { StackUnderTest } from "../stackUnderTest";
import type { ScaledDemand } from "./input";
import { type Disturbance, type PhaseOptions, runPhase } from "./phase";

/** What every run of one command shares. */
export interface Session {
  readonly options: Options;
  readonly stack: StackUnderTest;
  readonly scaled: ScaledDemand;
  readonly lab: TestEnvironment;
  readonly progress: Progress;
}

/** Seconds between two lines about a load that goes on. */
const EVERY = 5;

/** What is told on stderr while the lab works: stdout belongs to the report. */
export class Progress {
  private label = "";
  private seconds = 0;
  private told = 0;

  constructor(private readonly write: (line: string) => void) {}

  note(text: string): void {
    this.write(`  ${text}\n`);
  }

  begin(label: string, seconds: number): void {
    this.label = label;
    this.seconds = Math.round(seconds);
    this.told = 0;
    this.write(`▸ ${label}: ${this.seconds} s of load\n`);
  }

  tick({ secondsIn, sent, failed }: LoadProgress): void {
    if (secondsIn < this.told + EVERY || secondsIn > this.seconds) return;
    this.told = Math.floor(secondsIn);
    this.write(`  ${this.label}: ${this.told} of ${this.seconds} s, ${sent} requests, ${failed} failed\n`);
  }

  end({ measured: { attempted, succeeded, latencyMs }, void: isVoid }: PhaseReport): void {
    this.write(
      `  ${this.label}: ${attempted - succeeded} of ${attempted} failed, p99 ${Math.round(latencyMs.p99)} ms${isVoid ? ", void" : ""}\n`,
    );
  }
}

/** Steady load where none is asked for, in seconds. */
const SECONDS = 30;
const SMOKE_SECONDS = 15;

/** Steady load that is measured. */
export const secondsOf = ({ durationSeconds, smoke }: Pick<Options, "durationSeconds" | "smoke">): number =>
  durationSeconds ?? (smoke ? SMOKE_SECONDS : SECONDS);

/** A long run is long for the pool that the command is about; a minute is enough for those it is compared with. */
const MAX_COMPARISON_SECONDS = 60;

export const comparisonSeconds = (options: Parameters<typeof secondsOf>[0]): number =>
  Math.min(secondsOf(options), MAX_COMPARISON_SECONDS);

/** How far beyond the peak the load grows once it has been measured. */
export const RAMP_TO = 1.5;

/**
 * Seconds until each task has reported once: what a report carries has no times, so nothing of the beginning may be in a
 * measured one, and the first one says what an acquisition costs with this pool.
 */
const REPORT_SECONDS = 11;

/** A pool whose waits have settled forgets how it began: three acquire timeouts, and five holds, are waited for. */
export function warmUpSeconds(stack: Pick<StackUnderTest, "environment">, holdMs: number): number {
  const timeoutMs = acquireTimeoutMs(stack);
  const waitMs = Number.isFinite(timeoutMs) ? timeoutMs : 1_000;
  return Math.max(REPORT_SECONDS, (3 * waitMs) / 1000, (5 * holdMs) / 1000);
}

/** How long the parts of a phase last, in seconds; without a ramp the last is 0. */
export const phaseParts = (phase: {
  readonly stack: Pick<StackUnderTest, "environment">;
  readonly holdMs: number;
  readonly seconds: number;
  readonly rampTo: number | undefined;
}) => ({
  warmUp: warmUpSeconds(phase.stack, phase.holdMs),
  measured: phase.seconds,
  ramp: phase.rampTo === undefined ? 0 : phase.seconds / 2,
});

/** Connections that the load keeps busy in one pool, in erlangs. */
export const offeredLoad = ({ scaled, stack }: Pick<Session, "scaled" | "stack">): number =>
  (scaled.requestsPerSecondAndProcess * stack.demand.acquisitionsPerRequest * stack.demand.holdMs) / 1000;

/** A phase, measured and as it was recorded. */
export interface MeasuredPhase {
  readonly report: PhaseReport;
  readonly record: PhaseRecord;
}

interface MeasureOptions {
  readonly poolMax: number;
  readonly seconds?: number;
  /** How far the load grows afterwards, as a multiple of the peak. */
  readonly rampTo?: number;
  readonly wrongShare?: number;
  readonly disturb?: (context: Disturbance) => Promise<void>;
  /** What the progress calls it. */
  readonly label?: string;
  /** Why a run decides nothing. @default its failed self-checks */
  readonly undecided?: (report: PhaseReport) => readonly string[];
}

/**
 * Runs a phase, and a second time where the first decides nothing: it is void (the machine may have been busy for a moment),
 * or an acquisition cost more or less with this pool than was taken off its holds, which is known now.
 */
export async function measure(session: Session, options: MeasureOptions): Promise<MeasuredPhase> {
  const first = await measureOnce(session, options);
  const { report } = first;
  const problems = (options.undecided ?? voidReasons)(report);
  if (problems.length === 0 && !(report.holdsMissed && options.disturb === undefined)) return first;
  const reason =
    problems.length > 0
      ? `void: ${[...problems, ...otherLabsNote()].join("; ")}`
      : `the machine's own part of a hold was ${report.overheadMs.toFixed(1)} ms with this pool`;
  session.progress.note(`${reason}. Repeating it once`);
  return measureOnce(session, options);
}

async function measureOnce(session: Session, options: MeasureOptions): Promise<MeasuredPhase> {
  const { stack, scaled, lab, progress } = session;
  const { poolMax, rampTo, disturb, wrongShare = 0, seconds = secondsOf(session.options) } = options;
  const { meanMs: holdMs } = lab.holds;
  const rate = ratePerTask(session);
  const parts = phaseParts({ stack, holdMs, seconds, rampTo });
  const profile: Segment[] = [
    steady(parts.warmUp, rate),
    steady(parts.measured, rate),
    ...(rampTo === undefined ? [] : [{ seconds: parts.ramp, from: rate, to: rate * rampTo }]),
  ];
  await lab.holds.set(lab.holds.measuredOverheadMs);
  progress.begin(options.label ?? `pool of ${poolMax}`, totalSeconds(profile));
  const record = await runPhase({
    ...phaseOf(session, profile),
    poolMax,
    mix: { ...mixOf(session), wrongShare },
    seed: session.options.seed,
    ...(disturb && { disturb }),
  });
  const report = phaseReport(record, { stack, scaled, holdMs, rampTo });
  progress.end(report);
  // The machine's own part changes with its neighbours: the next phase takes what this one has seen.
  if (disturb === undefined && report.overheadMs >= 0) await lab.holds.set(report.overheadMs);
  return { report, record };
}

/** What all phases have in common: the fleet, and the second segment as the one that is measured. */
const phaseOf = (
  { lab, stack, scaled, progress }: Session,
  profile: readonly Segment[],
): Omit<PhaseOptions, "poolMax" | "mix" | "seed" | "disturb"> => ({
  lab,
  stack,
  tasks: scaled.tasks,
  profile,
  measured: 1,
  onProgress: (seen) => progress.tick(seen),
});

const ratePerTask = ({ scaled, stack }: Session): number =>
  scaled.requestsPerSecondAndProcess * stack.demand.processesPerTask;

export const mixOf = ({ stack }: Pick<Session, "stack">) => declaredMix(stack.demand.acquisitionsPerRequest);

/** Load for finding out what an acquisition costs, in seconds: until Node.js has compiled what it runs, and then. */
const SETTLING_SECONDS = 4;
const CALIBRATION_SECONDS = 6;
/** All of it: a part of how long a run takes. */
export const CALIBRATION_LOAD_SECONDS = SETTLING_SECONDS + CALIBRATION_SECONDS;
/** A first guess, in ms; it is measured right after. */
const GUESSED_OVERHEAD_MS = 1;

/**
 * Finds out what an acquisition costs on this machine without any hold (round trips, the query, Node.js's own turns), under
 * the declared load and with a pool that carries it: it is taken off the holds, so that their mean is the declared one.
 */
export async function calibrate(session: Session): Promise<void> {
  const { lab, stack, progress } = session;
  const rate = ratePerTask(session);
  await lab.holds.set(Math.min(GUESSED_OVERHEAD_MS, lab.holds.meanMs / 2));
  progress.begin("calibration", CALIBRATION_LOAD_SECONDS);
  const record = await runPhase({
    ...phaseOf(session, [steady(SETTLING_SECONDS, rate), steady(CALIBRATION_SECONDS, rate)]),
    poolMax: Math.max(stack.pool.floor ?? 0, stack.pool.poolMax),
    mix: mixOf(session),
    seed: session.options.seed + 1,
  });
  const { holdMs } = measured(record, stack.objectives.waitTargetMs);
  await lab.holds.set(Math.max(0, holdMs - record.holds.meanSleepMs));
  progress.note(`an acquisition costs ${lab.holds.measuredOverheadMs.toFixed(2)} ms here without its hold`);
}
