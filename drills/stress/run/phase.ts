import { setTimeout as sleep } from "node:timers/promises";
import { Fleet, requestTimeoutMs, taskEnvironment } from "../lab/fleet";
import type { TestEnvironment } from "../lab/testEnvironment";
import { type Segment, scheduledRequests, totalSeconds } from "../load/arrivals";
import { GeneratorProcess, type LoadProgress } from "../load/generatorProcess";
import type { RequestMix } from "../load/requests";
import type { PhaseRecord, SampledHolds } from "../measure/measured";
import { poolSeries } from "../measure/poolSeries";
import { busyShare, cpuTimes, DatabaseSampler } from "../measure/sampler";
import { meanOf } from "../measure/statistics";
import type { StackUnderTest } from "../stackUnderTest";

/** One load on one fleet with one pool size, from start to stop. */
export interface PhaseOptions {
  readonly lab: TestEnvironment;
  readonly stack: StackUnderTest;
  readonly poolMax: number;
  readonly tasks: number;
  /** Of one task. */
  readonly profile: readonly Segment[];
  /** Index of the segment in which is measured; what comes before is warm-up. */
  readonly measured: number;
  readonly mix: RequestMix;
  readonly seed: number;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Something that happens to the lab while the load runs. */
  readonly disturb?: (context: Disturbance) => Promise<void>;
}

/** What a disturbance may work on. */
export interface Disturbance {
  readonly lab: TestEnvironment;
  readonly fleet: Fleet;
  readonly generator: GeneratorProcess;
  /** When the measured segment begins, in ms of Unix time. */
  readonly startsAtMs: number;
}

/** A client that is not answered shortly after the service's own request timeout has been forgotten. */
const DEADLINE_MARGIN_MS = 500;

/** @throws InputError when a task or the generator does not start. */
export async function runPhase(options: PhaseOptions): Promise<PhaseRecord> {
  const { lab, stack, poolMax, tasks, profile, measured, disturb, mix, seed } = options;
  const { cleanup, watch, address: database, password, credentials } = lab;
  const environment = taskEnvironment(stack, { poolMax, database, password });
  const [fleet, generator] = await Promise.all([
    Fleet.start({ stack, environment, count: tasks, cleanup, onStart: watch }),
    GeneratorProcess.start(cleanup, watch),
  ]);
  const sampler = new DatabaseSampler(lab.admin, () => lab.cluster?.pid);
  sampler.start();
  const before = cpuTimes();
  const secondsBefore = (index: number): number => totalSeconds(profile.slice(0, index));
  try {
    const targets = fleet.tasks.map(({ port }) => port);
    const deadlineMs = requestTimeoutMs(stack) + DEADLINE_MARGIN_MS;
    const startsAtMs = Date.now() + secondsBefore(measured) * 1000;
    const [load, holds] = await Promise.all([
      generator.run({ seed, targets, profile, mix, credentials, deadlineMs }, options.onProgress),
      sampleHolds(options, fleet),
      disturb?.({ lab, fleet, generator, startsAtMs }),
    ]);
    const after = cpuTimes();
    await fleet.stop();
    const atMs = (index: number): number => load.startedAtMs + secondsBefore(index) * 1000;
    return {
      poolMax,
      tasks,
      load,
      scheduled: scheduledRequests(seed, targets.length, profile),
      fromMs: atMs(measured),
      toMs: atMs(measured + 1),
      pools: fleet.all.map(({ metrics, listeningSinceMs }) =>
        poolSeries(metrics, {
          fromMs: Math.max(listeningSinceMs, load.startedAtMs),
          toMs: atMs(profile.length),
        }),
      ),
      database: sampler.samples,
      busyShare: busyShare(before, after),
      holds,
    };
  } finally {
    sampler.stop();
  }
}

/** Until then Node.js still compiles what it runs. */
const SETTLED_SECONDS = 4;

/**
 * Follows the database's draws through a phase that begins now: at the end of the warm-up the holds are set anew, by what the
 * tasks have reported of it, and then sampled until the measured part is over. Of a disturbed phase nothing is learnt.
 */
async function sampleHolds(
  { lab, profile, measured, disturb }: PhaseOptions,
  fleet: Fleet,
): Promise<SampledHolds> {
  const warmUp = totalSeconds(profile.slice(0, measured));
  const startedMs = Date.now();
  if (disturb === undefined && warmUp > SETTLED_SECONDS) {
    await sleep(SETTLED_SECONDS * 1000);
    const settledAt = await positionOf(lab);
    await sleep(startedMs + warmUp * 1000 - Date.now());
    await setHoldsAnew(lab, fleet, startedMs, settledAt);
  } else {
    await sleep(warmUp * 1000);
  }
  const { measuredOverheadMs: overheadMs } = lab.holds;
  const from = await positionOf(lab);
  await sleep((profile[measured]?.seconds ?? 0) * 1000);
  const to = await positionOf(lab);
  const known = from !== undefined && to !== undefined;
  return { overheadMs, meanSleepMs: known ? await lab.holds.meanSleepMs(from, to) : Number.NaN };
}

/** Acquisitions from which a mean can be taken. */
const ENOUGH = 40;

async function setHoldsAnew(
  { holds }: TestEnvironment,
  fleet: Fleet,
  startedMs: number,
  settledAt: number | undefined,
): Promise<void> {
  const settledMs = startedMs + SETTLED_SECONDS * 1000;
  const uses = fleet.tasks
    .flatMap(({ metrics }) => poolSeries(metrics, { fromMs: startedMs, toMs: Date.now() }).useMs)
    .filter(({ atMs }) => atMs >= settledMs);
  const now = await positionOf({ holds });
  if (settledAt === undefined || now === undefined || uses.length < ENOUGH) return;
  const overheadMs = meanOf(uses.map(({ value }) => value)) - (await holds.meanSleepMs(settledAt, now));
  if (overheadMs >= 0 && overheadMs < holds.meanMs) await holds.set(overheadMs);
}

/** Undefined while the database is down, which a drill may have brought about. */
const positionOf = ({ holds }: Pick<TestEnvironment, "holds">): Promise<number | undefined> =>
  holds.position().catch(() => undefined);
