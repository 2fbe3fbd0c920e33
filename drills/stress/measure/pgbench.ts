import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SERVICE_ROLE } from "../lab/admin";
import { ended } from "../lab/childProcess";
import { programFolders, versionOf } from "../lab/postgresBinaries";
import type { TestEnvironment } from "../lab/testEnvironment";

export type PgbenchResult =
  | { readonly ran: false; readonly reason: string }
  | ({
      readonly ran: true;
      readonly version: string;
      readonly poolMax: number;
      readonly predictedWaitMs: number | null;
    } & PgbenchNumbers);

interface PgbenchNumbers {
  readonly transactionsPerSecond: number;
  readonly latencyMs: number;
  /** Mean time a transaction waited for one of the connections. */
  readonly waitMs: number;
}

interface PgbenchOptions {
  readonly lab: TestEnvironment;
  readonly poolMax: number;
  /** Acquisitions a second of one pool. */
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  readonly predictedWaitMs: number | null;
}

/** What the service asks for a session check. */
const SCRIPT =
  "SELECT user_id, expires_at FROM sessions WHERE token_hash = '\\x00' AND expires_at > now();\n";

/**
 * PostgreSQL's own load generator as an independent check of the model: as many connections as one pool, the same
 * statement, Poisson arrivals of the same rate (`--rate`). Its "schedule lag" is the time for which a transaction waits for
 * one of the connections, counted from when it was due: the wait of an M/M/c queue, without a line of ours in between.
 */
export async function runPgbench(options: PgbenchOptions): Promise<PgbenchResult> {
  const program = findPgbench();
  if (program === undefined) {
    return { ran: false, reason: "no pgbench on this machine (npm's PostgreSQL brings none)" };
  }
  const { lab, poolMax, rate, seconds, seed, predictedWaitMs } = options;
  const { version } = program;
  const script = join(lab.folder, "session-check.sql");
  writeFileSync(script, SCRIPT);
  const { host, port, database } = lab.admin.address;
  const child = spawn(
    program.path,
    [
      ...["-n", "-f", script, "-c", String(poolMax), "-j", "1", "-T", String(seconds), "-R", rate.toFixed(3)],
      ...["-h", host === "127.0.0.1" ? "localhost" : host, "-p", String(port), "-U", SERVICE_ROLE],
      ...[`--random-seed=${seed}`, database],
    ],
    {
      cwd: lab.folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, LC_ALL: "C", PGPASSWORD: lab.password, ...tls(lab) },
    },
  );
  if (child.pid !== undefined) lab.watch(child.pid);
  const forget = lab.cleanup.add("pgbench", () => void child.kill("SIGKILL"));
  const { code, stdout, stderr } = await ended(child);
  await forget();
  if (code !== 0) return { ran: false, reason: `pgbench failed: ${firstError(stderr) ?? code}` };
  const numbers = pgbenchNumbers(stdout);
  return numbers === undefined
    ? { ran: false, reason: `pgbench ${version} reports in a form that is not known` }
    : { ran: true, version, poolMax, predictedWaitMs, ...numbers };
}

/** What follows the first error is its consequence. */
const firstError = (text: string): string | undefined =>
  text.split("\n").find((line) => /error|fatal/i.test(line));

function tls({ address }: TestEnvironment): NodeJS.ProcessEnv {
  const file = address.DB_SSL_CA;
  return !file ? {} : { PGSSLMODE: "verify-full", PGSSLROOTCERT: file };
}

/** What pgbench says at its end. */
export function pgbenchNumbers(text: string): PgbenchNumbers | undefined {
  const read = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
  const numbers = {
    transactionsPerSecond: read(/^tps = ([\d.]+)/m),
    latencyMs: read(/^latency average = ([\d.]+) ms/m),
    waitMs: read(/^rate limit schedule lag: avg ([\d.]+)/m),
  };
  return Object.values(numbers).every(Number.isFinite) ? numbers : undefined;
}

export function findPgbench(): { readonly path: string; readonly version: string } | undefined {
  for (const { folder } of programFolders()) {
    const path = join(folder, "pgbench");
    const version = existsSync(path) ? versionOf(path) : undefined;
    if (version !== undefined) return { path, version };
  }
  return undefined;
}
