import type { Alarm, ExcludedAlarm } from "../alarm";
import type { LoadedScenario } from "../load";
import type { ScenarioResult } from "../run";

/** What all forms of the report share: what came of a scenario, who was paged, what happened when, what was excluded. */

/** A trace on which nothing was expected is neither passed nor failed. */
export type Outcome = "passed" | "notPassed" | "replayed";

export function outcomeOf({ verdict }: ScenarioResult): Outcome {
  if (verdict.judgedBy === "nothing") return "replayed";
  return verdict.passed ? "passed" : "notPassed";
}

/** Whose alarms these are: `the stack prod`, `alarms.json`. */
export function ownerOf({ alarmsOf }: LoadedScenario): string {
  return "stack" in alarmsOf ? `the stack ${alarmsOf.stack}` : alarmsOf.file;
}

/** What the scenarios come to together. */
export function countOf(results: readonly ScenarioResult[]): string {
  const outcomes = results.map(outcomeOf);
  const count = (outcome: Outcome) => outcomes.filter((one) => one === outcome).length;
  const [failed, replayed] = [count("notPassed"), count("replayed")];
  const judged = results.length - replayed;
  const ofJudged = failed === 0 ? `${judged} of ${judged} passed` : `${failed} of ${judged} did not pass`;
  return [
    ...(judged === 0 ? [] : [ofJudged]),
    ...(replayed === 0
      ? []
      : [`${replayed} replayed without anything expected, so neither passed nor failed`]),
  ].join("; ");
}

/** Minutes for a table, to a tenth. */
function inMinutes(minutes: number | undefined): string {
  return minutes === undefined ? "–" : String(Math.round(minutes * 10) / 10);
}

/** A row of the table of scenarios, after its mark: name, detected, cause after, cause, wrong causes, pages. */
export function tableRow({ scenario, verdict }: ScenarioResult): readonly string[] {
  return [
    scenario.name,
    inMinutes(verdict.minutesToDetect),
    inMinutes(verdict.minutesToCause),
    verdict.cause ?? "–",
    verdict.wrongCauses.join(", ") || "–",
    String(verdict.pages.length),
  ];
}

/** A line of what happened. */
export interface Entry {
  readonly atSeconds: number;
  readonly kind: "event" | "failure" | "ALARM" | "OK" | "PAGE" | "TICKET" | "over";
  readonly text: string;
  /** The alarm that it is about. */
  readonly alarm?: string | undefined;
  /** What follows, for the person on call. */
  readonly more?: readonly string[] | undefined;
}

/** Within a moment: what happens to the service, what alarms make of it, who is notified. */
const ORDER: readonly Entry["kind"][] = ["event", "failure", "OK", "ALARM", "TICKET", "PAGE", "over"];

/**
 * What happened, in order: the scenario's events, the first failed request, alarms that fire and who is notified. That an
 * alarm was OK at its first evaluation is no news.
 */
export function timelineOf({ scenario, simulation, verdict }: ScenarioResult): readonly Entry[] {
  const byId = new Map(scenario.alarms.map((alarm) => [alarm.id, alarm]));
  const entries: Entry[] = scenario.events.map(({ atSeconds, title }) => ({
    atSeconds,
    kind: "event",
    text: title,
  }));
  if (verdict.failed && verdict.firstFailureSeconds !== undefined) {
    entries.push({ atSeconds: verdict.firstFailureSeconds, kind: "failure", text: "first failed request" });
  }
  for (const { atSeconds, alarm, from, to } of simulation.transitions) {
    if (to === "INSUFFICIENT_DATA" || (from === "INSUFFICIENT_DATA" && to === "OK")) continue;
    entries.push({ atSeconds, kind: to, text: alarm });
  }
  for (const { atSeconds, alarm, state } of simulation.actions) {
    entries.push({ atSeconds, ...notificationOf(byId.get(alarm), state === "ALARM") });
  }
  return entries.toSorted(
    (one, other) => one.atSeconds - other.atSeconds || ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind),
  );
}

function notificationOf(alarm: Alarm | undefined, isFiring: boolean): Omit<Entry, "atSeconds"> {
  const id = alarm?.id ?? "";
  if (!isFiring) return { kind: "over", text: id };
  const isPage = alarm?.severity === "page";
  return {
    kind: isPage ? "PAGE" : "TICKET",
    alarm: id,
    text: alarm?.intent ? `${id}: ${alarm.intent}` : id,
    more: isPage ? alarm.whatToDo : undefined,
  };
}

/** Alarms whose messages are shown in full; a faulty set may have many that page. */
const MAX_PAGES = 4;

/** A page: the message of an alarm at its first time, and how often it came. */
interface Page extends Entry {
  readonly times: number;
}

export interface Pages {
  readonly shown: readonly Page[];
  /** Alarms beyond those. */
  readonly left: number;
}

/** Who was paged with what, before anything else: the page and what to do are what a person on call wants first. */
export function pagesOf(result: ScenarioResult): Pages {
  const byMessage = new Map<string, Page>();
  for (const entry of timelineOf(result)) {
    if (entry.kind !== "PAGE") continue;
    const known = byMessage.get(entry.text) ?? { ...entry, times: 0 };
    byMessage.set(entry.text, { ...known, times: known.times + 1 });
  }
  const all = [...byMessage.values()];
  return { shown: all.slice(0, MAX_PAGES), left: Math.max(0, all.length - MAX_PAGES) };
}

/** `pool-starved: The connection pool is too small. (2 times)` */
export function headOf({ text, times }: Page): string {
  return times === 1 ? text : `${text} (${times} times)`;
}

/** An alarm that was excluded, and where. */
interface Excluded extends ExcludedAlarm {
  /** Scenarios in which it could not be replayed; empty where that was in all of them. */
  readonly scenarios: readonly string[];
}

/** Alarms that were excluded, each once for each reason, whatever the number of scenarios. */
export function excludedAlarms(results: readonly ScenarioResult[]): readonly Excluded[] {
  const found = new Map<string, ExcludedAlarm & { readonly scenarios: string[] }>();
  for (const { scenario } of results) {
    for (const excluded of scenario.excluded) {
      const key = `${excluded.alarm}\n${excluded.why}`;
      const known = found.get(key) ?? { ...excluded, scenarios: [] };
      known.scenarios.push(scenario.name);
      found.set(key, known);
    }
  }
  return [...found.values()].map((one) => ({
    ...one,
    scenarios: one.scenarios.length === results.length ? [] : one.scenarios,
  }));
}

/** What is wrong with it, and in which scenarios, in one sentence. */
export function sentenceOf({ alarm, why, scenarios }: Excluded): string {
  const where = scenarios.length === 0 ? "" : ` (in ${scenarios.join(", ")})`;
  return `${alarm}: ${why}${where}`;
}
