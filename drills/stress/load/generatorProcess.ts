import { type ChildProcess, fork } from "node:child_process";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { InputError } from "../../../policies/kit/errors";
import type { Cleanup } from "../lab/cleanup";
import type { Segment } from "./arrivals";
import type { RequestMix, RequestRecord } from "./requests";

/** Accounts that exist in the lab's database. */
export interface Credentials {
  /** Names `user-0` … `user-(count - 1)`, all with this password. */
  readonly users: number;
  readonly password: string;
  /** Tokens of sessions that exist; the n-th is user n's. */
  readonly tokens: readonly string[];
  /** Ids of the users, in the same order. */
  readonly userIds: readonly string[];
}

/** Everything the generator needs to know. */
export interface LoadPlan {
  readonly seed: number;
  /** Ports of the processes of the service that take requests. */
  readonly targets: readonly number[];
  /** Of one target. */
  readonly profile: readonly Segment[];
  readonly mix: RequestMix;
  readonly credentials: Credentials;
  /** A request that has no answer by then is given up. */
  readonly deadlineMs: number;
}

/** What the generator hands back. */
export interface LoadResult {
  readonly sent: number;
  readonly records: readonly RequestRecord[];
  /** Tokens of the logins that were answered with a session. */
  readonly tokens: readonly string[];
  /** Delay of the generator's own event loop, 99th percentile of the whole run. */
  readonly eventLoopDelayMs: number;
  readonly startedAtMs: number;
}

/** How far a run is. */
export interface LoadProgress {
  readonly secondsIn: number;
  readonly sent: number;
  readonly failed: number;
}

export type FromGenerator =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: LoadProgress }
  | { readonly type: "done"; readonly result: LoadResult };

export type ToGenerator =
  | { readonly type: "run"; readonly plan: LoadPlan }
  /** A task has been replaced: its requests go to another port from now on. */
  | { readonly type: "retarget"; readonly target: number; readonly port: number | null };

/** The load generator from the lab's side. */
export class GeneratorProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly forget: () => Promise<void>,
  ) {}

  /** Starts it and waits until it can take a plan. */
  static async start(cleanup: Cleanup, onStart: (pid: number) => void): Promise<GeneratorProcess> {
    const child = fork(join(__dirname, "generator.ts"), [], {
      execArgv: ["--import", "tsx"],
      // Records of a hundred thousand requests pass in one message.
      serialization: "advanced",
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    if (child.pid !== undefined) {
      onStart(child.pid);
      prefer(child.pid);
    }
    const forget = cleanup.add("load generator", () => void child.kill("SIGKILL"));
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("close", () => reject(new InputError("the load generator does not start")));
    });
    return new GeneratorProcess(child, forget);
  }

  /** Sends the load to its end. @throws InputError when the generator dies before it is done. */
  run(plan: LoadPlan, onProgress: (progress: LoadProgress) => void): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      this.child.on("message", (message: FromGenerator) => {
        if (message.type === "progress") onProgress(message.progress);
        if (message.type === "done") {
          resolve(message.result);
          void this.forget();
        }
      });
      this.child.once("close", () => reject(new InputError("the load generator ended before its load did")));
      this.send({ type: "run", plan });
    });
  }

  /** Sends a task's requests elsewhere from now on; null: to the other tasks. */
  retarget(target: number, port: number | null): void {
    this.send({ type: "retarget", target, port });
  }

  private send(message: ToGenerator): void {
    if (this.child.connected) this.child.send(message);
  }
}

/** Arrivals come first, where the system lets us say so (root does): a busy neighbour must not make a run void. */
function prefer(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGH);
  } catch {
    // The self-checks tell whether it mattered.
  }
}
