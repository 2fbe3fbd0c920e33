import { runbook } from "../rule";

/** The first policy: it bounds nothing and carries the settings all rules share. */
export const settingsPolicy = {
  id: "poolproof-settings",
  title: "Settings of poolproof",
  severity: "low",
  level: "mandatory",
  description:
    "Carries the settings that all rules of poolproof share; refuses settings that are not valid, names that match nothing in the stack, and exceptions that are not valid.",
  remediationSteps:
    "Correct the setting, the name or the exception in the message in the policy configuration; a mistyped tag on its resource.",
  docs: runbook("poolproof-settings"),
} as const;
