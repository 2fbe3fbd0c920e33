import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
  UNKNOWN_WIRE_MARKERS,
} from "../../policies/plan/plan";
import { holdsSecret, isSecret, STRING_MARKER, secret } from "../../policies/plan/wire";

/** Properties as the engine sends them: secrets in their envelopes, unknowns as marker strings. */
export type WireMap = { readonly [property: string]: JavaScriptValue };

/** Shorter secrets, such as "1", are in half of all ARNs by accident. */
const SHORTEST_SECRET_TO_LOOK_FOR = 4;

export function wireOf(struct: Struct | undefined): WireMap {
  return struct === undefined ? {} : struct.toJavaScript();
}

export function structOf(wire: WireMap): Struct {
  return Struct.fromJavaScript({ ...wire });
}

/** The values themselves: secrets opened, markers as `UNKNOWN`. Assets and archives stay as they are. */
export function plain(wire: WireMap): PropertyMap {
  return Object.fromEntries(Object.entries(wire).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: JavaScriptValue): PropertyValue {
  if (typeof value === "string") return UNKNOWN_WIRE_MARKERS.has(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(plainValue);
  if (!isWireObject(value)) return value;
  return isSecret(value) ? plainValue(value.value ?? null) : plain(value);
}

/** Names of the properties that are secret, or hold a secret somewhere inside. */
export function secretProperties(wire: WireMap): ReadonlySet<string> {
  return new Set(
    Object.entries(wire)
      .filter(([, value]) => holdsSecret(value))
      .map(([property]) => property),
  );
}

/**
 * Values back on the wire. What was secret in the inputs is secret again at the same place, so are the properties
 * in `alwaysSecret`, and so is any text made here that quotes a secret.
 */
export function concealed(
  values: PropertyMap,
  inputs: WireMap = {},
  alwaysSecret: readonly string[] = [],
): WireMap {
  const quotable = Object.values(inputs).flatMap((value) => secretTexts(value, false));
  return Object.fromEntries(
    Object.entries(values).map(([property, value]) => {
      // All tags are the tags and more.
      const input = inputs[property] ?? (property === "tagsAll" ? inputs.tags : undefined);
      const wire = wireValue(value, input, input === undefined ? quotable : []);
      return [property, alwaysSecret.includes(property) && !isSecret(wire) ? secret(wire) : wire];
    }),
  );
}

function wireValue(
  value: PropertyValue,
  input: JavaScriptValue | undefined,
  quotable: readonly string[],
): JavaScriptValue {
  if (isWireObject(input) && isSecret(input)) return secret(wireValue(value, undefined, []));
  // The engine reads every marker alike.
  if (value === UNKNOWN) return STRING_MARKER;
  if (isList(value)) {
    const elements = Array.isArray(input) ? input : [];
    return value.map((element, index) => wireValue(element, elements[index], quotable));
  }
  if (typeof value === "object" && value !== null) {
    const inner = isWireObject(input) ? input : {};
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, wireValue(entry, inner[key], quotable)]),
    );
  }
  // A policy document that was given as an object with a secret in it is one text now.
  const wasTakenApart = input !== undefined && holdsSecret(input);
  const isQuoting = typeof value === "string" && quotable.some((text) => value.includes(text));
  return wasTakenApart || isQuoting ? secret(value) : value;
}

function secretTexts(value: JavaScriptValue, isInside: boolean): readonly string[] {
  if (typeof value === "string") {
    const isWorthIt = value.length >= SHORTEST_SECRET_TO_LOOK_FOR && !UNKNOWN_WIRE_MARKERS.has(value);
    return isInside && isWorthIt ? [value] : [];
  }
  if (Array.isArray(value)) return value.flatMap((element) => secretTexts(element, isInside));
  if (!isWireObject(value)) return [];
  if (isSecret(value)) return secretTexts(value.value ?? null, true);
  return Object.values(value).flatMap((entry) => secretTexts(entry, isInside));
}

function isWireObject(value: JavaScriptValue | undefined): value is { [key: string]: JavaScriptValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: PropertyValue): value is readonly PropertyValue[] {
  return Array.isArray(value);
}
