import type { PropertyMap } from "../plan";
import type { NameRule } from "./nameRules";

/** What a schema default can be: plain data, as it would stand in JSON. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** How a name is made in Check when the program gives none. */
export interface AutoName {
  readonly property: string;
  /** Stands between the logical name and the seven random hexadecimal digits. */
  readonly separator: "-" | "";
  /** Characters, the random digits included. A longer name is refused by Check, never cut short. */
  readonly maxLength: number;
  /** AWS stores the name in lower case, so the provider does too. */
  readonly lowercase?: boolean;
  /** Put before the name, as `alias/` is for a KMS alias. Not counted in `maxLength`. */
  readonly prefix?: string;
  /** What the name must look like, whether given or generated. */
  readonly rule?: NameRule;
  /** No name is made while this property is set (`namePrefix`): AWS makes it then. */
  readonly unless?: string;
}

/**
 * What the AWS provider does with one resource type before anything exists: the part of its schema that
 * decides which values a preview knows.
 *
 * A path in the nested tables names an object inside a property, `defaultActions.redirect`; lists are walked
 * through, so it holds for each element.
 */
export interface ResourceSemantics {
  /** Check fails when one of these is missing. */
  readonly required: readonly string[];
  /** Inputs that must be numbers (or text that reads as one), as far as a mistake there is likely. */
  readonly numbers?: readonly string[];
  readonly autoName?: AutoName;
  /** Inputs that may be given as an object and become JSON text in Check. */
  readonly documents?: readonly string[];
  /** Schema defaults that Check fills in where the program is silent. */
  readonly defaults?: { readonly [property: string]: JsonValue };
  /** Defaults inside objects, filled in only where the object itself is given. */
  readonly nestedDefaults?: { readonly [path: string]: { readonly [property: string]: JsonValue } };
  /** Defaults that Check leaves out and the plan adds: they are outputs without being inputs. */
  readonly plannedDefaults?: { readonly [property: string]: JsonValue };
  /** Output only: unknown until created. */
  readonly computed: readonly string[];
  /** Optional inputs that AWS decides when they are not given: unknown until created, unless set. */
  readonly computedUnlessSet: readonly string[];
  /** The same inside objects that are given. */
  readonly nestedComputedUnlessSet?: { readonly [path: string]: readonly string[] };
}

/** The semantics of one service's resource types, by type token. */
export interface ServiceSemantics {
  readonly [type: string]: ResourceSemantics;
}

/** Settings of the provider that Check copies into every resource's inputs. */
export interface ProviderSettings {
  /** `aws:region`. */
  readonly region?: string;
  /** `tags` of `aws:defaultTags`: they reach `tagsAll`, never `tags`. */
  readonly defaultTags?: PropertyMap;
}

/** Writes a list of property names as one string, which keeps the tables on a screen. */
export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
