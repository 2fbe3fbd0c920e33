import { mulberry32 } from "../../../policies/kit/random";

/**
 * A minute in which nothing happens. What happens to a service in a minute is the state of the world that its metrics
 * follow from: every effect of a scenario's event changes one of these numbers.
 */
const CALM = {
  /** Share of the rate that the time of day has. 1 is as always. */
  loadFactor: 1,
  /** Of all clients, instead of what the time of day would have. */
  requestsPerSecond: 0,
  /** How far that rate has been reached, from 0 to 1. */
  rateReached: 0,
  /** Running tasks beyond or below what autoscaling would have. */
  extraTasks: 0,
  /** Share of tasks that run with `newPoolMax` already, 0 to 1. */
  rolledOut: 0,
  /** The pool's maximum after a change of configuration; 0: none is under way. */
  newPoolMax: 0,
  /** How much longer a connection is held than declared. */
  holdFactor: 1,
  /** Milliseconds of each hold in which the database works more than it always does. */
  extraDatabaseWorkMs: 0,
  /** Milliseconds of each hold in which a session waits in the database, for its storage or a lock. */
  databaseWaitMs: 0,
  /** Lock waits that the database logs a second. */
  lockWaitsPerSecond: 0,
  /** Tasks that have lost connections to a leak, and how many each of their processes has lost. */
  leakingTasks: 0,
  leakedConnections: 0,
  /** Transactions a second, of all tasks, that are begun and then forgotten. */
  forgottenTransactionsPerSecond: 0,
  /** Connections that others than the service hold. */
  otherConnections: 0,
  /** Sessions of others at work in the database. */
  otherSessionsAtWork: 0,
  /** Connections that break and are opened again each second, of all tasks. */
  brokenConnectionsPerSecond: 0,
  /** Share of acquisitions that wait for a new connection until they give up. */
  waitingForConnect: 0,
  /** Share of requests that fail for reasons of the service's own. */
  failingShare: 0,
  /** How much longer a request's other work takes. */
  otherWorkFactor: 1,
  /** 1 while a deployment is under way: both revisions run. */
  deploying: 0,
  /** Tasks that fail their health check. */
  unhealthyTasks: 0,
  /** Sessions ended for idling in a transaction that are no leak of the service: a person with a console. */
  straySessionsEnded: 0,
};

export type World = Readonly<typeof CALM>;
type Effect = keyof World;
export const EFFECTS = (Object.keys(CALM) as readonly Effect[]).filter((effect) => effect !== "rateReached");

/** Which effects multiply when two events meet, and of which the larger is taken; all others add. */
const MULTIPLIED: ReadonlySet<Effect> = new Set(["loadFactor", "holdFactor", "otherWorkFactor"]);
const LARGEST: ReadonlySet<Effect> = new Set(["newPoolMax", "rolledOut", "deploying"]);

/** Effects by name; what is not named stays as it is in a calm minute. */
type Effects = { readonly [effect in Effect]?: number | undefined };

/** The world with one more event in it, at a strength from 0 (not yet) to 1 (in full). */
function withEffects(world: World, effects: Effects, strength: number): World {
  const changed: { [effect in Effect]?: number } = {};
  for (const effect of EFFECTS) {
    const value = effects[effect];
    if (value === undefined) continue;
    const before = world[effect];
    if (effect === "requestsPerSecond") {
      changed.requestsPerSecond = value;
      changed.rateReached = Math.max(world.rateReached, strength);
    } else if (MULTIPLIED.has(effect)) changed[effect] = before * (1 + (value - 1) * strength);
    else if (LARGEST.has(effect)) changed[effect] = Math.max(before, value * strength);
    else changed[effect] = before + value * strength;
  }
  return { ...world, ...changed };
}

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

/** One minute of a schedule. */
export interface Minute {
  readonly world: World;
  readonly silences: readonly string[];
  readonly overrides: { readonly [metric: string]: number };
}

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

const MINUTES_PER_DAY = 24 * 60;

/** Short rises of the load, at random times. */
interface Bursts {
  readonly perDay: number;
  readonly minutes: number;
  readonly factor: number;
}

/** Bursts as events, at seeded times. */
export function burstEvents(bursts: Bursts, length: number, random: Random): readonly ScheduledEvent[] {
  const count = Math.round((bursts.perDay * length) / MINUTES_PER_DAY);
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
interface Rhythm {
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

/** Random numbers that are the same on every machine for the same seed: a scenario is a fact, not a throw of dice. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  /** Mean 0, standard deviation 1. */
  readonly normal: () => number;
  /** A count with the given mean. */
  readonly poisson: (mean: number) => number;
  /** A factor around 1 whose logarithm has the given standard deviation. */
  readonly factor: (spread: number) => number;
}

export function random(seed: string): Random {
  const uniform = mulberry32(hash(seed));
  // Box and Muller (1958).
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const poisson = (mean: number) => {
    // Beyond a few dozen the normal approximation is closer than anyone can see.
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-Math.max(0, mean));
    let count = 0;
    for (let product = uniform(); product > limit; product *= uniform()) count++;
    return count;
  };
  return { uniform, normal, poisson, factor: (spread) => Math.exp(spread * normal()) };
}

/** FNV-1a. */
function hash(text: string): number {
  let result = 0x811c9dc5;
  for (const letter of text) result = Math.imul(result ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return result;
}
