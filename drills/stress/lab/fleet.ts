import type { ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError, isRecord } from "../../../policies/kit/errors";
import { type MetricDocument, metricDocument } from "../measure/poolSeries";
import type { StackUnderTest } from "../stackUnderTest";
import { lastLine, startEntry } from "./childProcess";
import type { Cleanup } from "./cleanup";

/** scrypt's N in the lab, as a power of two: a hash takes well under a millisecond of CPU. */
export const LAB_HASH_LOG2_N = 4;

type Stack = Pick<StackUnderTest, "environment">;

/** How long the service lets a request take, in ms; its own default where the stack sets nothing (`service/settings`). */
export const requestTimeoutMs = ({ environment }: Stack): number =>
  Number(environment.REQUEST_TIMEOUT_MS) || 8_000;

/** How long the service waits for a connection, in ms; without limit where nothing is set. */
export const acquireTimeoutMs = ({ environment }: Stack): number =>
  Number(environment.DB_POOL_ACQUIRE_TIMEOUT_MS) || Number.POSITIVE_INFINITY;

/** What a lab's task is told differently from a deployed one; each of them is in the report. */
interface TaskOverrides {
  readonly poolMax: number;
  readonly database: { readonly [variable: string]: string };
  readonly password: string;
}

/** The stack's own environment, with the lab's database in the place of the cloud's. */
export const taskEnvironment = (
  { environment }: Stack,
  { poolMax, database, password }: TaskOverrides,
): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  ...environment,
  ...database,
  PORT: "0",
  DB_AUTH: "password",
  DB_PASSWORD: password,
  DB_POOL_MAX: String(poolMax),
  SCRYPT_LOG2_N: String(LAB_HASH_LOG2_N),
});

/** What differs from the deployed environment, for the report; without values that are secret. */
export function differences({ environment: deployed }: Stack, poolMax: number): readonly string[] {
  return [
    "DB_HOST, DB_PORT, DB_SSL_CA: the lab's database and its throwaway certificate authority",
    `DB_AUTH=password instead of ${deployed.DB_AUTH ?? "iam"}`,
    `SCRYPT_LOG2_N=${LAB_HASH_LOG2_N} instead of ${deployed.SCRYPT_LOG2_N ?? "the service's default"}: hashing at production cost needs CPUs that the lab has not`,
    ...(String(poolMax) === deployed.DB_POOL_MAX
      ? []
      : [`DB_POOL_MAX=${poolMax} instead of ${deployed.DB_POOL_MAX}`]),
    ...(deployed.DB_CONNECTION === "proxy" ? ["no RDS Proxy: the tasks reach PostgreSQL directly"] : []),
  ];
}

/** How long a task may take until it listens, in milliseconds: a machine at work starts several at once. */
const START_MS = 60_000;

/** One ECS task of the lab: the real service in a process of its own, with the log that CloudWatch would get. */
class Task {
  readonly metrics: MetricDocument[] = [];
  /** When it said that it listens, in ms of Unix time. */
  listeningSinceMs = 0;
  port = 0;
  private stderr = "";
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    this.exited = new Promise((resolve) => {
      child.once("error", resolve);
      child.once("close", resolve);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr = (this.stderr + text).slice(-4_000);
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Starts a task and waits until it listens.
   * @param onStart - Told the process before it can do anything.
   * @throws InputError with what the service says against its environment.
   */
  static async start(env: NodeJS.ProcessEnv, onStart: (task: Task) => void): Promise<Task> {
    const child = startEntry("service/main.ts", [], env);
    const task = new Task(child);
    onStart(task);
    const listening = new Promise<boolean>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (task.read(line)) resolve(true);
      });
    });
    const isUp = await Promise.race([
      listening,
      task.exited.then(() => false),
      sleep(START_MS, false, { ref: false }),
    ]);
    if (isUp) return task;
    await task.kill();
    throw new InputError(
      `a task does not start: ${lastLine(task.stderr).replace(/^✖ /, "") || "it does not listen"}`,
    );
  }

  /** SIGTERM, as ECS stops a task; SIGKILL after the stop timeout. Returns whether it left by itself. */
  async stop(limitMs: number): Promise<boolean> {
    this.child.kill("SIGTERM");
    const left = await Promise.race([this.exited.then(() => true), sleep(limitMs, false, { ref: false })]);
    if (!left) await this.kill();
    return left;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** Takes a line of its log; true for the one that says that it listens. */
  private read(line: string): boolean {
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      return false; // not a line of the service's own
    }
    const document = metricDocument(entry);
    if (document !== undefined) {
      this.metrics.push(document);
      return false;
    }
    if (!isRecord(entry) || entry.event !== "listening" || typeof entry.port !== "number") return false;
    this.port = entry.port;
    this.listeningSinceMs = Date.now();
    return true;
  }
}

/** Tasks that start at once: each needs a CPU for about a second. */
const STARTING_AT_ONCE = 2;
/** How much longer than a request may take a task may take to stop. */
const STOP_MARGIN_MS = 5_000;

/** All tasks of one run, started together and stopped together. */
export class Fleet {
  /** Tasks that take requests, by their place; a rolling restart replaces them one by one. */
  readonly tasks: Task[] = [];
  /** Every task there ever was, for its metrics. */
  readonly all: Task[] = [];
  private forget: (() => Promise<void>) | undefined;

  private constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly stopMs: number,
    private readonly onStart: (pid: number) => void,
  ) {}

  /** @throws InputError when a task does not start; none is left running then. */
  static async start(options: {
    readonly stack: StackUnderTest;
    readonly environment: NodeJS.ProcessEnv;
    readonly count: number;
    readonly cleanup: Cleanup;
    readonly onStart: (pid: number) => void;
  }): Promise<Fleet> {
    const { stack, environment, count, cleanup, onStart } = options;
    const fleet = new Fleet(environment, requestTimeoutMs(stack) + STOP_MARGIN_MS, onStart);
    fleet.forget = cleanup.add("tasks", () => fleet.killAll());
    for (let started = 0; started < count; started += STARTING_AT_ONCE) {
      const batch = Math.min(STARTING_AT_ONCE, count - started);
      fleet.tasks.push(...(await Promise.all(Array.from({ length: batch }, () => fleet.startOne()))));
    }
    return fleet;
  }

  startOne(): Promise<Task> {
    return Task.start(this.environment, (task) => {
      this.all.push(task);
      if (task.pid !== undefined) this.onStart(task.pid);
    });
  }

  /** Stops one task as ECS does. */
  stopOne(task: Task): Promise<boolean> {
    return task.stop(this.stopMs);
  }

  /** Stops all tasks as ECS does, each of which then reports its last metrics. */
  async stop(): Promise<void> {
    await Promise.all(this.tasks.map((task) => this.stopOne(task)));
    await this.forget?.();
  }

  private async killAll(): Promise<void> {
    await Promise.all(this.all.map((task) => task.kill()));
  }
}
