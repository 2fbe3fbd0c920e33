import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { type Change, ENVIRONMENT } from "./environment";

const ROOT = join(__dirname, "..", "..", "..");

/** The service as a process of its own, the way a task runs it. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Resolves with the port when it listens; rejects when it ends before. */
  readonly listening: Promise<number>;
  readonly exit: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

/** @param environment - Instead of a whole one, or changes to it. */
export function spawnService(change: Change, environment: Change = ENVIRONMENT): ServiceProcess {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "service", "main.ts")], {
    cwd: ROOT,
    env: { PATH, ...environment, ...change },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const exit = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const listening = new Promise<number>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      const line = stdout
        .split("\n")
        .find((each) => each.includes('"event":"listening"') && each.endsWith("}"));
      if (line !== undefined) resolve(JSON.parse(line).port);
    });
    void exit.then((code) => reject(new Error(`the service ended with ${code}: ${stderr}`)));
  });
  listening.catch(() => {});
  return { child, listening, exit, stdout: () => stdout, stderr: () => stderr };
}
