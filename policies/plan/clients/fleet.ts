import type { PlanResource, PropertyMap, PropertyValue } from "../plan";
import { UNKNOWN } from "../plan";
import {
  isMap,
  known,
  ownEntry,
  type Reading,
  requireNumber,
  type Unknown,
  unknown,
  unset,
} from "../reading";
import type { TaskReading } from "../types";
import type { Container } from "./containers";

/** Containers that something other than ECS and Lambda keeps running, and how many of them. */
export interface Workload {
  readonly kind: "app-runner" | "beanstalk" | "kubernetes";
  readonly resource: PlanResource;
  /** Property that holds the environment. */
  readonly property: string;
  readonly containers: readonly Container[];
  /** Why some of its containers or their variables are not known; undefined where all of them are. */
  readonly hidden: Unknown | undefined;
  /** URNs of what its settings were made from. */
  readonly made: readonly string[];
  readonly tasks: TaskReading;
}

export const mapIn = (value: PropertyValue | undefined, ...path: readonly string[]): PropertyMap => {
  let at: PropertyValue | undefined = value;
  for (const key of path) {
    if (Array.isArray(at)) at = at[0] as PropertyValue;
    at = isMap(at) ? ownEntry(at, key) : undefined;
  }
  if (Array.isArray(at)) at = at[0] as PropertyValue;
  return isMap(at) ? at : {};
};

export const listIn = (value: PropertyMap, key: string): readonly PropertyMap[] => {
  const list = ownEntry(value, key);
  return Array.isArray(list) ? (list as readonly PropertyValue[]).filter(isMap) : [];
};

/** Whether a list is hidden, or one of its entries, or one of these fields of an entry. */
export const hides = (list: PropertyValue | undefined, ...fields: readonly string[]): boolean => {
  const entries: readonly PropertyValue[] = Array.isArray(list) ? list : [list ?? null];
  return entries.some(
    (each) => each === UNKNOWN || (isMap(each) && fields.some((field) => ownEntry(each, field) === UNKNOWN)),
  );
};

/** What to do about containers or variables of which the preview shows too little. */
export const hiddenIn = (property: string, isHidden: boolean): Unknown | undefined =>
  isHidden
    ? {
        ...unknown(property, `\`${property}\` hides variables of a container until the deployment`),
        fix: "Give the names and numbers of its variables as plain values, or give the settings as `values` under `pools` in the policy configuration",
      }
    : undefined;

export const counted = (reading: Reading<number>, property: string, least: number): Reading<number> =>
  requireNumber(
    reading,
    property,
    (n) => Number.isSafeInteger(n) && n >= least,
    `a whole number from ${least} up`,
  );

export const fleet = (
  min: Reading<number>,
  max: Reading<number>,
  more: Partial<TaskReading> = {},
): TaskReading => ({
  minCapacity: min,
  maxCapacity: max,
  sustainedCapacity: max,
  maximumPercent: known(100),
  minimumHealthyPercent: known(100),
  keepsBothRevisions: known(false),
  zones: unset("subnets"),
  ...more,
});

/** As a percentage, a hair to the side that the model rounds away from. */
export const share = (of: number | undefined, more: number, hair: number): Reading<number> =>
  of === undefined || of === 0 || more === 0
    ? known(100)
    : known(Math.max(0, (100 * (of + more)) / of + hair * 100));
