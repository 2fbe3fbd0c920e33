import type { Plan, PlanResource } from "../../../policies/plan/plan";
import { UNKNOWN } from "../../../policies/plan/property";
import { ownEntry } from "../../../policies/plan/reading";
import type { ExpectedAlarm } from "./expected";

const METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

/** Properties of an alarm that decide when it goes off, as Pulumi and CloudWatch's API call them. */
const SETTINGS: readonly (readonly [planned: string, live: string])[] = [
  ["threshold", "Threshold"],
  ["comparisonOperator", "ComparisonOperator"],
  ["evaluationPeriods", "EvaluationPeriods"],
  ["datapointsToAlarm", "DatapointsToAlarm"],
  ["treatMissingData", "TreatMissingData"],
  ["metricName", "MetricName"],
  ["namespace", "Namespace"],
  ["period", "Period"],
  ["statistic", "Statistic"],
  ["extendedStatistic", "ExtendedStatistic"],
  ["alarmRule", "AlarmRule"],
];

/** The alarms that a plan declares, metric and composite ones. */
export function expectedAlarms({ resources }: Plan): readonly ExpectedAlarm[] {
  return resources.flatMap((resource): ExpectedAlarm[] => {
    if (resource.type !== METRIC_ALARM && resource.type !== COMPOSITE_ALARM) return [];
    const kind = resource.type === METRIC_ALARM ? "metric" : "composite";
    const name = ownEntry(resource.properties, kind === "metric" ? "name" : "alarmName");
    if (typeof name !== "string") return [];
    return [
      {
        name,
        kind,
        tellsSomebody: tellsSomebody(resource),
        actionsEnabled: ownEntry(resource.properties, "actionsEnabled") !== false,
        runbook: runbookIn(ownEntry(resource.properties, "alarmDescription")),
        settings: settingsOf(resource),
      },
    ];
  });
}

/** A topic's ARN is unknown before it exists: an action that the preview hides is an action. */
function tellsSomebody({ properties, propertyDependencies }: PlanResource): boolean {
  const actions = ownEntry(properties, "alarmActions");
  if (Array.isArray(actions)) return actions.length > 0;
  return actions === UNKNOWN && Object.hasOwn(propertyDependencies, "alarmActions");
}

function settingsOf({ properties }: PlanResource): ExpectedAlarm["settings"] {
  return Object.fromEntries(
    SETTINGS.flatMap(([planned, live]) => {
      const value = ownEntry(properties, planned);
      return typeof value === "string" || typeof value === "number" ? [[live, value]] : [];
    }),
  );
}

function runbookIn(description: unknown): string | undefined {
  return typeof description === "string" ? /docs\/[\w./-]+\.md/.exec(description)?.[0] : undefined;
}
