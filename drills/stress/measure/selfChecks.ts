/** One thing that has to be true for a run to mean anything. */
export interface SelfCheck {
  readonly name: string;
  readonly passed: boolean;
  /** What was seen, and the limit, in words. */
  readonly detail: string;
}

export interface GeneratorFacts {
  readonly scheduled: number;
  readonly sent: number;
  readonly answered: number;
  /** 99th percentile. */
  readonly lagMs: number;
  readonly eventLoopDelayMs: number;
}

/** A request sent later than this after its time is not the load that was meant: half of the usual wait target. */
const MOST_LAG_MS = 25;
const MOST_DELAY_MS = 25;

/** Whether the load was what it was meant to be: a run that fails one of these is void, whatever it measured. */
export function selfChecks(facts: GeneratorFacts): readonly SelfCheck[] {
  const { scheduled, sent, answered } = facts;
  return [
    {
      name: "every arrival was sent",
      passed: sent === scheduled && answered === sent,
      detail: `${scheduled} scheduled, ${sent} sent, ${answered} with an outcome`,
    },
    {
      name: "requests were sent in time",
      passed: facts.lagMs <= MOST_LAG_MS,
      detail: `99 of 100 at most ${facts.lagMs.toFixed(1)} ms late, limit ${MOST_LAG_MS} ms`,
    },
    {
      name: "the generator kept up",
      passed: facts.eventLoopDelayMs <= MOST_DELAY_MS,
      detail: `event loop delay ${facts.eventLoopDelayMs.toFixed(1)} ms (p99), limit ${MOST_DELAY_MS} ms`,
    },
  ];
}

export interface MachineFacts {
  /** Share of the machine's CPUs that was busy, from 0 to 1. */
  readonly busyShare: number;
  /** The mean hold that is declared. */
  readonly holdMs: number;
  /** What a connection was held longer than the lab meant it to be, on average. */
  readonly extraHoldMs: number;
}

const MOST_BUSY = 0.85;
/** Holds that are further off than this, as a share of what was meant, make another queue. */
export const MOST_HOLD_ERROR = 0.05;

/**
 * Why the machine, not the pool, may be what was measured; empty when it was not. The model is then not held against the
 * measurement.
 */
export function bottlenecks({ busyShare, holdMs, extraHoldMs }: MachineFacts): readonly string[] {
  const error = extraHoldMs / holdMs;
  return [
    ...(busyShare > MOST_BUSY
      ? [`its CPUs were ${Math.round(busyShare * 100)} % busy, limit ${MOST_BUSY * 100} %`]
      : []),
    ...(!(Math.abs(error) <= MOST_HOLD_ERROR)
      ? [
          `it held connections ${Math.abs(extraHoldMs).toFixed(1)} ms ${extraHoldMs < 0 ? "shorter" : "longer"} than the ${holdMs} ms that were meant, limit ${MOST_HOLD_ERROR * 100} %`,
        ]
      : []),
  ];
}
