import type { CapacitySettings } from "../../../policies/model/defaults";
import type { ExceptionRequest } from "../../../policies/plan/settings";
import type { Expected } from "../expected/expected";
import type { LiveState } from "../live/liveState";
import { alarmFindings } from "./alarmFindings";
import { demandFindings } from "./demandFindings";
import { driftFindings } from "./driftFindings";
import { exceptionFindings } from "./exceptionFindings";
import type { Evidence, Finding } from "./finding";
import { type Confirmed, limitOf } from "./limit";
import { limitFindings } from "./limitFindings";
import { measure } from "./measured";
import { peakFindings } from "./peakFindings";
import { windowsOf } from "./windows";

/** What a review is told beside the plan and AWS. */
export interface Told {
  readonly capacity: CapacitySettings;
  readonly exceptions: readonly ExceptionRequest[];
  readonly confirmed: Confirmed;
}

export interface Judgement {
  readonly evidence: Evidence;
  /** Those that cannot wait first. */
  readonly findings: readonly Finding[];
}

/** Judges what runs: pure, from what was planned and what was seen. */
export function judge(expected: Expected, live: LiveState, told: Told): Judgement {
  const { capacity, exceptions, confirmed } = told;
  const measured = measure(live, capacity.waitTargetMs);
  const limit = limitOf(expected, live, confirmed);
  const windows = windowsOf(expected, live, measured, limit, capacity);
  const evidence: Evidence = { expected, live, capacity, exceptions, measured, limit, windows };
  const findings = [
    ...limitFindings(evidence),
    ...demandFindings(evidence),
    ...peakFindings(evidence),
    ...driftFindings(evidence),
    ...alarmFindings(evidence),
    ...exceptionFindings(evidence),
  ];
  const order = { now: 0, soon: 1 };
  return { evidence, findings: findings.sort((a, b) => order[a.urgency] - order[b.urgency]) };
}
