import { createHash } from "node:crypto";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { containsUnknown, isObject, jsonText, mapNested } from "./preview";
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

/** One reason why the provider's Check refuses a resource. */
export interface CheckProblem {
  readonly property: string;
  readonly reason: string;
}

/**
 * Why the provider would refuse checked inputs before it asks AWS anything: a required property is missing, a
 * number is not one, a name is not allowed. Empty for inputs that pass, and for a type that is not in the table.
 *
 * Unknown values are not judged. Values that AWS refuses later, or that only a policy minds, pass here as they
 * pass the real provider.
 *
 * @param inputs as `checkInputs` returns them
 * @param secret properties whose values no message may show
 */
export function checkProblems(
  type: string,
  inputs: PropertyMap,
  secret: readonly string[] = [],
): readonly CheckProblem[] {
  const semantics = semanticsOf(type);
  if (semantics === undefined) return [];
  const problems: CheckProblem[] = [];

  for (const property of semantics.required) {
    if (inputs[property] === undefined) {
      problems.push({ property, reason: `\`${property}\` is missing and ${type} requires it` });
    }
  }
  for (const property of semantics.numbers ?? []) {
    const value = inputs[property];
    if (value !== undefined && value !== UNKNOWN && !readsAsNumber(value)) {
      const shown = secret.includes(property) ? "" : `, not ${JSON.stringify(value)}`;
      problems.push({ property, reason: `\`${property}\` must be a number${shown}` });
    }
  }
  const { autoName } = semantics;
  const name = autoName === undefined ? undefined : inputs[autoName.property];
  if (autoName !== undefined && typeof name === "string") {
    const { property, maxLength, prefix = "", rule } = autoName;
    const shown = secret.includes(property) ? `\`${property}\`` : `\`${property}\` "${name}"`;
    const length = name.length - (name.startsWith(prefix) ? prefix.length : 0);
    if (length > maxLength) {
      problems.push({
        property,
        reason: `${shown} has ${length} characters and may have ${maxLength}: shorten the resource's logical name, or set \`${property}\``,
      });
    } else if (rule !== undefined && !rule.pattern.test(name)) {
      problems.push({ property, reason: `${shown} must ${rule.says}` });
    }
  }
  return problems;
}

function readsAsNumber(value: PropertyValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
}

/**
 * Seven hexadecimal digits that end an auto-generated name.
 *
 * The real provider draws them at random and keeps them in the state. Here they are derived from the URN, so
 * that a first preview, the in-process check and the deployment agree on every name.
 *
 * @param urn the resource's URN
 * @param replaces the name that is being replaced: its successor must differ, both exist for a while
 */
export function nameSuffix(urn: string, replaces?: string): string {
  const seed = replaces === undefined ? urn : `${urn}\n${replaces}`;
  return createHash("sha256").update(seed).digest("hex").slice(0, 7);
}
