import type { Alarm } from "./alarm";

/** An alarm that the replay leaves out, since it could only guess at what CloudWatch would make of it. */
export interface Unjudged {
  readonly alarm: string;
  /** Completes the sentence "it was not judged: …". */
  readonly why: string;
  /** How to have it judged, or that there is nothing to do. */
  readonly whatToDo: string;
}

/** Alarms of a file: those that can be replayed, and those that cannot. */
export interface AlarmSet {
  readonly alarms: readonly Alarm[];
  readonly unjudged: readonly Unjudged[];
}
