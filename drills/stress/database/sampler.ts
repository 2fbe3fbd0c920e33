import type { Admin } from "./admin";
import { cpuSeconds } from "./processCpu";

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
