import type { Evidence, Finding } from "./finding";

/** Days before its end that an exception is told of: time to mend what it lifts. */
const NOTICE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Exceptions of the policy configuration that end soon, or have ended: the next deployment is rejected then. */
export function exceptionFindings({
  exceptions,
  live,
}: Pick<Evidence, "exceptions" | "live">): readonly Finding[] {
  const today = Date.parse(`${live.until.toISOString().slice(0, 10)}T00:00:00Z`);
  return exceptions.flatMap((exception): readonly Finding[] => {
    const last = Date.parse(`${exception.expires}T00:00:00Z`);
    const daysLeft = Math.round((last - today) / DAY_MS);
    if (Number.isNaN(last) || daysLeft > NOTICE_DAYS) return [];
    const who = `The exception for \`${exception.rule}\` on ${exception.resource}, which ${exception.owner} answers for,`;
    const isOver = daysLeft < 0;
    return [
      {
        id: "exception-expiring",
        resource: exception.resource,
        urgency: isOver ? "now" : "soon",
        observed: isOver
          ? `${who} ended on ${exception.expires}.`
          : `${who} ends on ${exception.expires}, ${daysLeft === 0 ? "today" : daysLeft === 1 ? "tomorrow" : `in ${daysLeft} days`}.`,
        limit: `It was agreed on for: ${exception.reason}.`,
        consequence: "From the day after, what it lifts rejects every deployment.",
        fix: "Mend the finding and remove the entry, or agree on a new last day",
        docs: "docs/guides/exceptions.md",
      },
    ];
  });
}
