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

/** One resource of a plan, as Pulumi's stack analysis sees it: the planned outputs, secrets unwrapped. */
export interface PlanResource {
  readonly urn: string;
  /** Pulumi type token, such as `aws:rds/instance:Instance`. */
  readonly type: string;
  /** The token that the program wrote, where that is another provider's (see `dialects.ts`). */
  readonly givenType?: string;
  /** Logical name: the last part of the URN. */
  readonly name: string;
  readonly properties: PropertyMap;
  /**
   * For each property, the URNs of the resources its value was made from. They link resources while the value
   * itself is unknown. A property that is named here and absent above is unknown, not unset.
   */
  readonly propertyDependencies: { readonly [property: string]: readonly string[] };
  /** Why a property is unknown, by property, where it is not the preview that hides it. */
  readonly whyUnknown?: { readonly [property: string]: string };
  /**
   * Properties that hold text of which only a part is known, with a wire marker in place of the rest. `check`, which runs the
   * program, has them; never for messages.
   */
  readonly partlyKnown?: PropertyMap;
  /**
   * Properties that hold a secret, as far as the source of the plan tells: what hides one may be more than the resources
   * that it was made from. The engine hands secrets to a pack unmarked.
   */
  readonly secretProperties?: readonly string[];
  /** URNs of every resource this one depends on, whatever the property. */
  readonly dependencies: readonly string[];
  readonly parent: string | undefined;
  /** Whether a provider manages it, where that is known; a component only groups others. */
  readonly isCustom?: boolean | undefined;
}

/** Everything a deployment would hold once it is done: what the rules judge. */
export interface Plan {
  readonly resources: readonly PlanResource[];
}

/**
 * Names whatever property it is asked for: a property that is named here and absent from the properties reads as
 * unknown (see `PlanResource`), so of a resource with these no rule takes anything for unset.
 */
export const EVERY_PROPERTY: PlanResource["propertyDependencies"] = new Proxy(
  {},
  {
    get: () => [],
    has: () => true,
    getOwnPropertyDescriptor: () => ({ value: [], enumerable: true, configurable: true }),
  },
);
