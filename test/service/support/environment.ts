import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** What a stack would set, with a lab's way to log in. */
export const ENVIRONMENT = {
  NODE_ENV: "test",
  PORT: "0",
  WEB_CONCURRENCY: "1",
  DB_HOST: "localhost",
  DB_PORT: "5432",
  DB_NAME: "auth",
  DB_USER: "auth_app",
  DB_AUTH: "password",
  DB_PASSWORD: "password-of-the-role",
  DB_CONNECTION: "direct",
  DB_POOL_NAME: "auth-test",
  DB_POOL_MAX: "4",
  DB_POOL_ACQUIRE_TIMEOUT_MS: "1000",
  DB_POOL_IDLE_TIMEOUT_MS: "30000",
  DB_POOL_MAX_LIFETIME_MS: "1800000",
  DB_POOL_QUEUE_MAX: "64",
  DB_LOCK_TIMEOUT_MS: "1500",
  DB_STATEMENT_TIMEOUT_MS: "2000",
  DB_QUERY_TIMEOUT_MS: "2500",
  DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: "10000",
  REQUEST_TIMEOUT_MS: "8000",
  HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000",
  SCRYPT_LOG2_N: "4",
} as const satisfies { readonly [name: string]: string };

export type Change = { readonly [name: string]: string };

/** All values reported of each metric, in order; of the connections' count by state. */
export interface Reported {
  values(metric: string): readonly number[];
  sum(metric: string): number;
}

interface Document {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly { readonly Metrics: readonly { readonly Name: string }[] }[];
  };
  readonly [field: string]: unknown;
}

/** Reads embedded metrics back out of a service's lines. */
export function readEmf(lines: readonly string[]): Reported {
  const found = new Map<string, number[]>();
  for (const line of lines) {
    const parsed = JSON.parse(line) as Document;
    for (const { Metrics } of parsed._aws?.CloudWatchMetrics ?? []) {
      for (const { Name } of Metrics) {
        const known = found.get(Name) ?? [];
        found.set(Name, known);
        known.push(...[parsed[Name]].flat().map(Number));
      }
    }
  }
  const values = (metric: string) => found.get(metric) ?? [];
  return { values, sum: (metric) => values(metric).reduce((total, value) => total + value, 0) };
}

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
