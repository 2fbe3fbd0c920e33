/**
 * The value of a resource property in a plan: JSON, or unknown until the deployment has run.
 *
 * Unknown is a value here and not an exception, so that a rule goes on past it and says what it could not
 * decide. The policy SDK does the opposite: it throws at the first touch and skips the rest of the policy.
 */
export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly PropertyValue[]
  | { readonly [key: string]: PropertyValue };

/** The properties of one resource, by their Pulumi (camelCase) names. */
export type PropertyMap = { readonly [property: string]: PropertyValue };

/** Marks a value that only the deployment will know: an ARN, an endpoint, an id. */
export const UNKNOWN: unique symbol = Symbol.for("poolproof.unknown");

/** Pulumi's wire marker for an unknown of any type at the top of a value (sdk/nodejs, `runtime/rpc.ts`). */
export const UNKNOWN_WIRE_MARKERS: ReadonlySet<string> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);
