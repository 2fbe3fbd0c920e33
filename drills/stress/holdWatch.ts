import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "./lab";
import { type Segment, totalSeconds } from "./load/rateProfile";
import { meanOf } from "./measure/measured";
import { poolSeries } from "./measure/poolSeries";
import type { Fleet } from "./tasks/fleet";

/** What the holds of a phase were meant to be, and what the database drew. */
export interface WatchedHolds {
  /** What an acquisition was taken to cost without its sleep, while it was measured. */
  readonly overheadMs: number;
  /** Mean sleep that the database drew meanwhile; NaN where it could not be asked. */
  readonly meanSleepMs: number;
}

export interface HoldWatchOptions {
  readonly lab: Lab;
  readonly fleet: Fleet;
  readonly profile: readonly Segment[];
  readonly measured: number;
  /** Whether to learn from the warm-up what an acquisition costs now, with this pool. */
  readonly tune: boolean;
}

/** Until then Node.js still compiles what it runs. */
const SETTLED_SECONDS = 4;
/** Acquisitions from which a mean can be taken. */
const ENOUGH = 40;

/**
 * Follows the database's draws through a phase that begins now: at the end of the warm-up the holds are set anew, by what the
 * tasks have reported of it, and then watched until the measured part is over.
 */
export async function watchHolds(options: HoldWatchOptions): Promise<WatchedHolds> {
  const { lab, profile, measured, tune } = options;
  const warmUp = totalSeconds(profile.slice(0, measured));
  const startedMs = Date.now();
  if (tune && warmUp > SETTLED_SECONDS) {
    await sleep(SETTLED_SECONDS * 1000);
    const settledAt = await positionOf(lab);
    await sleep(startedMs + warmUp * 1000 - Date.now());
    await setAnew(options, startedMs, settledAt);
  } else {
    await sleep(warmUp * 1000);
  }
  const { measuredOverheadMs: overheadMs } = lab.holds;
  const from = await positionOf(lab);
  await sleep((profile[measured]?.seconds ?? 0) * 1000);
  const to = await positionOf(lab);
  const known = from !== undefined && to !== undefined;
  return { overheadMs, meanSleepMs: known ? await lab.holds.meanSleepMs(from, to) : Number.NaN };
}

async function setAnew(
  { lab, fleet }: HoldWatchOptions,
  startedMs: number,
  settledAt: number | undefined,
): Promise<void> {
  const settledMs = startedMs + SETTLED_SECONDS * 1000;
  const uses = fleet.tasks.flatMap(({ metrics }) =>
    poolSeries(metrics, { fromMs: startedMs, toMs: Date.now() }).useMs.filter(
      ({ atMs }) => atMs >= settledMs,
    ),
  );
  const now = await positionOf(lab);
  if (settledAt === undefined || now === undefined || uses.length < ENOUGH) return;
  const overheadMs = meanOf(uses.map(({ value }) => value)) - (await lab.holds.meanSleepMs(settledAt, now));
  if (overheadMs >= 0 && overheadMs < lab.holds.meanMs) await lab.holds.set(overheadMs);
}

/** Undefined while the database is down, which a drill may have brought about. */
const positionOf = (lab: Lab): Promise<number | undefined> => lab.holds.position().catch(() => undefined);
