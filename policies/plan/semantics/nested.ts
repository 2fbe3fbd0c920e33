import { type PropertyMap, type PropertyValue, UNKNOWN } from "../property";

/**
 * Replaces, in place of `properties`, every object at a dotted path by what `change` makes of it. Lists are
 * walked through; whatever is not an object (unknown, absent, a scalar) stays as it is.
 */
export function mapNested(
  properties: Record<string, PropertyValue>,
  path: string,
  change: (object: PropertyMap) => PropertyMap,
): void {
  const [first, ...rest] = path.split(".");
  const value = first === undefined ? undefined : properties[first];
  if (first === undefined || value === undefined) return;
  properties[first] = mapValue(value, rest, change);
}

function mapValue(
  value: PropertyValue,
  path: readonly string[],
  change: (object: PropertyMap) => PropertyMap,
): PropertyValue {
  if (isList(value)) return value.map((element) => mapValue(element, path, change));
  if (!isObject(value)) return value;
  const [first, ...rest] = path;
  if (first === undefined) return change(value);
  const inner = value[first];
  return inner === undefined ? value : { ...value, [first]: mapValue(inner, rest, change) };
}

function isList(value: PropertyValue): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

/** True for an object of properties; not for a list, an unknown or null. */
export function isObject(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON text with sorted keys; unknown as a whole when anything in it is unknown. */
export function jsonText(value: PropertyValue): string | typeof UNKNOWN {
  return containsUnknown(value) ? UNKNOWN : JSON.stringify(sorted(value));
}

/** True if the value, or anything inside it, is unknown. */
export function containsUnknown(value: PropertyValue): boolean {
  if (value === UNKNOWN) return true;
  if (isList(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

function sorted(value: PropertyValue): PropertyValue {
  if (isList(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
