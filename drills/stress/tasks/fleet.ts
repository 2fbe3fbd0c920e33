import type { StackUnderTest } from "../settings/stackUnderTest";
import type { Tidy } from "../tidy";
import { Task } from "./task";

/** Tasks that start at once: each needs a CPU for about a second. */
const STARTING_AT_ONCE = 2;

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

  /** @throws LabError when a task does not start; none is left running then. */
  static async start(options: {
    readonly stack: StackUnderTest;
    readonly environment: NodeJS.ProcessEnv;
    readonly count: number;
    readonly tidy: Tidy;
    readonly onStart: (pid: number) => void;
  }): Promise<Fleet> {
    const { stack, environment, count, tidy, onStart } = options;
    const requestTimeoutMs = Number(stack.environment.REQUEST_TIMEOUT_MS) || 8_000;
    const fleet = new Fleet(environment, requestTimeoutMs + 5_000, onStart);
    fleet.forget = tidy.add("tasks", () => fleet.killAll());
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
