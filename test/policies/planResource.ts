import type { PlanResource, PropertyMap, PropertyValue } from "../../policies/plan/plan";

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

/** The way to a place in a value. */
export type Path = readonly (string | number)[];

/** Every place in a value, the value itself included. */
export function places(value: PropertyValue, path: Path = []): Path[] {
  const inside =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, item]) => places(item as PropertyValue, [...path, key]))
      : [];
  return [path, ...inside];
}

export function replaceAt(value: PropertyValue, [first, ...rest]: Path, by: PropertyValue): PropertyValue {
  if (first === undefined) return by;
  if (Array.isArray(value)) {
    const items = value as readonly PropertyValue[];
    return items.map((item, i) => (i === Number(first) ? replaceAt(item, rest, by) : item));
  }
  const changed: { [key: string]: PropertyValue } = { ...(value as PropertyMap) };
  changed[first] = replaceAt(changed[first] ?? null, rest, by);
  return changed;
}
