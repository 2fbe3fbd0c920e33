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

/**
 * Names whatever property it is asked for: a property that is named here and absent from the properties reads as
 * unknown (see `PlanResource`), so of a resource with these no rule takes anything for unset.
 */
export const EVERY_PROPERTY: PlanResource["propertyDependencies"] = new Proxy(
  {},
  {
    get: () => [],
    has: () => true,
    getOwnPropertyDescriptor: () => ({ value: [], enumerable: true, configurable: true }),
  },
);
