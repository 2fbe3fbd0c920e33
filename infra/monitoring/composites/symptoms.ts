import type { CompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import { type CompositeAlarmSpec, runbookOf, type Severity, type Suppression } from "../alarmSpec";

/** How long a symptom waits for a cause to be named, and for itself to end after the cause has. */
const PATIENCE_SECONDS = 120;

/** What users feel; notified where no cause is. */
const SYMPTOMS: readonly {
  readonly id: string;
  readonly intent: string;
  readonly signals: readonly string[];
  readonly severity: Severity;
}[] = [
  {
    id: "login-failures",
    intent: "Users cannot log in: too many requests fail, and no cause was named, or it is not fixed.",
    signals: ["login-failure-rate"],
    severity: "page",
  },
  {
    id: "login-latency",
    intent: "Logins are slow, and no cause was named, or it is not fixed.",
    signals: ["login-latency-p99"],
    severity: "ticket",
  },
  {
    id: "unhealthy-targets",
    intent: "Tasks are down and not replaced, and no cause was named, or it is not fixed.",
    signals: ["unhealthy-target-count", "running-tasks"],
    severity: "page",
  },
];

const SUPPRESSOR = "cause-named";

/**
 * Symptoms, and what keeps them quiet while a cause that itself pages is in ALARM: the person on call knows
 * more from the cause. A symptom waits two minutes for a cause and no longer; and after half an hour of symptoms
 * nothing keeps them quiet any more, since the cause that was named was not the one, or is not fixed.
 */
export function symptomAlarms(causes: readonly CompositeAlarmSpec[]): readonly CompositeAlarmSpec[] {
  const paging = causes.filter(({ severity }) => severity === "page").map(({ id }) => ({ alarm: id }));
  return [
    {
      kind: "composite",
      id: SUPPRESSOR,
      intent: "A root cause has been named and paged, less than half an hour of symptoms ago.",
      rule: { all: [{ any: paging }, { not: { alarm: "symptom-persists" } }] },
      severity: "signal",
      role: "signal",
      runbook: runbookOf(SUPPRESSOR),
    },
    ...SYMPTOMS.map(
      ({ id, intent, signals, severity }): CompositeAlarmSpec => ({
        kind: "composite",
        id,
        intent,
        rule: anyOf(signals),
        severity,
        role: "symptom",
        runbook: runbookOf(id),
        suppression: SUPPRESSION,
        advice: {
          present: "The first row of the dashboard NAME shows whether the pool is the cause.",
          fix: "Check it first, then the last deployment.",
        },
      }),
    ),
  ];
}

const SUPPRESSION: Suppression = {
  by: SUPPRESSOR,
  waitSeconds: PATIENCE_SECONDS,
  extensionSeconds: PATIENCE_SECONDS,
  reason: "a named cause pages itself and is more specific than the symptom",
};

function anyOf(ids: readonly string[]): CompositeRule {
  return { any: ids.map((alarm) => ({ alarm })) };
}
