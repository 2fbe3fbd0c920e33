import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SERVICE_ROLE } from "../database/serviceRole";
import type { Lab } from "../lab";
import { messageOf } from "../labError";
import { ended } from "../process";
import type { PgbenchResult } from "../report/stressReport";

export interface PgbenchOptions {
  readonly lab: Lab;
  /** The lab's folder. */
  readonly folder: string;
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
  const { lab, folder, poolMax, rate, seconds, seed } = options;
  const script = join(folder, "session-check.sql");
  writeFileSync(script, SCRIPT);
  const { host, port, database } = lab.admin.address;
  const child = spawn(
    program.path,
    [
      ...["-n", "-f", script, "-c", String(poolMax), "-j", "1", "-T", String(seconds), "-R", rate.toFixed(3)],
      ...[
        "-h",
        host === "127.0.0.1" ? "localhost" : host,
        "-p",
        String(port),
        "-U",
        SERVICE_ROLE,
        `--random-seed=${seed}`,
        database,
      ],
    ],
    {
      cwd: folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, LC_ALL: "C", PGPASSWORD: lab.prepared.password, ...tls(lab) },
    },
  );
  if (child.pid !== undefined) lab.watch(child.pid);
  const forget = lab.tidy.add("pgbench", () => {
    child.kill("SIGKILL");
  });
  const { code, stdout, stderr } = await ended(child);
  await forget();
  if (code !== 0) return { ran: false, reason: `pgbench failed: ${firstError(stderr) ?? messageOf(code)}` };
  const numbers = pgbenchNumbers(stdout);
  if (numbers === undefined)
    return { ran: false, reason: `pgbench ${program.version} reports in a form that is not known` };
  return {
    ran: true,
    version: program.version,
    poolMax,
    predictedWaitMs: options.predictedWaitMs,
    ...numbers,
  };
}

/** What follows the first error is its consequence. */
const firstError = (text: string): string | undefined =>
  text.split("\n").find((line) => /error|fatal/i.test(line));

function tls(lab: Lab): NodeJS.ProcessEnv {
  const file = lab.address.DB_SSL_CA;
  return !file ? {} : { PGSSLMODE: "verify-full", PGSSLROOTCERT: file };
}

/** What pgbench says at its end. */
export function pgbenchNumbers(
  text: string,
): { transactionsPerSecond: number; latencyMs: number; waitMs: number } | undefined {
  const read = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
  const numbers = {
    transactionsPerSecond: read(/^tps = ([\d.]+)/m),
    latencyMs: read(/^latency average = ([\d.]+) ms/m),
    waitMs: read(/^rate limit schedule lag: avg ([\d.]+)/m),
  };
  return Object.values(numbers).every(Number.isFinite) ? numbers : undefined;
}

export function findPgbench(): { readonly path: string; readonly version: string } | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  for (const folder of folders) {
    const path = join(folder, "pgbench");
    if (!existsSync(path)) continue;
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    const version = /\(PostgreSQL\) ([\d.]+)/.exec(stdout ?? "")?.[1];
    if (version !== undefined) return { path, version };
  }
  return undefined;
}
