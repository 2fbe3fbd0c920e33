import { printable } from "../kit/text";
import { type ExceptionRequest, type Settings, wildcard } from "../plan/settings";
import type { Violation } from "../rules/rule";
import { undecidedPolicy } from "../rules/undecided";
import { nameOf } from "./headline";
import type { ReportedException, ReportedViolation } from "./report";

/** The longest an exception may be agreed on ahead: after half a year, someone looks again. */
const LONGEST_DAYS = 180;
const DAY_MS = 86_400_000;

interface Entry {
  readonly request: ExceptionRequest;
  readonly fits: (urn: string) => boolean;
  /** What the request says about itself, before any finding is looked at. */
  readonly status: "active" | "expired" | "malformed" | "forbidden";
  readonly problem: string | undefined;
  readonly findings: ReportedViolation[];
  /** Findings it fits, those that it may not lift included. */
  fitted: number;
  denied: number;
}

/**
 * The exceptions of the policy configuration. An active one takes findings out of the verdict and keeps them in the
 * report, with who answers for them; one that has ended, is not whole, is not allowed or fits nothing is a violation.
 */
export class Exceptions {
  private readonly entries: readonly Entry[];
  private readonly never: ReadonlySet<string>;

  /** @param now - The day counts in UTC, and an exception holds through its last day. */
  constructor({ exceptions, neverExcepted }: Pick<Settings, "exceptions" | "neverExcepted">, now: Date) {
    this.never = new Set(neverExcepted);
    this.entries = exceptions.map((request) => {
      const pattern = wildcard(request.resource);
      return {
        request,
        fits: (urn) => pattern.test(urn) || pattern.test(nameOf(urn)),
        ...standing(request, this.never, now),
        findings: [],
        fitted: 0,
        denied: 0,
      };
    });
  }

  /**
   * Whether a finding of a rule is excepted; it is then kept with its exception. What a rule cannot decide may be
   * excepted by the rule's own id or, for all rules at once, by `undecided`: but never for a rule that is never excepted.
   */
  lift(finding: ReportedViolation, kind: "violation" | "undecided" = "violation"): boolean {
    const { rule, resource } = finding;
    const fitting = this.entries.filter(
      ({ request, status, fits }) =>
        status === "active" &&
        (request.rule === rule || (kind === "undecided" && request.rule === undecidedPolicy.id)) &&
        fits(resource),
    );
    const isDenied = this.never.has(rule);
    for (const entry of fitting) {
      entry.fitted++;
      if (isDenied) entry.denied++;
    }
    const [first] = fitting;
    if (first === undefined || isDenied) return false;
    first.findings.push(finding);
    return true;
  }

  /** Every exception with what became of it; to be asked once all findings were. */
  report(): ReportedException[] {
    return this.entries.map((entry) => {
      const { rule, resource, reason, owner, expires } = entry.request;
      return { rule, resource, reason, owner, expires, status: statusOf(entry), findings: entry.findings };
    });
  }

  /** One violation for each exception that does not hold; to be asked once all findings were. */
  violations(root: string): Violation[] {
    return this.entries.flatMap((entry, index) => {
      const status = statusOf(entry);
      return status === "active" ? [] : [violationOf(entry, status, index, root)];
    });
  }
}

/** Who excepts a finding and until when, for reports that people read. */
export const terms = ({ id, owner, expires }: ReportedException): string =>
  id === undefined
    ? `excepted until ${expires} by ${owner}`
    : `excepted permanently by Pulumi's exception ${id}, owner ${owner}`;

function standing(
  request: ExceptionRequest,
  never: ReadonlySet<string>,
  now: Date,
): Pick<Entry, "status" | "problem"> {
  const { rule, expires, malformed } = request;
  if (malformed !== undefined) return { status: "malformed", problem: malformed };
  const last = Date.parse(`${expires}T00:00:00Z`);
  if (Number.isNaN(last) || dayOf(last) !== expires) {
    return { status: "malformed", problem: `expires: ${expires} is not a calendar date` };
  }
  if (never.has(rule)) return { status: "forbidden", problem: undefined };
  const daysLeft = (last - Date.parse(`${dayOf(now.getTime())}T00:00:00Z`)) / DAY_MS;
  if (daysLeft < 0)
    return { status: "expired", problem: `${-daysLeft} ${daysLeft === -1 ? "day" : "days"} ago` };
  if (daysLeft > LONGEST_DAYS) {
    const latest = dayOf(now.getTime() + LONGEST_DAYS * DAY_MS);
    return {
      status: "malformed",
      problem: `expires: ${expires} is ${daysLeft} days ahead, and ${LONGEST_DAYS} is the most (${latest})`,
    };
  }
  return { status: "active", problem: undefined };
}

/** The day in UTC, as `YYYY-MM-DD`. */
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function statusOf(entry: Entry): ReportedException["status"] {
  if (entry.status !== "active") return entry.status;
  if (entry.findings.length > 0 || entry.fitted > entry.denied) return "active";
  return entry.denied > 0 ? "forbidden" : "unused";
}

function violationOf(
  { request, problem }: Entry,
  status: Exclude<ReportedException["status"], "active">,
  index: number,
  root: string,
): Violation {
  const what = `The exception for \`${printable(request.rule)}\` on \`${printable(request.resource)}\``;
  const said = {
    malformed: {
      text: `Entry ${index + 1} of \`exceptions\` lifts nothing: ${printable(problem ?? "")}.`,
      fix: "Give it `rule`, `resource`, `reason`, `owner` and `expires`, at most 180 days ahead, or remove it",
    },
    expired: {
      text: `${what}, which ${printable(request.owner)} answers for, ended on ${request.expires}, ${problem}: what it lifted counts again.`,
      fix: "Fix the finding and remove the entry from `exceptions`, or agree on a new last day",
    },
    forbidden: {
      text: `${what} lifts nothing: \`neverExcepted\` names a rule that it would lift, because what that rule finds is an outage.`,
      fix: "Fix the finding and remove the entry from `exceptions`",
    },
    unused: {
      text: `${what} fits no finding of this stack: kept, it would hide the next one before anyone saw it.`,
      fix: "Remove it from `exceptions`, or correct its rule and resource",
    },
  }[status];
  return { resource: root, ...said, observed: null, allowed: null, unit: null };
}
