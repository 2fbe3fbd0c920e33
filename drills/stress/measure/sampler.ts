import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Admin } from "../lab/admin";

/** The database at one moment. */
export interface DatabaseSample {
  readonly atMs: number;
  /** Sessions of clients, the lab's own left out. */
  readonly connections: number;
  /**
   * Sessions that work or wait inside the database (what RDS calls DBLoad). The lab's own sleep is left out: it stands
   * for network, commit and think time, which the database does not feel.
   */
  readonly active: number;
  /** Sessions that wait for a lock. */
  readonly lockWaits: number;
  /** CPUs kept busy by the server since the sample before; null where it cannot be read. */
  readonly cpus: number | null;
}

/** Samples the database every second until stopped; a database that is down just gives no sample. */
export class DatabaseSampler {
  readonly samples: DatabaseSample[] = [];
  private timer: NodeJS.Timeout | undefined;
  private earlier: { readonly atMs: number; readonly seconds: number } | undefined;
  private busy = false;

  constructor(
    private readonly admin: Admin,
    /** Process of the server, if it is the lab's own. */
    private readonly serverPid: () => number | undefined,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.sample(), 1000);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async sample(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const [row] = await this.admin.query<{ connections: number; active: number; locks: number }>(SAMPLE);
      const atMs = Date.now();
      if (row) {
        this.samples.push({
          atMs,
          connections: row.connections,
          active: row.active,
          lockWaits: row.locks,
          cpus: this.cpusSince(atMs),
        });
      }
    } catch {
      // Down, or being restarted: that is what a drill is for.
    } finally {
      this.busy = false;
    }
  }

  private cpusSince(atMs: number): number | null {
    const pid = this.serverPid();
    const seconds = pid === undefined ? undefined : cpuSeconds(pid);
    const earlier = this.earlier;
    this.earlier = seconds === undefined ? undefined : { atMs, seconds };
    if (seconds === undefined || earlier === undefined || seconds < earlier.seconds) return null;
    return (seconds - earlier.seconds) / ((atMs - earlier.atMs) / 1000);
  }
}

const SAMPLE = `
SELECT count(*)::int AS connections,
       count(*) FILTER (WHERE state = 'active' AND wait_event IS DISTINCT FROM 'PgSleep')::int AS active,
       count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS locks
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name <> 'poolproof-stress'`;

/** Kernel ticks a second: 100 on every Linux that Node.js runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/**
 * CPU time of a server and its sessions since it started, those that have ended included. Undefined where there is no
 * `/proc`, or the process has gone.
 */
function cpuSeconds(pid: number): number | undefined {
  const server = statOf(String(pid));
  if (server === undefined) return undefined;
  const sessions = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(name) ?? [])
    .filter(({ parent }) => parent === pid);
  return [server, ...sessions].reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** proc(5): fields after the name in brackets, which may hold anything; ticks of children that have ended included. */
function statOf(pid: string): { readonly parent: number; readonly ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const at = (index: number): number => Number(fields[index - 3]);
    return { parent: at(4), ticks: at(14) + at(15) + at(16) + at(17) };
  } catch {
    return undefined;
  }
}

/** CPU time of the whole machine since it started, in ms. */
export function cpuTimes(): { readonly idleMs: number; readonly totalMs: number } {
  const each = cpus().map(({ times }) => times);
  const sum = (kind: keyof (typeof each)[number]): number =>
    each.reduce((all, times) => all + times[kind], 0);
  const idleMs = sum("idle");
  return { idleMs, totalMs: idleMs + sum("user") + sum("nice") + sum("sys") + sum("irq") };
}

/** Share of all CPUs that was busy between two readings, from 0 to 1. */
export function busyShare(from: ReturnType<typeof cpuTimes>, to: typeof from): number {
  const total = to.totalMs - from.totalMs;
  return total <= 0 ? 0 : 1 - (to.idleMs - from.idleMs) / total;
}
