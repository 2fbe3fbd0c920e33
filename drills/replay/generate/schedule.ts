import type { Random } from "./random";
import { CALM, type Effects, type World, withEffects } from "./world";

/** Something that happens for a while. Times are minutes from the start of the trace. */
export interface ScheduledEvent {
  readonly fromMinute: number;
  readonly minutes: number;
  /** Minutes until it is in full, linearly. @default 0 */
  readonly rampMinutes?: number | undefined;
  /** It comes again after so many minutes, to the end. */
  readonly everyMinutes?: number | undefined;
  readonly effects: Effects;
  /** Metrics, by namespace or `namespace metric`, that are not reported meanwhile. */
  readonly silences?: readonly string[] | undefined;
  /** Metrics that have this value meanwhile whatever the model says, by `namespace metric`. */
  readonly overrides?: { readonly [metric: string]: number } | undefined;
}

/** Short-lived ups of the load, at times that nobody chose. */
export interface Bursts {
  readonly perDay: number;
  readonly minutes: number;
  readonly factor: number;
}

/** One minute of a schedule. */
export interface Minute {
  readonly world: World;
  readonly silences: readonly string[];
  readonly overrides: { readonly [metric: string]: number };
}

const MINUTES_A_DAY = 24 * 60;

/** All minutes of a trace, with what happens in each. */
export function minutesOf(length: number, events: readonly ScheduledEvent[]): readonly Minute[] {
  return Array.from({ length }, (_, minute) => {
    let world = CALM;
    const silences: string[] = [];
    const overrides: { [metric: string]: number } = {};
    for (const event of events) {
      const since = minutesSince(event, minute);
      if (since === undefined) continue;
      const ramp = event.rampMinutes ?? 0;
      // Half a minute in: what begins with a minute has reached the middle of its first step by then.
      const strength = ramp === 0 ? 1 : Math.min(1, (since + 0.5) / ramp);
      world = withEffects(world, event.effects, strength);
      silences.push(...(event.silences ?? []));
      Object.assign(overrides, event.overrides);
    }
    return { world, silences, overrides };
  });
}

function minutesSince(event: ScheduledEvent, minute: number): number | undefined {
  const since = minute - event.fromMinute;
  if (since < 0) return undefined;
  const within = event.everyMinutes === undefined ? since : since % event.everyMinutes;
  return within < event.minutes ? within : undefined;
}

/** Bursts as events, at seeded times. */
export function burstEvents(bursts: Bursts, length: number, random: Random): readonly ScheduledEvent[] {
  const count = Math.round((bursts.perDay * length) / MINUTES_A_DAY);
  return Array.from({ length: count }, () => ({
    fromMinute: Math.floor(random.uniform() * length),
    minutes: bursts.minutes,
    effects: { loadFactor: bursts.factor },
  }));
}

/**
 * Share of the declared peak at a time of day: a night's low and a day's high as a sine, the high at `peakHour`, less on
 * Saturdays and Sundays.
 */
export interface Rhythm {
  /** At the low. */
  readonly low: number;
  /** At the high. */
  readonly high: number;
  readonly peakHour: number;
  /** Of Saturdays and Sundays, against other days. */
  readonly weekend: number;
}

export function shareAt({ low, high, peakHour, weekend }: Rhythm, time: Date): number {
  const hour = time.getUTCHours() + time.getUTCMinutes() / 60;
  const wave = (1 + Math.cos((2 * Math.PI * (hour - peakHour)) / 24)) / 2;
  const day = time.getUTCDay();
  return (low + (high - low) * wave) * (day === 0 || day === 6 ? weekend : 1);
}
