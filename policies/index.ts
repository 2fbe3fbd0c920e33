import { PolicyPack, type ReportViolation, type StackValidationPolicy } from "@pulumi/policy";
import { POLICIES, type PolicyDescription, settingsPolicy } from "./config/policies";
import settingsJsonSchema from "./config/settings.schema.json";
import { findingsFor, isAnswered } from "./pack/assessment";
import type { ReportedViolation } from "./reports/report";
import { pageOf } from "./rules/catalogue";

/**
 * The engine refuses what does not fit this schema, in its own words and before any rule runs. An exception that is not
 * whole is a finding of the stack's, not a broken configuration: those are left to the pack.
 */
const CONFIG_PROPERTIES: object = { ...settingsJsonSchema.properties, exceptions: { type: "array" } };

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
  const validate: StackValidationPolicy["validateStack"] = async (args, reportViolation) => {
    for (const finding of await findingsFor(policy, args)) report(finding, policy, reportViolation);
  };
  return {
    name: policy.id,
    displayName: policy.title,
    description: policy.description,
    enforcementLevel: policy.level,
    severity: policy.severity,
    remediationSteps: policy.remediationSteps,
    url: pageOf(policy.id),
    tags: ["database", "connections"],
    ...(isSettings ? { configSchema: { properties: CONFIG_PROPERTIES } } : {}),
    // Asked by the SDK when this policy's turn comes; without a function it has passed.
    get validateStack() {
      return isAnswered(policy) ? undefined : validate;
    },
  } as StackValidationPolicy;
}

/**
 * Hands a finding to the engine. The SDK's documented form reports it as the policy's own, at the policy's level. One that
 * counts for less (`undecided: warn`, an exception) or is another policy's goes as an object (`PolicyInfo`, server.js).
 */
function report(
  finding: ReportedViolation,
  policy: PolicyDescription,
  reportViolation: ReportViolation,
): void {
  const { rule, level, message, resource } = finding;
  if (rule === policy.id && level === "mandatory") {
    reportViolation(message, resource);
    return;
  }
  const { description, severity } = POLICIES.find(({ id }) => id === rule) ?? policy;
  const asObject = reportViolation as unknown as (info: object) => void;
  asObject({
    name: rule,
    message: `${description}\n${message}`,
    urn: resource,
    description,
    enforcementLevel: level,
    severity,
  });
}
