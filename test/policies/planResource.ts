import type { PlanResource, PropertyMap } from "../../policies/plan/plan";

/** URN of a resource of the tests' own stack. */
export const urn = (type: string, name: string): string => `urn:pulumi:test::shop::${type}::${name}`;

/** A resource of a plan, as the readers take it. */
export function resource(
  type: string,
  name: string,
  properties: PropertyMap,
  propertyDependencies: PlanResource["propertyDependencies"] = {},
): PlanResource {
  const dependencies = Object.values(propertyDependencies).flat();
  return {
    urn: urn(type, name),
    type,
    name,
    properties,
    propertyDependencies,
    dependencies,
    parent: undefined,
  };
}
