import { type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { semanticsOf } from "./table";

/**
 * The outputs a preview shows for checked inputs: the inputs themselves, and unknown for everything that only
 * AWS can decide. A type that is not in the table comes back as it is.
 *
 * `tagsAll` is output only and yet known, because Check writes it into the inputs.
 */
export function previewOutputs(type: string, inputs: PropertyMap): PropertyMap {
  const semantics = semanticsOf(type);
  if (semantics === undefined) return inputs;

  const outputs: Record<string, PropertyValue> = { ...inputs };
  const unknownUnlessGiven = [
    "id",
    ...semantics.computed,
    ...semantics.computedUnlessSet,
    ...(semantics.autoName === undefined ? [] : [semantics.autoName.property]),
  ];
  for (const property of unknownUnlessGiven) {
    if (!(property in outputs)) outputs[property] = UNKNOWN;
  }
  for (const [property, value] of Object.entries(semantics.plannedDefaults ?? {})) {
    if (!(property in outputs)) outputs[property] = value;
  }
  for (const [path, properties] of Object.entries(semantics.nestedComputedUnlessSet ?? {})) {
    const unknowns: PropertyMap = Object.fromEntries(properties.map((property) => [property, UNKNOWN]));
    mapNested(outputs, path, (object) => ({ ...unknowns, ...object }));
  }
  return outputs;
}

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
