import type { Scenario } from "./scenario";

/** What can be asked of any set of alarms in a scenario, whatever they are called and whatever they watch. */
export interface Bar {
  /** Whether somebody has to be woken; where not, nobody may be. */
  readonly wakes: boolean;
  /** From when on something is wrong, as the scenario writes it. */
  readonly fault: string | undefined;
  /** From the first failure until somebody is woken. */
  readonly withinMinutes: number;
}

/**
 * A scenario's expectations without the names in them. Where it brings faulty alarms of its own, `pages` tells what those
 * do; what is right there follows from whether something is wrong.
 */
export function barOf({ alarms, expect: { fault, cause, withinMinutes, pages } }: Scenario): Bar {
  const wakes = alarms === undefined ? cause !== undefined || pages.length > 0 : fault !== undefined;
  return { wakes, fault, withinMinutes };
}
