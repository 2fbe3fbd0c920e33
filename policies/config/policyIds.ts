import { RULES } from "../rules/index";
import { type Rule, runbook } from "../rules/rule";
import { undecidedPolicy } from "../rules/undecided";

/** The first policy: it bounds nothing and carries the settings all rules share. */
export const settingsPolicy = {
  id: "poolproof-settings",
  title: "Settings of poolproof",
  severity: "low",
  level: "mandatory",
  description: "Carries the settings that all rules of poolproof share; refuses settings that are not valid.",
  remediationSteps: "Correct the setting named in the message in the policy configuration.",
  docs: runbook("poolproof-settings"),
} as const;

/** What every policy of the pack says about itself, in the pack's order. */
export type PolicyDescription = Omit<Rule, "evaluate">;

export const POLICIES: readonly PolicyDescription[] = [settingsPolicy, ...RULES, undecidedPolicy];
