import type { DatabaseSample } from "./database/sampler";
import { DatabaseSampler } from "./database/sampler";
import { type WatchedHolds, watchHolds } from "./holdWatch";
import type { Lab } from "./lab";
import { GeneratorProcess } from "./load/generatorProcess";
import type { LoadPlan, LoadProgress, LoadResult } from "./load/plan";
import { type Segment, totalSeconds } from "./load/rateProfile";
import type { RequestMix } from "./load/requestMix";
import { scheduledRequests } from "./load/schedule";
import { busyShare, cpuTimes } from "./measure/machine";
import { type PoolSeries, poolSeries } from "./measure/poolSeries";
import type { StackUnderTest } from "./settings/stackUnderTest";
import { Fleet } from "./tasks/fleet";
import { taskEnvironment } from "./tasks/taskEnvironment";

/** One load on one fleet with one pool size, from start to stop. */
export interface PhaseOptions {
  readonly lab: Lab;
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
  readonly lab: Lab;
  readonly fleet: Fleet;
  readonly generator: GeneratorProcess;
  /** Seconds over which the measured segment lasts; the disturbance begins with it. */
  readonly seconds: number;
  readonly startsAtMs: number;
}

/** What a phase left behind, not yet judged. */
export interface PhaseRecord {
  readonly poolMax: number;
  readonly tasks: number;
  readonly load: LoadResult;
  readonly scheduled: number;
  /** When the measured segment began and ended, in ms of Unix time. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly pools: readonly PoolSeries[];
  readonly database: readonly DatabaseSample[];
  /** Share of the machine's CPUs that was busy from first to last arrival. */
  readonly busyShare: number;
  readonly holds: WatchedHolds;
  readonly failures: ReadonlyMap<string, number>;
}

/** @throws LabError when a task or the generator does not start. */
export async function runPhase(options: PhaseOptions): Promise<PhaseRecord> {
  const { lab, stack, poolMax, profile, tidy } = { ...options, tidy: options.lab.tidy };
  const environment = taskEnvironment(stack, {
    poolMax,
    database: lab.address,
    password: lab.prepared.password,
  });
  const [fleet, generator] = await Promise.all([
    Fleet.start({ stack, environment, count: options.tasks, tidy, onStart: lab.watch }),
    GeneratorProcess.start(tidy, lab.watch),
  ]);
  const sampler = new DatabaseSampler(lab.admin, () => lab.cluster?.pid);
  sampler.start();
  const before = cpuTimes();
  try {
    const plan = loadPlan(options, fleet);
    const [load, holds] = await Promise.all([
      generator.run(plan, options.onProgress),
      watchHolds({ ...options, fleet, tune: options.disturb === undefined }),
      disturbance(options, fleet, generator),
    ]);
    const after = cpuTimes();
    await fleet.stop();
    sampler.stop();
    const startOf = (index: number): number =>
      load.startedAtMs + totalSeconds(profile.slice(0, index)) * 1000;
    const endMs = startOf(profile.length);
    return {
      poolMax,
      tasks: options.tasks,
      load,
      scheduled: scheduledRequests(plan),
      fromMs: startOf(options.measured),
      toMs: startOf(options.measured + 1),
      pools: fleet.all.map((task) =>
        poolSeries(task.metrics, { fromMs: Math.max(task.listeningSinceMs, load.startedAtMs), toMs: endMs }),
      ),
      database: sampler.samples,
      busyShare: busyShare(before, after),
      holds,
      failures: summed(fleet),
    };
  } finally {
    sampler.stop();
  }
}

function loadPlan(options: PhaseOptions, fleet: Fleet): LoadPlan {
  const { stack, profile, mix, seed, lab } = options;
  return {
    seed,
    profile,
    mix,
    targets: fleet.tasks.map(({ port }) => ({ port })),
    credentials: lab.prepared.credentials,
    // The service answers by its request timeout; a client that is not answered shortly after has been forgotten.
    deadlineMs: (Number(stack.environment.REQUEST_TIMEOUT_MS) || 8_000) + 500,
  };
}

async function disturbance(options: PhaseOptions, fleet: Fleet, generator: GeneratorProcess): Promise<void> {
  const { disturb, lab, profile, measured } = options;
  if (disturb === undefined) return;
  const startsAtMs = Date.now() + totalSeconds(profile.slice(0, measured)) * 1000;
  const seconds = profile[measured]?.seconds ?? 0;
  await disturb({ lab, fleet, generator, seconds, startsAtMs });
}

function summed(fleet: Fleet): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const { failures } of fleet.all) {
    for (const [code, count] of failures) all.set(code, (all.get(code) ?? 0) + count);
  }
  return all;
}
