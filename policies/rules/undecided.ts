import { type Level, runbook, type Violation } from "./rule";
import type { Settings } from "./settings";

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
export interface UndecidedEntry {
  readonly rule: string;
  readonly resource: string;
  readonly property: string;
  readonly reason: string;
}

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
  const groups = new Map<string, UndecidedEntry[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.resource, entry.property, entry.reason]);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const rejects =
      own === "mandatory" &&
      settings.undecided === "reject" &&
      group.some(({ rule }) => levels[rule] === "mandatory");
    const rules = [...new Set(group.map(({ rule }) => rule))].join(", ");
    const name = first.resource.split("::").pop() ?? first.resource;
    return [
      {
        level: rejects ? ("mandatory" as const) : ("advisory" as const),
        resource: first.resource,
        text: `${rules} could not be decided for ${name}: ${first.reason}. What cannot be seen before the deployment may be the next outage.`,
        fix: `Make \`${first.property}\` known at preview, or set \`undecided\` to "warn" in the policy configuration`,
        observed: null,
        allowed: null,
        unit: null,
      },
    ];
  });
}
