/**
 * What happens to a service in one minute: the state of the world that its metrics follow from. Every effect of a
 * scenario's event is one of these, as a number.
 */
export interface World {
  /** Share of the rate that the time of day has. 1 is as always. */
  readonly loadFactor: number;
  /** Of all clients, instead of what the time of day would have. */
  readonly requestsPerSecond: number;
  /** How far that rate has been reached, from 0 to 1. */
  readonly rateReached: number;
  /** Running tasks beyond or below what autoscaling would have. */
  readonly extraTasks: number;
  /** Share of tasks that run with `newPoolMax` already, 0 to 1. */
  readonly rolledOut: number;
  /** The pool's maximum after a change of configuration; 0: none is under way. */
  readonly newPoolMax: number;
  /** How much longer a connection is held than declared. */
  readonly holdFactor: number;
  /** Milliseconds of each hold in which the database works besides what it always does. */
  readonly extraDatabaseWorkMs: number;
  /** Transactions a second, of all tasks, that are begun and then forgotten. */
  readonly forgottenTransactionsPerSecond: number;
  /** Connections that others than the service hold. */
  readonly otherConnections: number;
  /** Sessions of others at work in the database. */
  readonly otherSessionsAtWork: number;
  /** Connections that break and are opened again each second, of all tasks. */
  readonly brokenConnectionsPerSecond: number;
  /** Share of acquisitions that wait for a new connection until they give up. */
  readonly waitingForConnect: number;
  /** Share of requests that fail for reasons of the service's own. */
  readonly failingShare: number;
  /** How much longer a request's other work takes. */
  readonly otherWorkFactor: number;
  /** 1 while a deployment is under way: both revisions run. */
  readonly deploying: number;
  /** Tasks that fail their health check. */
  readonly unhealthyTasks: number;
  /** Lines of a session ended for idling in a transaction that are nobody's leak: a person with a console. */
  readonly straySessionsEnded: number;
}

/** A minute in which nothing happens. */
export const CALM: World = {
  loadFactor: 1,
  requestsPerSecond: 0,
  rateReached: 0,
  extraTasks: 0,
  rolledOut: 0,
  newPoolMax: 0,
  holdFactor: 1,
  extraDatabaseWorkMs: 0,
  forgottenTransactionsPerSecond: 0,
  otherConnections: 0,
  otherSessionsAtWork: 0,
  brokenConnectionsPerSecond: 0,
  waitingForConnect: 0,
  failingShare: 0,
  otherWorkFactor: 1,
  deploying: 0,
  unhealthyTasks: 0,
  straySessionsEnded: 0,
};

export type Effect = keyof World;
export const EFFECTS = (Object.keys(CALM) as readonly Effect[]).filter((effect) => effect !== "rateReached");

/** Which effects multiply when two events meet, and of which the larger is taken; all others add. */
const MULTIPLIED: ReadonlySet<Effect> = new Set(["loadFactor", "holdFactor", "otherWorkFactor"]);
const LARGEST: ReadonlySet<Effect> = new Set(["newPoolMax", "rolledOut", "deploying"]);

/** Effects by name; what is not named stays as it is in a calm minute. */
export type Effects = { readonly [effect in Effect]?: number };

/** The world with one more event in it, at a strength from 0 (not yet) to 1 (in full). */
export function withEffects(world: World, effects: Effects, strength: number): World {
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
