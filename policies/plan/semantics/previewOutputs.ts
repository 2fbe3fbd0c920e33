import { type PropertyMap, type PropertyValue, UNKNOWN } from "../property";
import { mapNested } from "./nested";
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
