import type { PlanResource } from "../plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../property";
import {
  andThen,
  isMap,
  known,
  type Malformed,
  ownEntry,
  type Reading,
  readProperty,
  unknown,
} from "../reading";

/** One environment variable of a container, as text. */
export type EnvironmentValue = Exclude<Reading<string>, Malformed>;

/** One container of a task definition. */
export interface Container {
  readonly name: string;
  /** The variable's value; unknown when a secret or an environment file may hold it. */
  environment(name: string): EnvironmentValue;
  /** Whether the definition itself sets this variable, by value or by secret. */
  sets(name: string): boolean;
  /** What `secrets` take their values from: ARNs or names of SSM parameters and Secrets Manager secrets. */
  readonly secretSources: readonly string[];
}

const PROPERTY = "containerDefinitions";

/**
 * The containers of a task definition. At a preview the whole JSON text is unknown when one value in it is, so it
 * is read as a whole or not at all. Its text is never shown: it may hold secrets.
 */
export function readContainers(taskDefinition: PlanResource): Reading<readonly Container[]> {
  return andThen(readProperty(taskDefinition, PROPERTY), (value) => {
    const parsed = typeof value === "string" ? parseJson(value) : value;
    if (parsed === undefined) return notContainers("text that is not JSON");
    if (!Array.isArray(parsed) || !parsed.every((item) => isMap(item as PropertyValue))) {
      return notContainers("JSON that is not a list of containers");
    }
    return known((parsed as readonly PropertyMap[]).map(toContainer));
  });
}

const notContainers = (shown: string): Malformed => ({
  state: "malformed",
  property: PROPERTY,
  shown,
  observed: null,
  expected: "a JSON list of container definitions",
});

function parseJson(text: string): PropertyValue | undefined {
  try {
    return JSON.parse(text) as PropertyValue;
  } catch {
    return undefined;
  }
}

function toContainer(definition: PropertyMap): Container {
  const name = ownEntry(definition, "name");
  const environment = namedEntries(definition, "environment", "value");
  const secrets = namedEntries(definition, "secrets", "valueFrom");
  const files = ownEntry(definition, "environmentFiles");
  const hasFiles = Array.isArray(files) && files.length > 0;
  return {
    name: typeof name === "string" ? name : "",
    sets: (variable) => environment.has(variable) || secrets.has(variable),
    secretSources: [...secrets.values()].filter((source) => typeof source === "string"),
    environment(variable) {
      const value = environment.get(variable);
      if (value === UNKNOWN) return unknown(PROPERTY);
      if (value !== undefined) return { state: "known", value: toText(value) };
      if (secrets.has(variable)) return unknown(PROPERTY, `\`${variable}\` comes from a secret`);
      if (hasFiles) return unknown(PROPERTY, `\`${variable}\` may come from an environment file`);
      return { state: "unset", property: PROPERTY };
    },
  };
}

/** A list of `{ name, <field> }` as a map; later entries win, as they do in a container. */
function namedEntries(definition: PropertyMap, list: string, field: string): Map<string, PropertyValue> {
  const entries = new Map<string, PropertyValue>();
  const items = ownEntry(definition, list);
  if (!Array.isArray(items)) return entries;
  for (const item of items as readonly PropertyValue[]) {
    if (!isMap(item)) continue;
    const name = ownEntry(item, "name");
    if (typeof name === "string") entries.set(name, ownEntry(item, field) ?? "");
  }
  return entries;
}

function toText(value: PropertyValue): string {
  return typeof value === "object" ? "" : String(value);
}
