import type { ScenarioResult } from "../runScenario";
import { type Entry, timelineOf } from "./timeline";

/** Alarms whose messages are shown in full; a faulty set may have many that page. */
const MOST = 4;

/** What wakes somebody: the message of each alarm, at its first time. */
export interface Page extends Entry {
  readonly times: number;
}

export interface Pages {
  readonly shown: readonly Page[];
  /** Alarms beyond those. */
  readonly left: number;
}

/** Who was woken by what, before anything else: the page and what to do are all that a woken person wants first. */
export function pagesOf(result: ScenarioResult): Pages {
  const pages = timelineOf(result).filter(({ kind }) => kind === "PAGE");
  const byAlarm = new Map<string, Page>();
  for (const page of pages) {
    const known = byAlarm.get(page.text);
    byAlarm.set(page.text, known ? { ...known, times: known.times + 1 } : { ...page, times: 1 });
  }
  const all = [...byAlarm.values()];
  return { shown: all.slice(0, MOST), left: Math.max(0, all.length - MOST) };
}

/** `pool-starved: The connection pool is too small. (2 times)` */
export function headOf({ text, times }: Page): string {
  return times === 1 ? text : `${text} (${times} times)`;
}
