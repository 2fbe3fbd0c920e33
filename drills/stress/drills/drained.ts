import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { seeded } from "../../../policies/kit/random";
import { type DeploymentPeak, deploymentPeak } from "../../../policies/model/tasks";
import { type Admin, type AdminAddress, clientOptions } from "../lab/admin";
import { REPOSITORY } from "../lab/childProcess";
import type { Cleanup } from "../lab/cleanup";
import { meanOf } from "../measure/statistics";

/** A rolling deployment of ECS. Times are those of the deployed service; the lab's are `TIMES_FASTER` shorter. */
export interface Deployment {
  readonly name: string;
  readonly tasks: number;
  readonly poolMax: number;
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
  /** From the start of a task until ECS counts it as healthy, at least. */
  readonly healthySeconds: number;
  /** Deregistration delay and stop timeout: when a stopped task is killed, as one is that does not exit by itself. */
  readonly exitSeconds: number;
  /** A request works this long at most; half of that later the connection works again. */
  readonly requestSeconds: number;
  /** After this the pool closes an idle connection; undefined: it keeps them. */
  readonly idleSeconds?: number | undefined;
}

export const TIMES_FASTER = 20;
/** A task is healthy up to this share later than it could be. */
const HEALTHY_SPREAD = 0.02;
const SAMPLE_MS = 100;
/** With the lab's own steps later than this the deployment is another one. */
const MAX_LATE_MS = 500;
/** Until a new task has all of its connections, which the model counts from its start. */
const MAX_OPENING_MS = 2_000;

export const TEN_TASKS = {
  tasks: 10,
  poolMax: 3,
  minimumHealthyPercent: 100,
  healthySeconds: 60,
  exitSeconds: 300 + 30, // AWS's defaults
  requestSeconds: 8,
};

export const DEPLOYMENTS: readonly Deployment[] = [undefined, 30].flatMap((idleSeconds) =>
  [110, 150, 200].map((maximumPercent) => ({
    ...TEN_TASKS,
    name: `maximumPercent ${maximumPercent}, ${idleSeconds === undefined ? "no idle timeout" : `idle timeout ${idleSeconds} s`}`,
    maximumPercent,
    idleSeconds,
  })),
);

/**
 * What the model says of a deployment, and the least that it says of one that is as late as the lab was. A connection is
 * closed when it has been idle for long enough, at the latest after the last request of a task that is stopped.
 */
export function predictedPeak(of: Deployment, { lateMs, openingMs }: Pick<Deployed, "lateMs" | "openingMs">) {
  const { exitSeconds, idleSeconds = exitSeconds, requestSeconds, healthySeconds } = of;
  const peakAt = (timeToHealthySeconds: number, drainSeconds: number): DeploymentPeak =>
    deploymentPeak({ ...of, maxCapacity: of.tasks, timeToHealthySeconds, drainSeconds });
  const idleBefore = of.idleSeconds === undefined ? 0 : 1.5 * requestSeconds;
  const late = (TIMES_FASTER * lateMs) / 1000;
  const closes = idleSeconds - idleBefore - late - (TIMES_FASTER * (openingMs + SAMPLE_MS)) / 1000;
  return {
    most: peakAt(healthySeconds, Math.min(exitSeconds, idleSeconds + requestSeconds)),
    least: peakAt(healthySeconds * (1 + HEALTHY_SPREAD) + late, Math.max(0, closes)),
  };
}

/** Connections of one deployment at one moment, in ms from its start. */
interface Sample {
  readonly atMs: number;
  readonly old: number;
  readonly new: number;
}

export interface Deployed {
  readonly samples: readonly Sample[];
  /** The latest that a task was healthy or killed. */
  readonly lateMs: number;
  /** The longest that a new task took to open its pool. */
  readonly openingMs: number;
}

/**
 * A task: a pool of node-postgres in a process of its own, all of whose connections are at work again and again until it
 * takes no more requests. It is plain JavaScript as dozens of them start, and a loader for TypeScript triples what that
 * takes.
 */
const TASK = `
const { Pool } = require("pg");
let serves = true;
process.on("disconnect", () => process.exit());
process.on("message", async (told) => {
  if (told === "drain") { serves = false; return; }
  const pool = new Pool(told.pool);
  pool.on("error", () => {});
  for (let n = 0; serves; ) {
    const clients = await Promise.all(Array.from({ length: told.pool.max }, () => pool.connect()));
    if (n === 0) process.send("open");
    await Promise.all(clients.map(async (client) => {
      await client.query("SELECT pg_sleep($1)", [told.workSeconds[n++ % told.workSeconds.length]]);
      client.release();
    }));
    await new Promise((resolve) => setTimeout(resolve, told.pauseMs));
  }
});
process.send("ready");
`;

/** Processes that start at once. */
const STARTING_AT_ONCE = 4;

/**
 * Deploys once, as ECS's scheduler does (ECS developer guide, "Rolling update deployments"): it stops an old task while
 * enough others are healthy, and starts a new one while RUNNING and PENDING ones are below the maximum, which those that
 * drain do not count towards. Counts the connections in `pg_stat_activity` until the old tasks have none.
 */
export async function deploy(
  admin: Admin,
  cleanup: Cleanup,
  of: Deployment,
  seed: number,
): Promise<Deployed> {
  const children: ChildProcess[] = [];
  const killAll = cleanup.add("tasks of a deployment", () => {
    for (const child of children) child.kill("SIGKILL");
  });
  let fail = (_error: Error): void => {};
  const died = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const start = async (): Promise<void> => {
    const child = spawn(process.execPath, ["-e", TASK], {
      cwd: REPOSITORY,
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    children.push(child);
    child.once("error", fail);
    child.once("exit", (_code, signal) => {
      if (signal !== "SIGKILL") fail(new Error("a task of the lab ended by itself"));
    });
    await once(child, "message");
  };
  const all = async (): Promise<Deployed> => {
    while (children.length < 2 * of.tasks) {
      const batch = Math.min(STARTING_AT_ONCE, 2 * of.tasks - children.length);
      await Promise.all(Array.from({ length: batch }, start));
    }
    return roll({ watch, address: admin.address }, of, children, seed);
  };
  const watch = await admin.connect();
  try {
    return await Promise.race([all(), died]);
  } finally {
    await killAll();
    await watch.end();
  }
}

async function roll(
  { watch, address }: { readonly watch: Client; readonly address: AdminAddress },
  of: Deployment,
  children: readonly ChildProcess[],
  seed: number,
): Promise<Deployed> {
  const scaled = (seconds: number): number => (1000 * seconds) / TIMES_FASTER;
  const names = { old: `poolproof-${seed}-old`, new: `poolproof-${seed}-new` };
  const random = seeded(seed, 2);
  let [lateMs, openingMs] = [0, 0];
  /** Opens a task's pool; resolves when it has all of its connections. */
  const open = async (child: ChildProcess | undefined, generation: keyof typeof names): Promise<void> => {
    const from = performance.now();
    child?.send({
      pool: {
        ...clientOptions(address),
        max: of.poolMax,
        idleTimeoutMillis: scaled(of.idleSeconds ?? 0),
        application_name: names[generation],
      },
      workSeconds: Array.from({ length: 64 }, () => (random() * of.requestSeconds) / TIMES_FASTER),
      pauseMs: scaled(of.requestSeconds / 2),
    });
    if (child !== undefined) await once(child, "message");
    if (generation === "new") openingMs = Math.max(openingMs, performance.now() - from);
  };
  const after = async (ms: number): Promise<void> => {
    const due = performance.now() + ms;
    await sleep(ms, undefined, { ref: false });
    lateMs = Math.max(lateMs, performance.now() - due);
  };
  const old = children.slice(0, of.tasks);
  const waiting = children.slice(of.tasks);
  await Promise.all(old.map((child) => open(child, "old")));

  const startedAt = performance.now();
  const most = Math.floor((of.tasks * of.maximumPercent) / 100);
  const least = Math.ceil((of.tasks * of.minimumHealthyPercent) / 100);
  let healthy = 0;
  const stop = async (child: ChildProcess | undefined): Promise<void> => {
    child?.send("drain");
    await after(scaled(of.exitSeconds));
    child?.kill("SIGKILL");
  };
  const begin = async (child: ChildProcess | undefined): Promise<void> => {
    const isOpen = open(child, "new");
    await after(scaled(of.healthySeconds * (1 + HEALTHY_SPREAD * random())));
    await isOpen;
    healthy++;
    schedule();
  };
  const schedule = (): void => {
    while (old.length > 0 && old.length + healthy > least) {
      void stop(old.splice(Math.floor(random() * old.length), 1)[0]);
    }
    while (waiting.length > 0 && old.length + of.tasks - waiting.length < most) void begin(waiting.pop());
  };
  schedule();

  const samples: Sample[] = [];
  const lastsAtMost = scaled(2 * of.exitSeconds + 2 * of.tasks * of.healthySeconds);
  for (let atMs = 0, isOver = false; !isOver; await sleep(SAMPLE_MS)) {
    const { rows } = await watch.query<{ name: string; connections: number }>(
      "SELECT application_name AS name, count(*)::int AS connections FROM pg_stat_activity WHERE application_name = ANY($1) GROUP BY 1",
      [Object.values(names)],
    );
    atMs = performance.now() - startedAt;
    const count = (name: string): number => rows.find((row) => row.name === name)?.connections ?? 0;
    samples.push({ atMs, old: count(names.old), new: count(names.new) });
    isOver = old.length === 0 && count(names.old) === 0;
    if (atMs > lastsAtMost) throw new Error("a deployment of the lab does not end");
  }
  return { samples, lateMs, openingMs };
}

export const peakOf = ({ samples }: Deployed): number =>
  Math.max(...samples.map((sample) => sample.old + sample.new));

/**
 * What a deployment's runs come to, one for each seed: none may have more connections at once than the model predicts, nor
 * fewer than it predicts of one as late as these were.
 */
export function judgeDeployment(of: Deployment, runs: readonly Deployed[]) {
  const bySeed = runs.map(peakOf);
  const [low, high] = [Math.min(...bySeed), Math.max(...bySeed)];
  const lateMs = Math.max(...runs.map((run) => run.lateMs));
  const openingMs = Math.max(...runs.map((run) => run.openingMs));
  const { least, most } = predictedPeak(of, { lateMs, openingMs });
  const predicted = { low: of.poolMax * poolsOf(least), high: of.poolMax * poolsOf(most) };
  const late = `a task was healthy or killed ${Math.round(lateMs)} ms late, limit ${MAX_LATE_MS} ms`;
  const slow = `a pool took ${Math.round(openingMs)} ms to open, limit ${MAX_OPENING_MS} ms`;
  const voidReasons = [
    ...(lateMs <= MAX_LATE_MS ? [] : [late]),
    ...(openingMs <= MAX_OPENING_MS ? [] : [slow]),
  ];
  const isMet = predicted.low <= low && high <= predicted.high;
  return {
    name: of.name,
    poolMax: of.poolMax,
    safeSize: null,
    predicted,
    measured: { mean: meanOf(bySeed), low, high, batches: runs.length },
    bySeed,
    overheadMs: null,
    samples: runs[0]?.samples ?? [],
    verdict:
      voidReasons.length > 0 ? ("void" as const) : isMet ? ("as predicted" as const) : ("outside" as const),
    voidReasons,
  };
}

const poolsOf = ({ running, draining }: DeploymentPeak): number => running + draining;

/** In the times of the deployed service. */
export const deploymentText = (of: Omit<Deployment, "name" | "maximumPercent">): string =>
  `${of.tasks} tasks with a pool of ${of.poolMax}, healthy after ${of.healthySeconds} s, killed ${of.exitSeconds} s after they are stopped, minimumHealthyPercent ${of.minimumHealthyPercent}`;
