import { readStack } from "../../../policies/plan/stack";
import { stackBudget } from "../../../policies/rules/budget";
import type { Findings, Rule } from "../../../policies/rules/rule";
import { DEFAULT_SETTINGS, type Settings } from "../../../policies/rules/settings";
import { type Sample, samplePlan } from "../samplePlan";

/** What one rule finds in the sample stack with some changes, field by field, before a report puts it into words. */
export function findingsOf(
  rule: Rule,
  changes: Partial<Sample> = {},
  settings: Partial<Settings> = {},
): Findings {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const stack = { ...readStack(samplePlan(changes), all), base: undefined };
  const { violations, undecided } = rule.evaluate({
    stack,
    budget: stackBudget(stack, all),
    settings: all,
  });
  return { violations, undecided };
}
