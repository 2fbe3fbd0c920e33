import { cpus } from "node:os";

/** CPU time of the whole machine since it started, in ms. */
export interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
}

export function cpuTimes(): CpuTimes {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    totalMs += all;
    busyMs += all - times.idle;
  }
  return { busyMs, totalMs };
}

/** Share of all CPUs that was busy between two readings, from 0 to 1. */
export function busyShare(from: CpuTimes, to: CpuTimes): number {
  const total = to.totalMs - from.totalMs;
  return total <= 0 ? 0 : (to.busyMs - from.busyMs) / total;
}
