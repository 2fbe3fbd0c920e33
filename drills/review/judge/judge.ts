import type { CapacitySettings } from "../../../policies/model/defaults";
import type { ExceptionRequest } from "../../../policies/plan/settings";
import type { Expected } from "../expected";
import type { LiveState } from "../live/liveState";
import { alarmFindings } from "./alarmFindings";
import { demandFindings } from "./demandFindings";
import { driftFindings } from "./driftFindings";
import type { Evidence, Finding } from "./finding";
import { limitFindings } from "./limitFindings";
import { measure } from "./measured";
import { peakFindings } from "./peakFindings";
import { type Confirmed, limitOf, windowsOf } from "./windows";

/** What a review knows from neither the plan nor AWS. */
export interface Context {
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
export function judge(expected: Expected, live: LiveState, context: Context): Judgement {
  const { capacity, exceptions, confirmed } = context;
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

/** Days before its end that an exception is told of: time to fix what it lifts. */
const NOTICE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Exceptions of the policy configuration that end soon, or have ended: the next deployment is rejected then. */
function exceptionFindings({ exceptions, live }: Evidence): readonly Finding[] {
  const today = Date.parse(`${live.until.toISOString().slice(0, 10)}T00:00:00Z`);
  return exceptions.flatMap(({ rule, resource, owner, reason, expires }): readonly Finding[] => {
    const last = Date.parse(`${expires}T00:00:00Z`);
    const daysLeft = Math.round((last - today) / DAY_MS);
    if (Number.isNaN(last) || daysLeft > NOTICE_DAYS) return [];
    const what = `The exception for \`${rule}\` on ${resource}, which ${owner} answers for,`;
    const when = daysLeft === 0 ? "today" : daysLeft === 1 ? "tomorrow" : `in ${daysLeft} days`;
    return [
      {
        id: "exception-expiring",
        resource,
        urgency: daysLeft < 0 ? "now" : "soon",
        observed: daysLeft < 0 ? `${what} ended on ${expires}.` : `${what} ends on ${expires}, ${when}.`,
        limit: `It was agreed on for: ${reason}.`,
        consequence: "From the day after, what it lifts rejects every deployment.",
        fix: "Fix the finding and remove the entry, or agree on a new last day",
        docs: "docs/guides/exceptions.md",
      },
    ];
  });
}
