import { stackBudget } from "../../../policies/budget/budget";
import { DEFAULT_SETTINGS, type Settings } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import type { Findings, Rule } from "../../../policies/rules/rule";
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
