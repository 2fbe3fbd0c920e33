import type { ReportViolation, StackValidationPolicy } from "@pulumi/policy";
import { POLICIES, type PolicyDescription } from "../config/policies";
import { pageOf } from "../reports/locations";
import type { ReportedViolation } from "../reports/report";

/** What a policy of the pack says about itself to the engine. */
export const describedToEngine = (
  policy: PolicyDescription,
): Omit<StackValidationPolicy, "validateStack"> => {
  const url = pageOf(policy.id);
  return {
    name: policy.id,
    displayName: policy.title,
    description: policy.description,
    enforcementLevel: policy.level,
    severity: policy.severity,
    remediationSteps: policy.remediationSteps,
    ...(url === undefined ? {} : { url }),
    tags: ["database", "connections"],
  };
};

/**
 * Hands a finding to the engine. The SDK's documented form reports it as the policy's own, at the policy's level. One that
 * counts for less (`undecided: warn`, an exception) or is another policy's goes as an object (`PolicyInfo`, server.js).
 */
export function report(
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
