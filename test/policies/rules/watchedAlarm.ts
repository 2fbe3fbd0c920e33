import type { PropertyMap, PropertyValue } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { alarmShape } from "../../../policies/rules/alarmShape";
import { alarmUrn, metricAlarm, topic } from "../sampleAlarms";
import { type Sample, urn } from "../samplePlan";
import { findingsOf } from "./findings";

export const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");
export const TARGETS = urn("aws:lb/targetGroup:TargetGroup", "api-tg");
/** What comes of a metric that does not exist. */
export const QUIET =
  "CloudWatch takes it for a metric of its own that nobody publishes, so it is quiet for good";

export const NOTHING = { violations: [], undecided: [] };

/** What alarm-shape finds where an alarm is the only one. */
export const shape = (
  alarm: Sample["alarms"][number],
  changes: Partial<Sample> = {},
  settings: Partial<Settings> = {},
) => findingsOf(alarmShape, { ...changes, alarms: [topic(), alarm] }, settings);

/** An alarm on a metric under some dimensions, which are made from these resources. */
export const watching = (
  namespace: string,
  metricName: string,
  dimensions: PropertyValue | undefined,
  made: readonly string[] = [],
  statistic = "Average",
) => metricAlarm("watch", { namespace, metricName, statistic, period: 60, dimensions }, { dimensions: made });
/** On a database or a proxy. */
export const rds = (dimensions: PropertyValue | undefined, ...made: readonly string[]) =>
  watching("AWS/RDS", "DatabaseConnections", dimensions, made);
/** On a target group. */
export const targets = (dimensions: PropertyMap, ...made: readonly string[]) =>
  watching("AWS/ApplicationELB", "UnHealthyHostCount", dimensions, made);
/** On the requests of the sample's load balancer. */
export const requests = (metricName: string, dimensions: PropertyMap) =>
  watching("AWS/ApplicationELB", metricName, dimensions, [BALANCER, TARGETS], "Sum");

/** The finding of an alarm named `watch`. */
export const finding = (
  text: string,
  fix: string,
  observed: number | string,
  unit: string | null = null,
) => ({
  violations: [
    { resource: alarmUrn("watch"), text: `Alarm watch watches ${text}`, fix, observed, allowed: null, unit },
  ],
  undecided: [],
});
/** What alarm `watch` keeps from being decided. */
export const undecided = (property: string, reason: string, more: object = {}) => ({
  violations: [],
  undecided: [{ resource: alarmUrn("watch"), property, reason, ...more }],
});
