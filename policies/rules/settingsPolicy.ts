import { runbook } from "./rule";

/** The first policy: it bounds nothing and carries the settings all rules share. */
export const settingsPolicy = {
  id: "poolproof-settings",
  title: "Settings of poolproof",
  severity: "low",
  level: "mandatory",
  description:
    "Carries the settings that all rules of poolproof share; refuses settings that are not valid and exceptions that do not hold.",
  remediationSteps: "Correct the setting or the exception named in the message in the policy configuration.",
  docs: runbook("poolproof-settings"),
} as const;
