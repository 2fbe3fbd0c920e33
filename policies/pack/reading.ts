import * as path from "node:path";
import { type Plan, type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan/plan";
import { isMap, ownEntry } from "../plan/reading";
import { propertiesFromWire, STRING_MARKER } from "../plan/wire";
import { readPlanFile, STRUCTURED } from "../state/planFile";
import { changeSince, isProvenance, provenanceOf } from "../state/provenance";

type Resources = ReadonlyMap<string, PlanResource>;

/**
 * What `check` read of the same program (`check --write-reading`), by URN.
 * @throws Error in one line, without a full stop, where it is of another program, configuration or stack.
 */
export function readReading(file: string, environment: NodeJS.ProcessEnv = process.env): Resources {
  const { plan, stack, project, madeFrom } = readPlanFile(file, "POOLPROOF_READING");
  const refuse = (what: string): never => {
    throw new Error(
      `POOLPROOF_READING: ${file} ${what}: write it again with \`poolproof check --write-reading\``,
    );
  };
  const { PULUMI_NODEJS_STACK: ownStack, PULUMI_NODEJS_PROJECT: ownProject } = environment;
  if (ownStack !== undefined && (ownStack.split("/").pop() !== stack || ownProject !== project)) {
    return refuse(`is of ${project}/${stack}, and ${ownProject}/${ownStack} is judged`);
  }
  if (!isProvenance(madeFrom)) return refuse("does not say what it was made from");
  const config = configOf(environment);
  if (config === undefined)
    return refuse("cannot be held to this run, as the engine does not say its configuration");
  const root = path.resolve(path.dirname(file), madeFrom.root);
  // The state before the deployment is written beside the program, and is not part of it.
  const { POOLPROOF_BASE: base, PWD = "." } = environment;
  const without = base ? path.resolve(PWD, base) : undefined;
  const change = changeSince(madeFrom, provenanceOf(root, config, file), root, without);
  if (change !== undefined) return refuse(`is stale: ${change}`);
  return new Map(plan.resources.map((resource) => [resource.urn, resource]));
}

/** The config values that are no secret, as the engine hands them to a policy pack. */
function configOf({
  PULUMI_CONFIG,
  PULUMI_CONFIG_SECRET_KEYS,
}: NodeJS.ProcessEnv): { [key: string]: string } | undefined {
  if (PULUMI_CONFIG === undefined) return undefined;
  const secret = new Set(JSON.parse(PULUMI_CONFIG_SECRET_KEYS || "[]") as readonly string[]);
  const all = Object.entries(JSON.parse(PULUMI_CONFIG) as { [key: string]: string });
  return Object.fromEntries(all.filter(([key]) => !secret.has(key)));
}

/** A plan with what the engine does not know taken from a reading, and what that was. */
export interface Completed {
  readonly plan: Plan;
  readonly taken: readonly { readonly resource: string; readonly property: string }[];
}

/** Only what the engine has as unknown is taken: nothing that it knows is changed. */
export function completedBy(reading: Resources, plan: Plan): Completed {
  const taken: { resource: string; property: string }[] = [];
  const resources = plan.resources.map((resource) => {
    const read = reading.get(resource.urn);
    if (read === undefined || read.type !== resource.type) return resource;
    const inPart: { [property: string]: PropertyValue } = { ...resource.partlyKnown };
    const changed = [...STRUCTURED].flatMap((property): [string, PropertyValue][] => {
      const known = ownEntry(read.properties, property);
      if (known === undefined || !hides(resource, property)) return [];
      const value = merged(ownEntry(resource.properties, property) ?? UNKNOWN, known);
      if (value === UNKNOWN) return [];
      taken.push({ resource: resource.urn, property });
      const part = ownEntry(read.partlyKnown ?? {}, property);
      if (part !== undefined) inPart[property] = part;
      return [[property, value]];
    });
    if (changed.length === 0) return resource;
    return {
      urn: resource.urn,
      type: resource.type,
      name: resource.name,
      parent: resource.parent,
      isCustom: resource.isCustom,
      dependencies: resource.dependencies,
      propertyDependencies: resource.propertyDependencies,
      properties: { ...resource.properties, ...Object.fromEntries(changed) },
      partlyKnown: inPart,
    };
  });
  return { plan: { resources }, taken };
}

/** Whether something in a property is unknown to the engine; one that was made from others may be missing. */
function hides(resource: PlanResource, property: string): boolean {
  const value = ownEntry(resource.properties, property);
  return value === undefined || value === null
    ? Object.hasOwn(resource.propertyDependencies, property)
    : holdsUnknown(value);
}

const holdsUnknown = (value: PropertyValue): boolean =>
  value === UNKNOWN ||
  (typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown));

function merged(engine: PropertyValue, read: PropertyValue): PropertyValue {
  if (engine === UNKNOWN) return read;
  if (Array.isArray(engine) && Array.isArray(read) && engine.length === read.length) {
    return engine.map((item: PropertyValue, position) =>
      merged(item, (read[position] ?? null) as PropertyValue),
    );
  }
  if (!isMap(engine) || !isMap(read)) return engine;
  return Object.fromEntries(
    Object.entries(engine).map(([key, item]) => [
      key,
      Object.hasOwn(read, key) ? merged(item, read[key] ?? null) : item,
    ]),
  );
}

/**
 * Where what a deployment is about to make differs from the reading that its preview was judged by, as a path:
 * `containerDefinitions.0.environment.2.value`. Values are not shown.
 */
export function differenceFrom(reading: Resources, urn: string, wire: unknown): string | undefined {
  const read = reading.get(urn);
  if (read === undefined) return undefined;
  const properties: PropertyMap = propertiesFromWire(wire);
  for (const property of STRUCTURED) {
    const before = ownEntry(read.partlyKnown ?? {}, property) ?? ownEntry(read.properties, property);
    const now = ownEntry(properties, property);
    if (before === undefined || now === undefined) continue;
    const found = difference(before, now, property);
    if (found !== undefined) return found;
  }
  return undefined;
}

function difference(read: PropertyValue, given: PropertyValue, at: string): string | undefined {
  if (read === UNKNOWN) return undefined;
  const real = typeof given === "string" && typeof read === "object" ? parsed(given) : given;
  if (real === UNKNOWN) return undefined;
  if (typeof read === "string" && read.includes(STRING_MARKER))
    return typeof real === "string" && isMadeOf(real, read.split(STRING_MARKER)) ? undefined : at;
  if (typeof read !== "object" || typeof real !== "object" || read === null || real === null) {
    return shown(read) === shown(real) ? undefined : at;
  }
  const [before, now] = [read as PropertyMap, real as PropertyMap];
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const found = difference(before[key] ?? null, now[key] ?? null, `${at}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a text has these parts in this order, from its start to its end. */
function isMadeOf(text: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.endsWith(last) && text.length - last.length >= at;
}

/** Providers write numbers as texts, and what is empty as nothing. */
const shown = (value: PropertyValue): string =>
  typeof value === "object" && value !== null
    ? Object.keys(value).length === 0
      ? ""
      : "a structure"
    : String(value ?? "");

function parsed(text: string): PropertyValue {
  try {
    return JSON.parse(text) as PropertyValue;
  } catch {
    return text;
  }
}
