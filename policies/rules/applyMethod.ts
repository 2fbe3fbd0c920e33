import { knownValue } from "../plan/reading";
import type { ParameterGroupReading } from "../plan/types";
import type { RuleContext, Violation } from "./rule";
import { Naming } from "./words";

/**
 * What is wrong with how a static parameter of a group is applied: AWS refuses to apply it at once, and
 * `immediate` is what the provider sends where the program is silent.
 */
export function applyMethodProblem(
  name: string,
  group: ParameterGroupReading,
  context: RuleContext,
): Violation | undefined {
  const { applyMethod } = group.parameter(name);
  // CloudFormation chooses what the parameter's kind allows, where nobody can say it.
  if (applyMethod.state === "known" && applyMethod.assumed !== undefined) return undefined;
  const method = applyMethod.state === "unset" ? "immediate" : knownValue(applyMethod);
  if (method === undefined || method === "pending-reboot") return undefined;
  const shown = applyMethod.state === "unset" ? "not set, which means immediate" : JSON.stringify(method);
  const naming = new Naming(context.stack, context.settings);
  return {
    resource: group.resource.urn,
    text: `\`applyMethod\` of \`${name}\` in parameter group ${group.resource.name} is ${shown}; the parameter is static: AWS refuses to apply it without a reboot, and the deployment would stop half-way with "cannot use immediate apply method for static parameter".`,
    fix: `${naming.set("applyMethod", ` of \`${name}\``, '"pending-reboot"')} and reboot the instance when the change may take effect`,
    observed: method,
    allowed: null,
    unit: null,
  };
}
