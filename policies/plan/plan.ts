import type { PropertyMap } from "./property";

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
