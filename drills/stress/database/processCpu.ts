import { readdirSync, readFileSync } from "node:fs";

/** Kernel ticks a second: 100 on every Linux that Node.js runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended. */
  readonly reaped: number;
}

/**
 * CPU time of a server and its sessions since it started, those that have ended included. Undefined where there is no
 * `/proc`, or the process has gone.
 */
export function cpuSeconds(pid: number): number | undefined {
  try {
    const server = statOf(String(pid));
    if (server === undefined) return undefined;
    const sessions = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => statOf(name) ?? [])
      .filter(({ parent }) => parent === pid);
    const ticks = sessions.reduce((sum, { own, reaped }) => sum + own + reaped, server.own + server.reaped);
    return ticks / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** proc(5): fields after the name in brackets, which may hold anything. */
function statOf(pid: string): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const at = (index: number): number => Number(fields[index - 3]);
  return { parent: at(4), own: at(14) + at(15), reaped: at(16) + at(17) };
}
