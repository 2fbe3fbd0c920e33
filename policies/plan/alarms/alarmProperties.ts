import { type PlanResource, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import {
  andThen,
  known,
  malformed,
  ownText,
  type Reading,
  readNumber,
  readProperty,
  readText,
  unknown,
  unset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { AlarmAction, AlarmReading } from "./alarmReading";

type Common = Omit<
  Extract<AlarmReading, { readonly kind: "composite" }>,
  "kind" | "rule" | "children" | "suppressor"
>;

/** What a metric alarm and a composite have in common. */
export function readCommon(alarm: PlanResource, nameProperty: string, index: PlanIndex): Common {
  return {
    resource: alarm,
    name: readText(alarm, nameProperty),
    description: ownText(alarm, "alarmDescription"),
    actionsEnabled: readFlag(alarm, "actionsEnabled", true),
    alarmActions: readActions(alarm, "alarmActions", index),
    okActions: readActions(alarm, "okActions", index),
    insufficientDataActions: readActions(alarm, "insufficientDataActions", index),
  };
}

/** A number; the provider writes 0 into a stack's state for one that is not set, and takes 0 for nothing. */
export function ownNumber(resource: PlanResource, ...path: readonly string[]): Reading<number> {
  const reading = readNumber(resource, ...path);
  return reading.state === "known" && reading.value === 0 ? unset(path.join(".")) : reading;
}

export function readFlag(resource: PlanResource, property: string, fallback: boolean): Reading<boolean> {
  const reading = readProperty(resource, property);
  if (reading.state === "unset") return known(fallback, "CloudWatch's default");
  return andThen(reading, (value) => {
    if (value === true || value === "true") return known(true);
    return value === false || value === "false" ? known(false) : malformed(property, value, "true or false");
  });
}

/**
 * What an alarm tells in one of its states. An entry that is made from another resource is one although its ARN is not
 * known yet, and so is a list that is made from a topic as a whole.
 */
function readActions(
  alarm: PlanResource,
  property: string,
  index: PlanIndex,
): Reading<readonly AlarmAction[]> {
  const reading = readProperty(alarm, property);
  if (reading.state === "unset") return known([]);
  if (reading.state === "unknown") {
    const isTopic = index.dependenciesOf(alarm, property, resourceTypes.snsTopic).length > 0;
    return isTopic ? known([unknown(property)]) : reading;
  }
  return andThen(reading, (value) => {
    if (!Array.isArray(value)) return malformed(property, value, "a list of ARNs");
    const isMade = dependencyUrns(alarm, property).length > 0;
    const items = value as readonly PropertyValue[];
    if (items.includes(UNKNOWN) && !isMade) return unknown(property);
    return known(items.map((item) => action(item, property)));
  });
}

function action(item: PropertyValue, property: string): AlarmAction {
  if (item === UNKNOWN) return unknown(property);
  return typeof item === "string"
    ? known(item)
    : malformed(property, item, "the ARN of a notification target");
}
