import type { StackValidationPolicy } from "@pulumi/policy";
import { POLICIES, settingsPolicy } from "./config/policies";
import { InputError } from "./kit/errors";
import { closest } from "./kit/text";
import { beginPlanFile, findingsWithin } from "./pack/assessment";
import { describedToEngine, report } from "./pack/stackPolicy";
import { DEFAULT_LEVELS } from "./reports/assess";

/** Taken along with every choice of rules: what could not be examined or decided must never pass in silence. */
const ALWAYS: readonly string[] = [settingsPolicy.id, "coverage", "undecided"];

export interface Choice {
  /**
   * Ids of rules, such as `pool-floor`. `poolproof-settings`, `coverage` and `undecided` come along with any of them.
   * @default all rules
   */
  readonly only?: readonly string[];
  /** What a policy config would say under `poolproof-settings` (config/settings.schema.json). */
  readonly settings?: object;
}

/**
 * Policies of poolproof for a pack of your own, each with its default level:
 *
 *     new PolicyPack("ours", { policies: [...poolproofPolicies({ only: ["pool-floor"] }), ourOwn] });
 *
 * Each judges the stack by itself; the pack `poolproof` judges it once for all.
 *
 * Settings that are not valid are a finding of `poolproof-settings`.
 * @throws InputError for a rule that does not exist
 */
export function poolproofPolicies({ only, settings = {} }: Choice = {}): StackValidationPolicy[] {
  beginPlanFile();
  const ids = POLICIES.map(({ id }) => id);
  for (const id of only ?? []) {
    if (ids.includes(id)) continue;
    const near = closest(id, ids);
    throw new InputError(
      `poolproof has no rule ${id}${near === undefined ? "" : `: did you mean ${near}?`} Rules: ${ids.join(", ")}`,
    );
  }
  const taken = new Set([...ALWAYS, ...(only ?? ids)]);
  const levels = Object.fromEntries(Object.entries(DEFAULT_LEVELS).filter(([id]) => taken.has(id)));
  return POLICIES.filter(({ id }) => taken.has(id)).map((policy) => ({
    ...describedToEngine(policy),
    validateStack: async (args, reportViolation) => {
      for (const finding of await findingsWithin(args, settings, levels)) {
        if (finding.rule === policy.id) report(finding, policy, reportViolation);
      }
    },
  }));
}
