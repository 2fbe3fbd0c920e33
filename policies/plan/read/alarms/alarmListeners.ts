import type { AlarmListener } from "../../alarmReading";
import type { PlanResource, PropertyMap, PropertyValue } from "../../plan";
import { dependencyUrns, type PlanIndex } from "../../planIndex";
import { isMap, knownValue, ownEntry, readProperty, readText } from "../../reading";
import { resourceTypes } from "../../resourceTypes";

/** What EventBridge calls a change of an alarm's state (CloudWatch User Guide, "Alarm events and EventBridge"). */
const CHANGE = "CloudWatch Alarm State Change";

/** EventBridge rules that pass on when an alarm goes off: alarms need no action of their own then. */
export function readAlarmListeners(index: PlanIndex): readonly AlarmListener[] {
  return index.ofType(resourceTypes.eventRule).flatMap((rule) => listener(rule) ?? []);
}

function listener(rule: PlanResource): AlarmListener | undefined {
  if (isOff(rule)) return undefined;
  const text = readText(rule, "eventPattern");
  // A pattern that is made from alarms is about them, whatever it says in the end.
  if (text.state === "unknown")
    return { names: [], prefixes: [], urns: dependencyUrns(rule, "eventPattern") };
  const pattern = parsed(knownValue(text) ?? "");
  if (!pattern || !listOf(pattern, "detail-type").includes(CHANGE)) return undefined;
  const detail = ownEntry(pattern, "detail");
  const own = isMap(detail) ? detail : {};
  const state = ownEntry(own, "state");
  const values = isMap(state) ? listOf(state, "value") : [];
  if (values.length > 0 && !values.includes("ALARM")) return undefined;
  const filters = [...listOf(own, "alarmName"), ...listOf(pattern, "resources")];
  if (filters.length === 0) return "everything";
  return {
    names: filters.flatMap((each) => (typeof each === "string" ? [alarmName(each)] : [])),
    prefixes: filters.flatMap((each) => {
      const prefix = isMap(each) ? ownEntry(each, "prefix") : undefined;
      return typeof prefix === "string" ? [alarmName(prefix)] : [];
    }),
    urns: [],
  };
}

const isOff = (rule: PlanResource): boolean =>
  knownValue(readText(rule, "state")) === "DISABLED" || knownValue(readProperty(rule, "isEnabled")) === false;

/** The name in an alarm's ARN; a name is itself. */
const alarmName = (text: string): string =>
  text.startsWith("arn:") ? (text.split(":alarm:")[1] ?? "") : text;

function listOf(map: PropertyMap, key: string): readonly PropertyValue[] {
  const value = ownEntry(map, key);
  return Array.isArray(value) ? (value as readonly PropertyValue[]) : [];
}

function parsed(text: string): PropertyMap | undefined {
  try {
    const value = JSON.parse(text) as PropertyValue;
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
