import type { DrillName } from "./drillNames";

/** How a reliability drill went. */
export interface DrillReport {
  readonly name: DrillName;
  /** What was done to the service, in words. */
  readonly what: string;
  readonly passed: boolean;
  readonly reasons: readonly string[];
  readonly attempted: number;
  readonly failed: number;
  readonly outcomes: { readonly [outcome: string]: number };
  /** Seconds from the end of the disturbance to the last second in which a request failed; 0 when none did. */
  readonly recoveredAfterSeconds: number;
  readonly wrongAnswers: number;
  readonly sessions: SessionCount;
  readonly notes: readonly string[];
}

/** Sessions that were promised to clients, against the rows of the table. */
export interface SessionCount {
  /** Logins that were answered with a session. */
  readonly answered: number;
  /** Of those, sessions that are in the table. */
  readonly found: number;
  /** Rows beyond the answered ones: of logins whose answer never came. */
  readonly unanswered: number;
  /** Logins without an answer: as many rows more there may be. */
  readonly inDoubt: number;
}
