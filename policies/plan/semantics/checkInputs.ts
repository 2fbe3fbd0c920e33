import { type PropertyMap, type PropertyValue, UNKNOWN } from "../property";
import { containsUnknown, isObject, jsonText, mapNested } from "./nested";
import { semanticsOf } from "./table";
import type { AutoName, ProviderSettings } from "./types";

/**
 * What the provider's Check makes of a program's inputs: generated names, schema defaults, policy documents as
 * JSON, the region, and `tagsAll`. A type that is not in the table comes back as it is. Nothing is refused here:
 * see `checkProblems`.
 *
 * @param randomSuffix seven hexadecimal digits, see `nameSuffix`
 * @see https://github.com/pulumi/pulumi-aws `provider/region.go`, `provider/tags.go`, `provider/autonaming.go`
 */
export function checkInputs(
  type: string,
  logicalName: string,
  randomSuffix: string,
  inputs: PropertyMap,
  provider: ProviderSettings = {},
): PropertyMap {
  const semantics = semanticsOf(type);
  if (semantics === undefined) return inputs;

  const checked: Record<string, PropertyValue> = {};
  for (const [property, value] of Object.entries(inputs)) {
    // null is how some languages say "not given"; the provider reads it the same way.
    if (value !== null && value !== undefined) checked[property] = value;
  }
  const fill = (property: string, value: PropertyValue): void => {
    if (!(property in checked)) checked[property] = value;
  };

  for (const property of semantics.documents ?? []) {
    const document = checked[property];
    if (isObject(document)) checked[property] = jsonText(document);
  }
  for (const [property, value] of Object.entries(semantics.defaults ?? {})) fill(property, value);
  for (const [path, defaults] of Object.entries(semantics.nestedDefaults ?? {})) {
    mapNested(checked, path, (object) => ({ ...defaults, ...object }));
  }
  if (semantics.computedUnlessSet.includes("region") && provider.region !== undefined) {
    fill("region", provider.region);
  }
  if (semantics.computed.includes("tagsAll")) fill("tagsAll", mergedTags(provider.defaultTags, checked.tags));
  const auto = semantics.autoName;
  if (auto !== undefined && !(auto.unless !== undefined && auto.unless in checked)) {
    if (!(auto.property in checked)) {
      fill(auto.property, generatedName(auto, logicalName, randomSuffix, checked));
    }
  }
  return checked;
}

/** Default tags under the resource's own; unknown when either is. */
function mergedTags(defaults: PropertyMap = {}, own: PropertyValue = {}): PropertyValue {
  if (containsUnknown(own)) return UNKNOWN;
  return isObject(own) ? { ...defaults, ...own } : { ...defaults };
}

function generatedName(
  auto: AutoName,
  logicalName: string,
  randomSuffix: string,
  inputs: PropertyMap,
): string {
  const stem = auto.lowercase === true ? logicalName.toLowerCase() : logicalName;
  // A first-in-first-out topic must say so in its name (pulumi-aws, `resource_overrides.go`).
  const ending = inputs.fifoTopic === true ? ".fifo" : "";
  return `${auto.prefix ?? ""}${stem}${auto.separator}${randomSuffix}${ending}`;
}

/** True if Check would have made this name for this resource, whatever the random digits. */
export function isGeneratedName(type: string, logicalName: string, name: PropertyValue | undefined): boolean {
  const auto = semanticsOf(type)?.autoName;
  if (auto === undefined || typeof name !== "string") return false;
  const suffix = /([0-9a-f]{7})(\.fifo)?$/.exec(name);
  if (suffix?.[1] === undefined) return false;
  return name === generatedName(auto, logicalName, suffix[1], { fifoTopic: suffix[2] !== undefined });
}
