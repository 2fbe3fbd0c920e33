import { readFileSync, statSync } from "node:fs";
import { InputError, isRecord, reasonOf } from "../kit/errors";
import { number } from "../kit/text";
import {
  EVERY_PROPERTY,
  type Plan,
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../plan/plan";
import { stackAndProject } from "../plan/planIndex";
import { POOL_PROFILES, type SettingSource } from "../plan/pools/libraries";
import type { Variable } from "../plan/pools/library";
import { isMap } from "../plan/reading";
import {
  fromWire,
  isSecret,
  propertiesFromWire,
  REDACTED,
  SECRET_SIGNATURE,
  SIGNATURE_KEY,
  STRING_MARKER,
  toWire,
} from "../plan/wire";

/** Of the file's format. A file of another version is refused: what it lacks would be read as unset. */
export const PLAN_SCHEMA = 1;
/** Four times the plan of a stack of 10,000 resources. */
const MAX_MEBIBYTES = 100;

type Wire = { readonly [property: string]: unknown };

/** A plan as a file, with what it must hold to be read again; `reading` where `check` wrote it. */
export interface PlanFile {
  readonly plan: Plan;
  readonly stack: string;
  readonly project: string;
  readonly madeFrom?: unknown;
}

/**
 * A plan as the text of a file. Of a secret nothing is written but the structure around it and the pool settings in it,
 * which every report shows.
 * @param wireOf - The properties of a resource as the engine sent them, secrets marked.
 * @throws Error where the file would be larger than what can be read.
 */
export function planToText(plan: Plan, wireOf: (resource: PlanResource) => Wire, madeFrom?: unknown): string {
  // The engine's order is another in every run; the file of an unchanged plan stays as it is.
  const resources = [...plan.resources].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const wires = resources.map((resource) => [resource, wireOf(resource)] as const);
  const clear = new Set<string>();
  for (const [, wire] of wires) collectTexts(wire, clear);
  const text = JSON.stringify(
    {
      poolproofPlan: PLAN_SCHEMA,
      ...stackAndProject(plan),
      ...(madeFrom === undefined ? {} : { madeFrom }),
      resources: wires.map(([resource, wire]) => entryOf(resource, wire, clear)),
    },
    null,
    1,
  );
  const size = Buffer.byteLength(text);
  if (size > MAX_MEBIBYTES * 2 ** 20) throw new Error(`the plan is ${tooLarge(size)}`);
  return `${text}\n`;
}

const tooLarge = (bytes: number): string =>
  `${number(bytes / 2 ** 20)} MiB, above the limit of ${MAX_MEBIBYTES} MiB for a plan file`;

/** What a plan says in clear need not be hidden where a secret contains it: the address of a database, above all. */
type ClearTexts = ReadonlySet<string>;

function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value === "string") into.add(value);
  if (typeof value !== "object" || value === null) return;
  if (isSecret(value)) return;
  for (const item of Object.values(value)) collectTexts(item, into);
}

function entryOf(resource: PlanResource, wire: Wire, clear: ClearTexts): object {
  const { urn, type, parent, isCustom, dependencies, propertyDependencies, whyUnknown = {} } = resource;
  const made = sorted(
    Object.fromEntries(Object.entries(propertyDependencies).map(([key, urns]) => [key, [...urns].sort()])),
  );
  const secret: string[] = [];
  const properties: { [property: string]: unknown } = Object.create(null);
  for (const [property, value] of Object.entries(wire)) {
    properties[property] = withoutSecrets(value, property, clear, () => secret.push(property));
  }
  return {
    urn,
    type,
    parent,
    custom: isCustom,
    properties: sorted(properties),
    ...(secret.length > 0 ? { secret: [...new Set(secret)].sort() } : {}),
    ...(Object.keys(whyUnknown).length > 0 ? { whyUnknown } : {}),
    dependencies: [...dependencies].sort(),
    ...(propertyDependencies === EVERY_PROPERTY ? { unread: true } : { propertyDependencies: made }),
  };
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
};

/** @param hidden - Called for each known value that is left out. */
function withoutSecrets(value: unknown, property: string, clear: ClearTexts, hidden: () => void): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, property, clear, hidden));
  const content = value as Wire;
  const signature = content[SIGNATURE_KEY];
  if (signature === SECRET_SIGNATURE) {
    const inside = propertiesFromWire({ value: content.value }).value;
    if (typeof inside === "symbol") return toWire(inside);
    hidden();
    return STRUCTURED.has(property) ? toWire(structureOf(inside, clear)) : REDACTED;
  }
  // No rule reads the content of an asset or an archive.
  if (signature === ASSET || signature === ARCHIVE) return null;
  return Object.fromEntries(
    Object.entries(content).map(([key, item]) => [key, withoutSecrets(item, property, clear, hidden)]),
  );
}

/** Signatures of Pulumi's wire format (sdk/nodejs, `runtime/rpc.ts`). */
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** Properties that hold a pool's settings among others: one secret in their text makes Pulumi mark all of it. */
export const STRUCTURED: ReadonlySet<string> = new Set([
  "containerDefinitions",
  "environment",
  "sourceConfiguration",
  "settings",
  "spec",
]);

/** A text, out of a secret's envelope too. */
const textIn = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "value" in value ? value.value : value;

/** The properties in which pools are set, Kubernetes' stores included, with texts known in part; none where all is known or unknown. */
export function partlyKnown(given: { readonly [key: string]: unknown }): PropertyMap {
  const found = [...STRUCTURED, "data", "stringData"].flatMap((property): [string, PropertyValue][] => {
    const value = given[property];
    if (value === undefined || !JSON.stringify(value).includes(STRING_MARKER)) return [];
    const text = property === "containerDefinitions" ? textIn(value) : value;
    try {
      const structure: unknown = typeof text === "string" ? JSON.parse(text) : text;
      return [[property, fromWire(structure, 0, true) ?? UNKNOWN]];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(found);
}

/** What of a structure that holds a secret is none itself: names, numbers that are no text, and pool settings. */
function structureOf(secret: PropertyValue | undefined, clear: ClearTexts): PropertyValue {
  const content = typeof secret === "string" ? parsed(secret) : secret;
  return typeof content === "object" && content !== null ? around(content, clear) : REDACTED;
}

/** @param variable - The environment variable that holds the value. */
function around(value: PropertyValue, clear: ClearTexts, key = "", variable?: string): PropertyValue {
  if (Array.isArray(value)) {
    return value.map((item: PropertyValue) => around(item, clear, key, variable));
  }
  if (isMap(value)) {
    const isPair = typeof value.name === "string" && ("value" in value || "valueFrom" in value);
    const variableOf = (entry: string): string | undefined => {
      if (VARIABLE_MAPS.has(key)) return entry;
      return isPair && entry.startsWith("value") ? String(value.name) : variable;
    };
    return Object.fromEntries(
      Object.entries(value).map(([entry, item]) => [entry, around(item, clear, entry, variableOf(entry))]),
    );
  }
  if (value === null || typeof value === "symbol") return value;
  if (variable === undefined) return typeof value !== "string" || PLAIN.has(key) ? value : REDACTED;
  if (VARIABLES.has(variable) && SETTING.test(String(value))) return value;
  return (typeof value === "string" ? urlWithout(value, clear) : undefined) ?? REDACTED;
}

const SETTING = /^(?:\d{1,9}|true|false)$/;
const NO_HOST = "secret.invalid";

/** What of a secret URL of a database may be shown: its pool settings, and what stands in clear elsewhere. Undefined where it has none. */
function urlWithout(text: string, clear: ClearTexts): string | undefined {
  const [, scheme, host = "", path = "", query = ""] =
    /^([a-z][a-z0-9+.:]*):\/\/(?:[^@/?#]*@)?([^@/?#]*)(?:\/([^@?#]*))?(?:\?([^#]*))?/i.exec(text) ?? [];
  const kept = query.split("&").filter((pair) => {
    const [name = "", value = ""] = pair.split("=");
    return PARAMETERS.has(name) && SETTING.test(value);
  });
  if (scheme === undefined || kept.length === 0) return undefined;
  const isClear = clear.has(host) || clear.has(host.replace(/:\d+$/, ""));
  return `${scheme}://${isClear ? host : NO_HOST}/${clear.has(path) ? path : ""}?${kept.join("&")}`;
}

/** Texts that say what a container or a variable is. */
const PLAIN = new Set(["name", "image", "namespace", "kind"]);
const VARIABLE_MAPS = new Set(["variables", "runtimeEnvironmentVariables", "runtimeEnvironmentSecrets"]);

function parsed(text: string): PropertyValue | undefined {
  try {
    return JSON.parse(text) as PropertyValue;
  } catch {
    return undefined;
  }
}

const SETTINGS = [...POOL_PROFILES.values()].flatMap(({ settings, cap = "" }) => [
  { name: cap },
  ...Object.values(settings).flatMap(variablesOf),
]);

function variablesOf({ variables, otherwise = [], plus }: SettingSource): Variable[] {
  return [...variables, ...otherwise, ...(plus === undefined ? [] : variablesOf(plus))];
}

/** Variables that hold a number or a switch of a pool, and nothing else. */
const VARIABLES: ReadonlySet<string> = new Set(
  SETTINGS.flatMap(({ name, parameter }) => (parameter === undefined ? [name] : [])),
);

/** Parameters of a database's URL that do. */
const PARAMETERS: ReadonlySet<string> = new Set(SETTINGS.flatMap(({ parameter }) => parameter ?? []));

/**
 * Reads a plan that the pack or `check` wrote.
 * @param option - What named it, for messages.
 * @throws InputError in one line, which quotes nothing of the file.
 */
export function readPlanFile(file: string, option: string): PlanFile {
  const refuse = (what: string): never => {
    throw new InputError(`${option}: ${file} ${what}`);
  };
  const rewrite = (what: string): never =>
    refuse(`${what}; write one with ${option === "POOLPROOF_READING" ? READING_COMMAND : PLAN_COMMAND}`);
  const text = textOf(file, refuse, rewrite).trim();
  if (!text.startsWith("{")) return rewrite(`is not a plan: it is not a JSON object`);
  const content = parsed(text) as unknown;
  if (content === undefined) {
    return rewrite(text.endsWith("}") ? "is not JSON" : "is truncated: it ends in the middle");
  }
  if (!isRecord(content) || !Object.hasOwn(content, "poolproofPlan")) {
    const is = isRecord(content) && Object.hasOwn(content, "deployment");
    return is
      ? refuse("is a `pulumi stack export`: judge it with `poolproof analyze --state`")
      : rewrite("is not a plan of poolproof");
  }
  const { poolproofPlan: schema, stack, project, resources, madeFrom } = content;
  if (schema !== PLAN_SCHEMA) {
    const shown = typeof schema === "number" ? String(schema) : "that is not a number";
    return refuse(
      `is a plan of schema ${shown}, and this version reads schema ${PLAN_SCHEMA}: write and read it with the same version of poolproof`,
    );
  }
  if (typeof stack !== "string" || typeof project !== "string" || !Array.isArray(resources)) {
    return rewrite("lacks `stack`, `project` or `resources`");
  }
  const plan = {
    resources: resources.map(
      (entry: unknown, position) => resourceOf(entry) ?? rewrite(`is not whole at resource ${position + 1}`),
    ),
  };
  const within = plan.resources.every(({ urn }) => urn.startsWith(`urn:pulumi:${stack}::${project}::`));
  if (!within) return rewrite(`says ${project}/${stack} and holds resources of another stack`);
  return { plan, stack, project, madeFrom };
}

const PLAN_COMMAND = "`POOLPROOF_PLAN=FILE pulumi preview --policy-pack …`";
const READING_COMMAND = "`poolproof check --write-reading FILE`";

type Refuse = (what: string) => never;

function textOf(file: string, refuse: Refuse, rewrite: Refuse): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_MEBIBYTES * 2 ** 20) return refuse(`is ${tooLarge(size)}`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof InputError) throw error;
    return rewrite(`cannot be read: ${reasonOf(error)}`);
  }
}

function resourceOf(entry: unknown): PlanResource | undefined {
  if (!isRecord(entry)) return undefined;
  const { urn, type, parent, custom, properties, secret = [], whyUnknown = {} } = entry;
  const { dependencies, unread } = entry;
  const propertyDependencies = unread === true ? EVERY_PROPERTY : entry.propertyDependencies;
  if (typeof urn !== "string" || typeof type !== "string" || !isRecord(properties)) return undefined;
  if (!isTexts(dependencies) || !isTexts(secret) || !isRecord(whyUnknown)) return undefined;
  if (!isRecord(propertyDependencies) || !Object.values(propertyDependencies).every(isTexts))
    return undefined;
  return {
    urn,
    type,
    name: urn.split("::").slice(3).join("::"),
    properties: propertiesFromWire(properties),
    propertyDependencies: propertyDependencies as PlanResource["propertyDependencies"],
    whyUnknown: {
      ...(whyUnknown as PlanResource["whyUnknown"]),
      ...Object.fromEntries(secret.map((property) => [property, `\`${property}\` ${HIDDEN}`])),
    },
    secretProperties: secret,
    partlyKnown: partlyKnown(properties),
    dependencies,
    parent: typeof parent === "string" ? parent : undefined,
    isCustom: typeof custom === "boolean" ? custom : undefined,
  };
}

const HIDDEN =
  "holds a secret, and a plan file holds none: the policy pack in `pulumi preview` judges its value";

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
