import { type PropertyMap, type PropertyValue, UNKNOWN, UNKNOWN_WIRE_MARKERS } from "./plan";
import { isMap } from "./reading";

/** Keys and signatures of Pulumi's wire format (sdk/nodejs, `runtime/rpc.ts`). */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";
/** Stands for an unknown text. */
export const STRING_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Stands for a secret, whatever its type: `pulumi policy analyze` puts it where it cannot decrypt one, a plan file for each. */
export const REDACTED = "[secret]";

/** Deeper than any resource schema nests; a cycle ends here. */
const MAX_DEPTH = 64;

/**
 * A property value as Pulumi hands it over (unknown markers, secret and output envelopes) as a plan's value.
 * Never throws: what is not JSON becomes unknown, what is a function or `undefined` is left out.
 *
 * Read through property descriptors, because the policy SDK wraps properties in a proxy whose getter throws at the
 * first unknown; a descriptor hands out the raw value.
 */
export function fromWire(value: unknown, depth = 0): PropertyValue | undefined {
  switch (typeof value) {
    case "string":
      // A text that has the marker inside was put together from an unknown.
      if (UNKNOWN_WIRE_MARKERS.has(value) || value.includes(STRING_MARKER)) return UNKNOWN;
      return value === REDACTED ? UNKNOWN : value;
    case "number":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : depth > MAX_DEPTH ? UNKNOWN : fromObject(value, depth);
    default:
      return undefined;
  }
}

function fromObject(value: object, depth: number): PropertyValue | undefined {
  if (Array.isArray(value)) {
    return ownValues(value).map(([, item]) => fromWire(item, depth + 1) ?? null);
  }
  const signature = raw(value, SIGNATURE_KEY);
  if (signature === SECRET_SIGNATURE) {
    // A state file holds `ciphertext` in place of `value`: not readable here.
    return Object.hasOwn(value, "value") ? fromWire(raw(value, "value"), depth + 1) : UNKNOWN;
  }
  if (signature === OUTPUT_SIGNATURE) {
    return Object.hasOwn(value, "value") ? fromWire(raw(value, "value"), depth + 1) : UNKNOWN;
  }
  if (signature === RESOURCE_SIGNATURE) return fromWire(raw(value, "id"), depth + 1) || UNKNOWN;
  const map: { [key: string]: PropertyValue } = Object.create(null);
  for (const [key, item] of ownValues(value)) {
    // Copied out of an unknown object: which keys it has is unknown.
    if (key.includes(STRING_MARKER)) return UNKNOWN;
    const converted = fromWire(item, depth + 1);
    if (converted !== undefined) map[key] = converted;
  }
  return map;
}

/** All properties of one resource. */
export function propertiesFromWire(value: unknown): PropertyMap {
  const converted = fromWire(value);
  return typeof converted === "object" && converted !== null && !Array.isArray(converted)
    ? (converted as PropertyMap)
    : {};
}

function ownValues(value: object): [string, unknown][] {
  return Object.keys(value).map((key) => [key, raw(value, key)]);
}

function raw(value: object, key: string): unknown {
  try {
    return Object.getOwnPropertyDescriptor(value, key)?.value;
  } catch {
    return undefined;
  }
}

type Wire = { readonly [property: string]: unknown };

/**
 * Planned outputs as the program's SDK expects them from an engine. A property that comes back as it was given is
 * sent as it was given, secret envelopes included; one that changed is secret as a whole if it held a secret.
 */
export function outputsToWire(outputs: PropertyMap, given: Wire, secretOutputs: readonly string[]): Wire {
  const plain = propertiesFromWire(given);
  const wire: { [property: string]: unknown } = {};
  for (const [property, value] of Object.entries(outputs)) {
    const input = Object.hasOwn(given, property) ? given[property] : undefined;
    const isSame =
      input !== undefined &&
      JSON.stringify(toWire(plain[property] ?? null)) === JSON.stringify(toWire(value));
    const sent = isSame ? input : toWire(value);
    const isHidden = secretOutputs.includes(property) || (!isSame && holdsSecret(input));
    wire[property] = isHidden && !isEnvelope(sent) ? secret(sent) : sent;
  }
  return wire;
}

/** A plan's value as Pulumi's wire value: unknown becomes the marker. */
export function toWire(value: PropertyValue): unknown {
  if (value === UNKNOWN) return STRING_MARKER;
  if (Array.isArray(value)) return value.map(toWire);
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toWire(item)]));
  return value;
}

const isEnvelope = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.hasOwn(value, SIGNATURE_KEY);

/** A wire value in a secret's envelope. */
export const secret = <T>(value: T): { readonly [SIGNATURE_KEY]: string; readonly value: T } => ({
  [SIGNATURE_KEY]: SECRET_SIGNATURE,
  value,
});

/** Whether a wire value is a secret's envelope. */
export const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && (value as Wire)[SIGNATURE_KEY] === SECRET_SIGNATURE;

/** True when a secret envelope is anywhere in a wire value. */
export function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(holdsSecret);
}
