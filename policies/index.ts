import { PolicyPack, type ReportViolation, type StackValidationPolicy } from "@pulumi/policy";
import { POLICIES, type PolicyDescription, settingsPolicy } from "./config/policyIds";
import settingsJsonSchema from "./config/settings.schema.json";
import { reportFor } from "./pack/assessment";
import type { ReportedViolation } from "./reports/report";

/** Where a rule's page is found by someone who has only the installed package. */
const DOCS_BASE = "https://www.npmjs.com/package/poolproof";

new PolicyPack("poolproof", {
  displayName: "poolproof",
  description:
    "Rejects database connection pools that are too small for their demand or too large for their database.",
  provider: "aws",
  tags: ["aws", "rds", "ecs", "reliability"],
  policies: POLICIES.map(toPolicy),
});

function toPolicy(policy: PolicyDescription): StackValidationPolicy {
  const isSettings = policy.id === settingsPolicy.id;
  return {
    name: policy.id,
    displayName: policy.title,
    description: policy.description,
    enforcementLevel: policy.level,
    severity: policy.severity,
    remediationSteps: policy.remediationSteps,
    url: `${DOCS_BASE}#${policy.id}`,
    tags: ["database", "connections"],
    ...(isSettings ? { configSchema: { properties: settingsJsonSchema.properties as object } } : {}),
    async validateStack(args, reportViolation) {
      const { violations } = await reportFor(policy.id, args);
      for (const violation of violations) {
        if (violation.rule === policy.id) report(violation, policy, reportViolation);
      }
    },
  } as StackValidationPolicy;
}

/**
 * Hands a violation to the engine. A policy configuration sets one level per policy; where a single finding counts for
 * less (`undecided: warn`), the SDK takes it as an object with a level of its own (`PolicyInfo`, server.js).
 */
function report(
  violation: ReportedViolation,
  policy: PolicyDescription,
  reportViolation: ReportViolation,
): void {
  if (violation.level === policy.level || violation.level === "mandatory") {
    reportViolation(violation.message, violation.resource);
    return;
  }
  const withLevel = reportViolation as unknown as (finding: {
    readonly message: string;
    readonly urn: string;
    readonly enforcementLevel: "advisory";
  }) => void;
  withLevel({ message: violation.message, urn: violation.resource, enforcementLevel: "advisory" });
}
