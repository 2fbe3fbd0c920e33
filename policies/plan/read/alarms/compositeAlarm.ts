import { alarmName, referencesIn } from "../../../model/cloudwatch/compositeRule";
import type { AlarmReference, CompositeAlarmReading } from "../../alarmReading";
import type { PlanResource } from "../../plan";
import type { PlanIndex } from "../../planIndex";
import { known, type Reading, readText } from "../../reading";
import { resourceTypes } from "../../resourceTypes";
import { readCommon } from "./alarmProperties";

const ALARMS = new Set([...resourceTypes.metricAlarm, ...resourceTypes.compositeAlarm]);

/** Reads one `aws.cloudwatch.CompositeAlarm` and the alarms that its rule reads. */
export function readCompositeAlarm(alarm: PlanResource, index: PlanIndex): CompositeAlarmReading {
  const rule = readText(alarm, "alarmRule");
  return {
    kind: "composite",
    ...readCommon(alarm, "alarmName", index),
    rule,
    children: childrenOf(alarm, rule, index),
    suppressor: suppressorOf(alarm, index),
  };
}

/** A rule that is made from an alarm's ARN is not known at preview; the alarms it is made from are. */
function childrenOf(
  alarm: PlanResource,
  rule: Reading<string>,
  index: PlanIndex,
): Reading<readonly AlarmReference[]> {
  if (rule.state === "known") return known(alarmsIn(rule.value));
  const made = index.dependenciesOf(alarm, "alarmRule", ALARMS);
  if (rule.state !== "unknown" || made.length === 0) return rule;
  return known(made.map(({ urn }) => ({ urn, asksForMissingData: false })));
}

/** The alarms that a composite's rule names. */
export const alarmsIn = (rule: string): AlarmReference[] =>
  referencesIn(rule).map(({ alarm, state }) => ({
    name: alarm,
    asksForMissingData: state === "INSUFFICIENT_DATA",
  }));

function suppressorOf(alarm: PlanResource, index: PlanIndex): AlarmReference | undefined {
  const name = readText(alarm, "actionsSuppressor", "alarm");
  if (name.state === "known") return { name: alarmName(name.value), asksForMissingData: false };
  const [made] = index.dependenciesOf(alarm, "actionsSuppressor", ALARMS);
  return made && { urn: made.urn, asksForMissingData: false };
}
