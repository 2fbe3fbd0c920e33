import { createHash } from "node:crypto";
import type { PropertyMap, PropertyValue } from "../../../policies/plan/plan";
import { ACCOUNT_ID } from "../../../policies/plan/provider";

/** Everything a model may look at when it says what AWS would have decided. */
export interface ResourceState {
  readonly type: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly region: string;
  readonly change: "create" | "update";
  /** Outputs before this change: of the same resource on update, of the one it replaces on create. */
  readonly previous: PropertyMap | undefined;
}

/**
 * How one resource type behaves once it exists. What a preview knows of it is the business of
 * `policies/plan/semantics`.
 */
export interface ResourceModel {
  /** Inputs whose change makes a new resource. `region` is one for every type that has it. */
  readonly replaceOn: readonly string[];
  /** Old and new cannot stand side by side, whatever their names. */
  readonly deleteBeforeReplace?: boolean;
  /** Outputs that are secret even if the program did not say so. */
  readonly secretOutputs?: readonly string[];
  /** The id AWS would give. `digits` are stable for this resource: the same inputs make the same id again. */
  readonly id: (inputs: PropertyMap, digits: Digits, region: string) => string;
  /** What AWS would have decided: every output-only property, and what it fills in where inputs are silent. */
  readonly outputs: (state: ResourceState) => PropertyMap;
  /** The same inside objects that are given; paths as in the semantics table. */
  readonly nestedOutputs?: { readonly [path: string]: PropertyMap };
}

/** Stable pseudo-random hexadecimal digits; the label keeps several uses of one seed apart. */
export type Digits = (label: string, length: number) => string;

export interface ServiceModels {
  readonly [type: string]: ResourceModel;
}

export function digitsOf(seed: string): Digits {
  return (label, length) => createHash("sha512").update(`${seed}\n${label}`).digest("hex").slice(0, length);
}

/** An input as text; empty when it is not given or not text. */
export function text(inputs: PropertyMap, property: string): string {
  const value = inputs[property];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** An input as a list; empty when it is not given or not a list. */
export function list(inputs: PropertyMap, property: string): readonly PropertyValue[] {
  const value = inputs[property];
  return Array.isArray(value) ? value : [];
}

/** `arn:aws:rds:eu-west-1:123456789012:db:auth`. Global services pass an empty region. */
export function arn(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:${ACCOUNT_ID}:${resource}`;
}

/** An EC2 id: the prefix, a zero and sixteen digits, as in `vpc-0fe32922af7ae59ee`. */
export function ec2Id(prefix: string, digits: string): string {
  return `${prefix}-0${digits.slice(0, 16)}`;
}

/** Digits in the form of a UUID. */
export function uuid(digits: string): string {
  const hex = digits.padEnd(32, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

/** Digits as upper-case letters and numbers, for ids such as `AROA…` and `db-…`. */
export function upperAlphanumeric(digits: string): string {
  return digits.toUpperCase();
}

/** The part after the last slash or colon: a name out of an ARN, or the name itself. */
export function lastPart(nameOrArn: string): string {
  return nameOrArn.split(/[/:]/).at(-1) ?? nameOrArn;
}
