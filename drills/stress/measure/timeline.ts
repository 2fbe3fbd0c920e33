import type { PhaseRecord } from "../phase";
import type { Timed } from "./batchMeans";
import { outcomeOf } from "./measured";

/** One second of a run, for the pictures. Gauges are over all tasks; null where nothing was sampled. */
export interface Second {
  readonly second: number;
  readonly arrived: number;
  readonly failed: number;
  readonly poolUsed: number | null;
  readonly poolPending: number | null;
  readonly databaseConnections: number | null;
  readonly databaseActive: number | null;
  readonly databaseCpus: number | null;
}

/** A run second by second, from its first arrival to its last. */
export function timeline(record: PhaseRecord): readonly Second[] {
  const { startedAtMs, records } = record.load;
  const last = Math.max(startedAtMs, ...records.map(({ intendedMs }) => intendedMs));
  const seconds = Math.ceil((last - startedAtMs) / 1000);
  const secondOf = (atMs: number): number => Math.floor((atMs - startedAtMs) / 1000);
  const requests = grouped(
    records.map((each) => ({ second: secondOf(each.intendedMs), failed: outcomeOf(each) !== "ok" })),
  );
  const summedOver = (series: readonly (readonly Timed[])[]): Map<number, number> => {
    const sums = new Map<number, number>();
    for (const { atMs, value } of series.flat())
      sums.set(secondOf(atMs), (sums.get(secondOf(atMs)) ?? 0) + value);
    return sums;
  };
  const used = summedOver(record.pools.map((pool) => pool.used));
  const pending = summedOver(record.pools.map((pool) => pool.pending));
  const database = new Map(record.database.map((sample) => [secondOf(sample.atMs), sample]));
  return Array.from({ length: seconds }, (_, second) => {
    const sample = database.get(second);
    const here = requests.get(second);
    return {
      second,
      arrived: here?.arrived ?? 0,
      failed: here?.failed ?? 0,
      poolUsed: used.get(second) ?? null,
      poolPending: pending.get(second) ?? null,
      databaseConnections: sample?.connections ?? null,
      databaseActive: sample?.active ?? null,
      databaseCpus: sample?.cpus ?? null,
    };
  });
}

function grouped(requests: readonly { readonly second: number; readonly failed: boolean }[]) {
  const bySecond = new Map<number, { arrived: number; failed: number }>();
  for (const { second, failed } of requests) {
    const here = bySecond.get(second) ?? { arrived: 0, failed: 0 };
    here.arrived++;
    if (failed) here.failed++;
    bySecond.set(second, here);
  }
  return bySecond;
}
