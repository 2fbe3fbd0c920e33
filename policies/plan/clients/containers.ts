import { saysNothingOfDatabases } from "../harmlessTypes";
import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns } from "../planIndex";
import {
  andThen,
  isMap,
  known,
  knownValue,
  type Malformed,
  ownEntry,
  type Reading,
  readProperty,
  requireNumber,
  toNumber,
  unknown,
  unset,
} from "../reading";
import { holdsProperties, isBound, withProperties } from "./properties";

/** One environment variable of a container, as text; malformed when the definition contradicts itself. */
export type EnvironmentValue = Reading<string>;

/** One container of a task definition. */
export interface Container {
  readonly name: string;
  /** The variable's value; unknown when a secret or an environment file may hold it. */
  environment(name: string): EnvironmentValue;
  /** Whether the definition itself sets this variable, by value or by secret. */
  sets(name: string): boolean;
  /** How messages name a variable that stands elsewhere: "spring.datasource.url in JAVA_OPTS". */
  labelOf?(name: string): string | undefined;
  /** Every variable the definition itself sets. */
  readonly variables: readonly string[];
  /** Whether an environment file may set others. */
  readonly mayHoldMore: boolean;
  /** What `secrets` take their values from: ARNs or names of SSM parameters and Secrets Manager secrets. */
  readonly secretSources: readonly string[];
  /** The words of its entry point and command, as far as they are known. */
  readonly texts: readonly string[];
  /** The image it runs, where that is known. */
  readonly image?: string | undefined;
  /** Seconds between SIGTERM and SIGKILL when the task stops; unset where ECS decides. */
  readonly stopTimeout: Reading<number>;
}

const PROPERTY = "containerDefinitions";

/**
 * The containers of a task definition. At a preview the whole JSON text is unknown when one value in it is, so it
 * is read as a whole or not at all; in a list, which aws-native takes, that value alone is unknown. Its text is never
 * shown: it may hold secrets.
 */
export function readContainers(taskDefinition: PlanResource): Reading<readonly Container[]> {
  const definitions = readProperty(taskDefinition, PROPERTY);
  const why = taskDefinition.whyUnknown?.[PROPERTY];
  if (definitions.state === "unknown") return { ...definitions, fix: howToShow(taskDefinition) };
  return andThen(definitions, (value) => {
    const parsed = typeof value === "string" ? parseJson(value) : value;
    if (Array.isArray(parsed) && parsed.some(hidesVariables)) {
      return { ...unknown(PROPERTY, why), fix: howToShow(taskDefinition) };
    }
    if (parsed === undefined) return notContainers("text that is not JSON");
    if (!Array.isArray(parsed) || !parsed.every((item) => isMap(item as PropertyValue))) {
      return notContainers("JSON that is not a list of containers");
    }
    // ECS refuses it, and a service whose containers are none would go unnoticed.
    if (parsed.length === 0) return notContainers("an empty list");
    return known((parsed as readonly PropertyMap[]).map((definition) => containerOf(definition, why)));
  });
}

/** The variables of a container that are known, by name. */
export function environmentOf(container: Container): { readonly [variable: string]: string } {
  return Object.fromEntries(
    container.variables.flatMap((name) => {
      const value = knownValue(container.environment(name));
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** One value from a resource that does not exist yet hides the whole text: which ones, and where they may go instead. */
function howToShow(taskDefinition: PlanResource): string {
  const sources = dependencyUrns(taskDefinition, PROPERTY)
    .filter((urn) => !saysNothingOfDatabases(typeIn(urn)))
    .map((urn) => urn.split("::").pop() ?? urn);
  const [first, ...others] = [...new Set(sources)];
  const few = [first, ...others.slice(0, 2)].join(", ") + (others.length > 2 ? ", …" : "");
  const what = first === undefined ? "the values known only after the deployment" : `the values from ${few}`;
  return `Pass ${what} through \`secrets\` (\`valueFrom\`: the ARN of a parameter or secret, composed of known names), so that \`${PROPERTY}\` is known at preview`;
}

/** Type token of the resource that a URN names: the last of its chain of parents. */
const typeIn = (urn: string): string => urn.split("::")[2]?.split("$").pop() ?? "";

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

/** A container by the entries of an ECS definition, which other platforms' are put into. */
export function containerOf(definition: PropertyMap, why?: string): Container {
  const name = ownEntry(definition, "name");
  const image = textsOf(ownEntry(definition, "image"))[0];
  const texts = [...textsOf(ownEntry(definition, "entryPoint")), ...textsOf(ownEntry(definition, "command"))];
  const { environment, labels } = withProperties(
    namedEntries(definition, "environment", "value"),
    texts,
    image,
  );
  const secrets = namedEntries(definition, "secrets", "valueFrom");
  const files = ownEntry(definition, "environmentFiles");
  const [hiding] = [...secrets.keys(), ...environment.keys()].filter(
    (variable) =>
      holdsProperties(variable) && (secrets.has(variable) || environment.get(variable)?.includes(UNKNOWN)),
  );
  const hasFiles = files === UNKNOWN || (Array.isArray(files) && files.length > 0);
  return {
    name: typeof name === "string" ? name : "",
    variables: [...environment.keys(), ...secrets.keys()],
    mayHoldMore: hasFiles,
    sets: (variable) => environment.has(variable) || secrets.has(variable),
    secretSources: [...secrets.values()].flat().filter((source) => typeof source === "string"),
    image,
    texts,
    labelOf: (variable) => labels.get(variable),
    stopTimeout: seconds(ownEntry(definition, "stopTimeout"), "stopTimeout"),
    environment(variable) {
      const values = environment.get(variable) ?? [];
      if (values.includes(UNKNOWN)) return unknown(PROPERTY, why);
      const [text, ...others] = new Set(values.map(toText));
      // Neither the ECS nor the Docker documentation says which of them the container sees.
      if (others.length > 0) return contradiction(variable, "set twice with different values");
      if (text !== undefined) {
        return secrets.has(variable)
          ? contradiction(variable, "set both as a value and as a secret")
          : { state: "known", value: text };
      }
      if (secrets.has(variable)) return unknown(PROPERTY, `\`${variable}\` comes from a secret`);
      if (hiding !== undefined && isBound(variable))
        return unknown(PROPERTY, `\`${variable}\` may come from \`${hiding}\`, whose value is hidden`);
      if (hasFiles) return unknown(PROPERTY, `\`${variable}\` may come from an environment file`);
      return { state: "unset", property: PROPERTY };
    },
  };
}

const textsOf = (value: PropertyValue | undefined): readonly string[] =>
  (Array.isArray(value) ? (value as readonly PropertyValue[]) : [value]).filter(
    (word) => typeof word === "string",
  );

/** Whether a container is hidden, or may set a variable whose name is: any variable may be the one that is asked for. */
function hidesVariables(container: PropertyValue): boolean {
  if (!isMap(container)) return container === UNKNOWN;
  return [ownEntry(container, "environment"), ownEntry(container, "secrets")].some((list) => {
    const items: readonly PropertyValue[] = Array.isArray(list) ? list : [list ?? null];
    return items.some((item) => item === UNKNOWN || (isMap(item) && ownEntry(item, "name") === UNKNOWN));
  });
}

function seconds(value: PropertyValue | undefined, property: string): Reading<number> {
  if (value === undefined || value === null) return unset(property);
  if (value === UNKNOWN) return unknown(PROPERTY);
  const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  return requireNumber(toNumber(value, property), property, isWhole, "a non-negative integer (seconds)");
}

const contradiction = (variable: string, shown: string): Malformed => ({
  state: "malformed",
  property: variable,
  shown,
  observed: null,
  expected: "one value",
});

/** A list of `{ name, <field> }` as a map from each name to every value it is given. */
function namedEntries(
  definition: PropertyMap,
  list: string,
  field: string,
): ReadonlyMap<string, readonly PropertyValue[]> {
  const entries = new Map<string, PropertyValue[]>();
  const items = ownEntry(definition, list);
  if (!Array.isArray(items)) return entries;
  for (const item of items as readonly PropertyValue[]) {
    if (!isMap(item)) continue;
    const name = ownEntry(item, "name");
    if (typeof name !== "string") continue;
    const value = ownEntry(item, field) ?? "";
    const values = entries.get(name);
    if (values) values.push(value);
    else entries.set(name, [value]);
  }
  return entries;
}

function toText(value: PropertyValue): string {
  return typeof value === "object" ? "" : String(value);
}
