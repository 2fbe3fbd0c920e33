import type { Settings } from "../plan/settings";
import { type Level, runbook, type Undecided, type Violation } from "./rule";

/** The policy that says what undecided properties mean; it has no arithmetic of its own. */
export const undecidedPolicy = {
  id: "undecided",
  title: "Nothing undecided in silence",
  severity: "medium",
  level: "mandatory",
  description:
    "Whatever a rule could not decide before the deployment is rejected, or warned of where `undecided` says `warn`.",
  remediationSteps:
    "Make the named property known at preview: compose it from known names instead of interpolating an endpoint, secret or ARN. Or accept the gap with `undecided: warn` in the policy configuration.",
  docs: runbook("undecided"),
} as const;

/** An undecided property of one rule, as the report lists it. */
export interface UndecidedEntry extends Pick<Undecided, "resource" | "property" | "reason" | "fix"> {
  readonly rule: string;
}

/** A value that is wrong in the plan itself, with the rule that it keeps from deciding. */
export interface MalformedEntry extends UndecidedEntry {
  readonly malformed: NonNullable<Undecided["malformed"]>;
}

/**
 * One violation per malformed value, of the strictest rule that it keeps from deciding: it will not become known by
 * deploying, so what `undecided` says does not excuse it.
 */
export function malformedViolations(
  entries: readonly MalformedEntry[],
  levels: { readonly [rule: string]: Level },
): (Violation & { readonly rule: string })[] {
  return grouped(entries, ({ resource, property }) => [resource, property]).flatMap((group) => {
    const strictest = group.find(({ rule }) => levels[rule] === "mandatory") ?? group[0];
    if (!strictest) return [];
    const { rule, resource, property, malformed } = strictest;
    const rules = [...new Set(group.map((entry) => entry.rule))].join(", ");
    return [
      {
        rule,
        resource,
        text: `\`${property}\` of ${nameOf(resource)} is ${malformed.shown}, not ${malformed.expected}: AWS or the service would refuse it, and ${rules} cannot be decided.`,
        fix: `Set \`${property}\` to ${malformed.expected}`,
        observed: malformed.shown,
        allowed: null,
        unit: null,
      },
    ];
  });
}

function grouped<T>(entries: readonly T[], key: (entry: T) => readonly string[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const id = JSON.stringify(key(entry));
    const group = groups.get(id);
    if (group) group.push(entry);
    else groups.set(id, [entry]);
  }
  return [...groups.values()];
}

const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;

/**
 * One violation per hidden property, naming the rules it kept from deciding. It is mandatory when the settings
 * reject and at least one of those rules is: an advisory rule never changes the verdict.
 */
export function undecidedViolations(
  entries: readonly UndecidedEntry[],
  levels: { readonly [rule: string]: Level },
  settings: Settings,
): (Violation & { readonly level: Level })[] {
  const own = levels[undecidedPolicy.id];
  if (own === undefined) return [];
  return grouped(entries, ({ resource, property, reason }) => [resource, property, reason]).flatMap(
    (group) => {
      const [first] = group;
      if (!first) return [];
      const rejects =
        own === "mandatory" &&
        settings.undecided === "reject" &&
        group.some(({ rule }) => levels[rule] === "mandatory");
      const rules = [...new Set(group.map(({ rule }) => rule))].join(", ");
      return [
        {
          level: rejects ? ("mandatory" as const) : ("advisory" as const),
          resource: first.resource,
          text: `${rules} could not be decided for ${nameOf(first.resource)}: ${first.reason}. What cannot be seen before the deployment may be the next outage.`,
          fix:
            group.find(({ fix }) => fix !== undefined)?.fix ??
            `Make \`${first.property}\` known at preview, or set \`undecided\` to "warn" in the policy configuration`,
          observed: null,
          allowed: null,
          unit: null,
        },
      ];
    },
  );
}
