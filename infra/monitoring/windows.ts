/**
 * How long something has to last. All alarms are evaluated once a minute; what differs is how many of the last minutes
 * have to breach, M of N.
 *
 * A root cause is named on the evidence of some signals unless others exclude it: a pool in use *and not* long holds. Were
 * both equally quick, the first minutes of a slow query would look like a starved pool, and so would the last. So what
 * excludes a cause sets in sooner than the evidence (M) and ends later: with every minute breaching until a certain one, an
 * alarm ends N − M + 1 minutes after it. A test holds each composite to this.
 */
export interface Window {
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

/** Sets in at the third bad minute, ends at the third good one. One bad minute pages no one. */
export const EVIDENCE_WINDOW: Window = { periodSeconds: 60, evaluationPeriods: 5, datapointsToAlarm: 3 };

/** Sets in at the second bad minute, ends at the fourth good one. */
export const EXCLUSION_WINDOW: Window = { periodSeconds: 60, evaluationPeriods: 5, datapointsToAlarm: 2 };

/**
 * Sets in at the first bad minute, ends at the fifth good one. For what excludes a cause whose own evidence excludes
 * others, and for what RDS reports: that comes up to a minute later than what the service says of itself.
 */
export const IMMEDIATE_EXCLUSION_WINDOW: Window = {
  periodSeconds: 60,
  evaluationPeriods: 5,
  datapointsToAlarm: 1,
};

/** Half an hour with hardly a good minute in it. */
export const PERSISTENCE_WINDOW: Window = { periodSeconds: 60, evaluationPeriods: 30, datapointsToAlarm: 25 };

/** N of N, as AWS's recommendations have it. */
export function allOf(minutes: number): Window {
  return { periodSeconds: 60, evaluationPeriods: minutes, datapointsToAlarm: minutes };
}

/** Bad minutes after which an alarm sets in, and good ones after which it ends. */
export function reaction({ evaluationPeriods: n, datapointsToAlarm: m }: Omit<Window, "periodSeconds">): {
  readonly setsInAfter: number;
  readonly endsAfter: number;
} {
  return { setsInAfter: m, endsAfter: n - m + 1 };
}
