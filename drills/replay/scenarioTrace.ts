import type { Settings } from "../../infra/config/settings";
import { minuteOf } from "./clock";
import { generateTrace } from "./generate/generateTrace";
import type { ScheduledEvent } from "./generate/schedule";
import { ReplayInputError } from "./inputError";
import type { Generate } from "./scenario";
import type { Trace } from "./trace";

const MINUTES = { hour: 60, day: 24 * 60, week: 7 * 24 * 60 } as const;

/** The trace that a scenario's `generate` describes, for a stack with these settings. */
export function generated(generate: Generate, settings: Settings, origin: string): Trace {
  const startsAt = new Date(generate.startsAt);
  const events = generate.events.map((event): ScheduledEvent => {
    const fromMinute = minuteOf(event.at, startsAt) ?? -1;
    if (fromMinute < 0 || fromMinute >= generate.minutes) {
      throw new ReplayInputError(`${origin}: "${event.title}" is at ${event.at}, outside the trace`);
    }
    return {
      fromMinute,
      minutes: event.minutes ?? generate.minutes,
      rampMinutes: event.ramp,
      everyMinutes: event.every && MINUTES[event.every],
      effects: event.effects,
      silences: event.silences,
      overrides: event.overrides,
    };
  });
  return generateTrace({
    settings,
    startsAt,
    minutes: generate.minutes,
    seed: generate.seed,
    rhythm: generate.rhythm,
    bursts: generate.bursts,
    events,
  });
}
