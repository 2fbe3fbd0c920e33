import type { Alarm } from "../alarm";
import type { ScenarioResult } from "../runScenario";

/** A line of what happened. */
export interface Entry {
  readonly atSeconds: number;
  readonly kind: "event" | "failure" | "ALARM" | "OK" | "PAGE" | "TICKET" | "over";
  readonly text: string;
  /** The alarm that it is about. */
  readonly alarm?: string | undefined;
  /** What follows, for whoever is woken. */
  readonly more: readonly string[];
}

/**
 * What happened, in order: the scenario's events, the first failed request, alarms that go off and who is told of it.
 * That an alarm was OK at its first look is no news.
 */
export function timelineOf({ scenario, replay, judgement }: ScenarioResult): readonly Entry[] {
  const byId = new Map(scenario.alarms.map((alarm) => [alarm.id, alarm]));
  const entries: Entry[] = scenario.events.map(({ atSeconds, title }) => ({
    atSeconds,
    kind: "event",
    text: title,
    more: [],
  }));
  if (judgement.failed && judgement.firstFailureSeconds !== undefined) {
    entries.push({
      atSeconds: judgement.firstFailureSeconds,
      kind: "failure",
      text: "first failed request",
      more: [],
    });
  }
  for (const { atSeconds, alarm, from, to } of replay.transitions) {
    if (to === "INSUFFICIENT_DATA" || (from === "INSUFFICIENT_DATA" && to === "OK")) continue;
    entries.push({ atSeconds, kind: to, text: alarm, more: [] });
  }
  for (const { atSeconds, alarm, state } of replay.actions) {
    entries.push(told(atSeconds, byId.get(alarm), state === "ALARM"));
  }
  return entries.toSorted((one, other) => one.atSeconds - other.atSeconds || order(one) - order(other));
}

function told(atSeconds: number, alarm: Alarm | undefined, goesOff: boolean): Entry {
  const id = alarm?.id ?? "";
  if (!goesOff) return { atSeconds, kind: "over", text: id, more: [] };
  return {
    atSeconds,
    kind: alarm?.severity === "page" ? "PAGE" : "TICKET",
    alarm: id,
    text: alarm?.intent ? `${id}: ${alarm.intent}` : id,
    more: alarm?.severity === "page" ? (alarm.whatToDo ?? []) : [],
  };
}

/** Within a moment: what happens to the service, what alarms make of it, who is told. */
function order({ kind }: Entry): number {
  return ["event", "failure", "OK", "ALARM", "TICKET", "PAGE", "over"].indexOf(kind);
}
