import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../labError";
import { type MetricDocument, metricDocument } from "../measure/emf";
import { lastLine } from "../process";
import { REPOSITORY } from "../settings/loadStack";

/** How long a task may take until it listens, in milliseconds: a machine at work starts several at once. */
const START_MS = 60_000;

/** One ECS task of the lab: the real service in a process of its own, with the log that CloudWatch would get. */
export class Task {
  readonly metrics: MetricDocument[] = [];
  /** How often each kind of failure was logged. */
  readonly failures = new Map<string, number>();
  /** When it said that it listens, in ms of Unix time. */
  listeningSinceMs = 0;
  port = 0;
  private stderr = "";
  private readonly exited: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => {
      child.once("error", () => resolve(null));
      child.once("close", resolve);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr = (this.stderr + text).slice(-4_000);
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Starts a task and waits until it listens.
   * @param onStart - Told the process before it can do anything.
   * @throws LabError with what the service says against its environment.
   */
  static async start(env: NodeJS.ProcessEnv, onStart: (task: Task) => void): Promise<Task> {
    const child = spawn(process.execPath, ["--import", "tsx", join(REPOSITORY, "service", "main.ts")], {
      cwd: REPOSITORY,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const task = new Task(child);
    onStart(task);
    const listening = new Promise<boolean>((resolve) => {
      if (child.stdout === null) return;
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
    throw new LabError(
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
    if (typeof entry !== "object" || entry === null || !("event" in entry)) return false;
    if ("code" in entry || entry.event === "request_crashed") {
      const name = "code" in entry ? String(entry.code) : "request_crashed";
      this.failures.set(name, (this.failures.get(name) ?? 0) + 1);
    }
    if (entry.event !== "listening" || !("port" in entry) || typeof entry.port !== "number") return false;
    this.port = entry.port;
    this.listeningSinceMs = Date.now();
    return true;
  }
}
