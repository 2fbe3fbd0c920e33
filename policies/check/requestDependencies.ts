import type * as resourceProto from "@pulumi/pulumi/proto/resource_pb";
import type { PlanResource } from "../plan/plan";

export const STACK_REFERENCE = "pulumi:pulumi:StackReference";

/** For each property, the URNs its value was made from; see `PlanResource`. */
export function propertyDependencies(
  request: resourceProto.RegisterResourceRequest,
): PlanResource["propertyDependencies"] {
  const dependencies: { [property: string]: readonly string[] } = Object.create(null);
  request.getPropertydependenciesMap().forEach((made, property) => {
    if (made.getUrnsList().length > 0) dependencies[property] = made.getUrnsList();
  });
  return dependencies;
}

/** The properties that are made from a stack reference's outputs, with what hides them here. */
export function fromAnotherStack(made: PlanResource["propertyDependencies"]): {
  readonly [property: string]: string;
} {
  const reasons: { [property: string]: string } = Object.create(null);
  for (const [property, urns] of Object.entries(made)) {
    const reference = urns.find((urn) => urn.split("::")[2] === STACK_REFERENCE);
    if (reference === undefined) continue;
    const name = reference.split("::").slice(3).join("::");
    reasons[property] =
      `\`${property}\` comes from another stack (the stack reference ${name}), whose outputs only \`pulumi preview --policy-pack\` can read`;
  }
  return reasons;
}
