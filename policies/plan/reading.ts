import type { PlanResource } from "./plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "./plan";
import { POLICY_CONFIGURATION } from "./settings";

/**
 * What a plan says about one field.
 *
 * - `known`: the value, and `assumed` when it is not set and a documented default stands in.
 * - `unknown`: only the deployment will tell; `property` is the resource property that hides it.
 * - `unset`: it is not set.
 * - `malformed`: set to something that is not what the field holds; `shown` is safe to print.
 */
export type Reading<T> = Known<T> | Unknown | Unset | Malformed;

export interface Known<T> {
  readonly state: "known";
  readonly value: T;
  /** Where the value comes from when it was not set: "node-postgres's default". */
  readonly assumed?: string;
}
export interface Unknown {
  readonly state: "unknown";
  readonly property: string;
  readonly reason: string;
  /** What hides the value when it is not the preview: something AWS would refuse. */
  readonly because?: Malformed;
  /** What to do about it, as a sentence without its full stop, where making the property known is not it. */
  readonly fix?: string;
}
export interface Unset {
  readonly state: "unset";
  readonly property: string;
}
export interface Malformed {
  readonly state: "malformed";
  readonly property: string;
  readonly shown: string;
  /** The value itself, when it is a number or a short text; null for structures. */
  readonly observed: number | string | null;
  readonly expected: string;
  /** What it leads to, where that is not that a default is fallen back to or the start fails. */
  readonly consequence?: string;
}

export const known = <T>(value: T, assumed?: string): Known<T> =>
  assumed === undefined ? { state: "known", value } : { state: "known", value, assumed };
export const unset = (property: string): Unset => ({ state: "unset", property });
export const malformed = (property: string, value: PropertyValue, expected: string): Malformed => ({
  state: "malformed",
  property,
  shown: showValue(value),
  observed: numberIn(value) ?? (typeof value === "string" ? shortened(value) : null),
  expected,
});
export const unknown = (
  property: string,
  reason = `\`${property}\` is not known before the deployment`,
): Unknown => ({ state: "unknown", property, reason });

/** The value, or `undefined` in every other state. */
export const knownValue = <T>(reading: Known<T> | { readonly state: string }): T | undefined =>
  isKnown(reading) ? reading.value : undefined;

export const isKnown = <T>(reading: Known<T> | { readonly state: string }): reading is Known<T> =>
  reading.state === "known";

/** Whether a known value was set, in the plan or in the policy configuration, or a default stands in. */
export function originOf(reading: Reading<unknown>): "set" | "default" | undefined {
  if (reading.state !== "known") return undefined;
  return reading.assumed === undefined || reading.assumed === POLICY_CONFIGURATION ? "set" : "default";
}

/** What stands there, for a report: a number, or the short text that is none; null where nothing can be seen. */
export function observedOf(reading: Reading<number>): number | string | null {
  if (reading.state === "malformed") return reading.observed;
  return knownValue(reading) ?? null;
}

/** `fallback` where nothing is set; everything else as it is. */
export function whenUnset<T>(reading: Reading<T>, fallback: T, assumed: string): Reading<T> {
  return reading.state === "unset" ? known(fallback, assumed) : reading;
}

/** Goes on with a known value, and hands every other state through. */
export function andThen<T, U>(reading: Reading<T>, next: (value: T) => Reading<U>): Reading<U> {
  return reading.state === "known" ? next(reading.value) : reading;
}

/** A value made from several readings; the first that is not known stands for all of them. */
export function combine<T extends { readonly [field: string]: unknown }, U>(
  readings: { readonly [field in keyof T]: Reading<T[field]> },
  make: (values: T) => U,
): Reading<U> {
  const values: { [field: string]: unknown } = {};
  for (const [field, reading] of Object.entries(readings)) {
    if (reading.state !== "known") return reading;
    values[field] = reading.value;
  }
  return known(make(values as T));
}

/** True for plain property objects: not null, not an array, not an unknown. */
export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A map's own entry; inherited names such as `constructor` are not entries. */
export function ownEntry(map: PropertyMap, key: string): PropertyValue | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/**
 * Reads a property, or an entry inside it, of a resource.
 *
 * A preview may lack a property that was given as unknown, so a name in `propertyDependencies` that is absent
 * from the properties reads as unknown, never as unset.
 */
export function readProperty(resource: PlanResource, ...path: readonly string[]): Reading<PropertyValue> {
  const [top = ""] = path;
  const property = path.join(".");
  let value: PropertyValue | undefined = ownEntry(resource.properties, top);
  if (value === undefined || value === null) {
    return isMade(resource, top) ? hidden(resource, top, property) : unset(property);
  }
  for (const key of path.slice(1)) {
    // Provider blocks of at most one item reach some plans as a list of one.
    if (Array.isArray(value)) value = value.length === 1 ? (value[0] as PropertyValue) : undefined;
    if (value === UNKNOWN) return hidden(resource, top, property);
    if (value === undefined || value === null) return unset(property);
    if (!isMap(value)) return malformed(property, null, "an object");
    value = ownEntry(value, key);
  }
  if (value === undefined || value === null) return unset(property);
  return value === UNKNOWN ? hidden(resource, top, property) : known(value);
}

/** What hides a property: the preview, or what the resource itself says of it. */
function hidden({ whyUnknown = {} }: PlanResource, top: string, property: string): Unknown {
  return Object.hasOwn(whyUnknown, top) ? unknown(property, whyUnknown[top]) : unknown(property);
}

export function readText(resource: PlanResource, ...path: readonly string[]): Reading<string> {
  return andThen(readProperty(resource, ...path), (value) =>
    typeof value === "string" ? known(value) : malformed(path.join("."), value, "text"),
  );
}

/** An optional text. The provider takes "" for one that is not set, and writes it into a stack's state for it. */
export function ownText(resource: PlanResource, ...path: readonly string[]): Reading<string> {
  const reading = readText(resource, ...path);
  return reading.state === "known" && reading.value === "" ? unset(path.join(".")) : reading;
}

/** A number, or a text that is one: Pulumi programs in JavaScript pass both. */
export function readNumber(resource: PlanResource, ...path: readonly string[]): Reading<number> {
  return andThen(readProperty(resource, ...path), (value) => toNumber(value, path.join(".")));
}

export const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** Nothing in AWS counts beyond the safe integers, and sums and products of what lies below them stay finite. */
export function toNumber(value: PropertyValue, property: string): Reading<number> {
  const number = numberIn(value);
  return number === undefined || Math.abs(number) > Number.MAX_SAFE_INTEGER
    ? malformed(property, value, "a number")
    : known(number);
}

function numberIn(value: PropertyValue): number | undefined {
  const number = typeof value === "string" && NUMBER.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/**
 * Unset, when nothing went into a property that is unknown as a whole: the program said nothing, and AWS will fill
 * in its own default. What a program makes from another resource names that resource in `propertyDependencies`.
 */
export function leftToAws<T>(resource: PlanResource, property: string, reading: Reading<T>): Reading<T> {
  const silent = ownEntry(resource.properties, property) === UNKNOWN && !isMade(resource, property);
  return silent ? unset(property) : reading;
}

const isMade = ({ propertyDependencies, whyUnknown = {} }: PlanResource, property: string): boolean =>
  Object.hasOwn(propertyDependencies, property) || Object.hasOwn(whyUnknown, property);

/** Keeps a reading whose number passes; anything else becomes malformed. */
export function requireNumber(
  reading: Reading<number>,
  property: string,
  passes: (value: number) => boolean,
  expected: string,
): Reading<number> {
  if (reading.state === "malformed") return { ...reading, expected };
  return andThen(reading, (value) => (passes(value) ? reading : malformed(property, value, expected)));
}

/** A value for a message: numbers bare, other texts quoted and cut short, structures by their kind. */
function showValue(value: PropertyValue): string {
  if (value === UNKNOWN) return "unknown";
  if (typeof value === "string")
    return NUMBER.test(value.trim()) ? value.trim() : JSON.stringify(shortened(value));
  if (Array.isArray(value)) return "a list";
  if (isMap(value)) return "an object";
  return String(value);
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** What a malformed or missing value is, for a sentence: `"ten", not a whole number …`. */
export const notWhat = (reading: Malformed | Unset): string =>
  reading.state === "malformed" ? `${reading.shown}, not ${reading.expected}` : "not set";

/** A number the model cannot carry (1e300 tasks) becomes unknown. */
export function computed<T>(property: string, compute: () => Reading<T>): Reading<T> {
  return withinModel(compute, ({ message }) => unknown(property, message));
}

/** The model's answer, or the one for numbers that it refuses with a `RangeError`. */
export function withinModel<T, U>(compute: () => T, refused: (error: RangeError) => U): T | U {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) return refused(error);
    throw error;
  }
}

/** A text that AWS chooses where the program is silent. */
export const readOwnText = (resource: PlanResource, property: string): Reading<string> =>
  leftToAws(resource, property, ownText(resource, property));
