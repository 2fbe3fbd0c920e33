import { propertiesFromWire, SECRET_SIGNATURE, SIGNATURE_KEY } from "../plan/fromWire";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../plan/property";
import { isMap } from "../plan/reading";

const STRING_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

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
    const isSecret = secretOutputs.includes(property) || (!isSame && holdsSecret(input));
    wire[property] =
      isSecret && !isEnvelope(sent) ? { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: sent } : sent;
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

/** True when a secret envelope is anywhere in a wire value. */
export function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ((value as Wire)[SIGNATURE_KEY] === SECRET_SIGNATURE) return true;
  return Object.values(value).some(holdsSecret);
}
