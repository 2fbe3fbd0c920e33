import type { PlanResource } from "../../plan";
import { type PropertyValue, UNKNOWN } from "../../property";
import {
  andThen,
  known,
  leftToAws,
  malformed,
  ownText,
  type Reading,
  readProperty,
  unknown,
} from "../../reading";

/** The logical name of a resource, and those of its properties that are known texts. */
export function namesOf(resource: PlanResource, ...properties: readonly string[]): string[] {
  const texts = properties.map((property) => ownText(resource, property));
  return [resource.name, ...texts.flatMap((text) => (text.state === "known" ? [text.value] : []))];
}

/** A text that AWS chooses where the program is silent. */
export const readOwnText = (resource: PlanResource, property: string): Reading<string> =>
  leftToAws(resource, property, ownText(resource, property));

/** The engine as RDS names it, in lower case: RDS takes it in any, and the provider lowers it. */
export const readEngine = (resource: PlanResource): Reading<string> =>
  andThen(readOwnText(resource, "engine"), (engine) => known(engine.toLowerCase()));

/** Whether clients may log in with IAM tokens; off when nobody says so. */
export function readIamAuthentication(resource: PlanResource): Reading<boolean> {
  const property = "iamDatabaseAuthenticationEnabled";
  const value = leftToAws(resource, property, readProperty(resource, property));
  if (value.state === "unset") return known(false, "RDS's default");
  if (value.state !== "known") return value;
  const flag = FLAGS.get(value.value);
  return flag === undefined ? malformed(property, value.value, "true or false") : known(flag);
}

const FLAGS: ReadonlyMap<PropertyValue, boolean> = new Map<PropertyValue, boolean>([
  [true, true],
  [false, false],
  ["true", true],
  ["false", false],
]);

/** The logs a database sends to CloudWatch. */
export function readLogExports(resource: PlanResource): Reading<readonly string[]> {
  const property = "enabledCloudwatchLogsExports";
  const list = leftToAws(resource, property, readProperty(resource, property));
  if (list.state === "unset") return known([], "RDS's default");
  if (list.state !== "known") return list;
  if (!Array.isArray(list.value)) return malformed(property, list.value, "a list of log types");
  const items = list.value as readonly PropertyValue[];
  if (items.includes(UNKNOWN)) return unknown(property);
  return known(items.flatMap((item) => (typeof item === "string" ? [item] : [])));
}
