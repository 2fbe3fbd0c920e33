import { type ChildProcess, fork } from "node:child_process";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { LabError } from "../labError";
import type { Tidy } from "../tidy";
import type { FromGenerator, LoadPlan, LoadProgress, LoadResult, ToGenerator } from "./plan";

/** The load generator from the lab's side. */
export class GeneratorProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly forget: () => Promise<void>,
  ) {}

  /** Starts it and waits until it can take a plan. */
  static async start(tidy: Tidy, onStart: (pid: number) => void): Promise<GeneratorProcess> {
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
    const forget = tidy.add("load generator", () => {
      child.kill("SIGKILL");
    });
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("close", () => reject(new LabError("the load generator does not start")));
    });
    return new GeneratorProcess(child, forget);
  }

  /** Sends the load to its end. @throws LabError when the generator dies before it is done. */
  run(plan: LoadPlan, onProgress: (progress: LoadProgress) => void): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      this.child.on("message", (message: FromGenerator) => {
        if (message.type === "progress") onProgress(message.progress);
        if (message.type === "done") {
          resolve(message.result);
          void this.forget();
        }
      });
      this.child.once("close", () => reject(new LabError("the load generator ended before its load did")));
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
