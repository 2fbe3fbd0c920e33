import type { Plan, PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { isMap, ownEntry } from "../../../policies/plan/reading";
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

/** What keeps a composite alarm quiet, and for how long. */
const SUPPRESSOR: typeof SETTINGS = [
  ["alarm", "ActionsSuppressor"],
  ["waitPeriod", "ActionsSuppressorWaitPeriod"],
  ["extensionPeriod", "ActionsSuppressorExtensionPeriod"],
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
  const suppressor = ownEntry(properties, "actionsSuppressor");
  const [ofSuppressor] = Array.isArray(suppressor) ? suppressor : [suppressor];
  const dimensions = ownEntry(properties, "dimensions");
  return {
    ...picked(properties, SETTINGS),
    ...(isMap(ofSuppressor) && picked(ofSuppressor, SUPPRESSOR)),
    ...(isMap(dimensions) &&
      picked(
        dimensions,
        Object.keys(dimensions).map((name) => [name, `Dimensions.${name}`]),
      )),
    ...expressionIn(ownEntry(properties, "metricQueries")),
  };
}

/** The texts and numbers of a map under their live names; what is unknown before the deployment is left out. */
function picked(
  from: PropertyMap,
  names: readonly (readonly [planned: string, live: string])[],
): ExpectedAlarm["settings"] {
  return Object.fromEntries(
    names.flatMap(([planned, live]) => {
      const value = ownEntry(from, planned);
      return typeof value === "string" || typeof value === "number" ? [[live, value]] : [];
    }),
  );
}

/** The one expression that an alarm over several metrics compares. */
function expressionIn(queries: PropertyValue | undefined): ExpectedAlarm["settings"] {
  if (!Array.isArray(queries)) return {};
  const result = queries.find((query) => isMap(query) && ownEntry(query, "returnData") === true);
  return isMap(result) ? picked(result, [["expression", "Expression"]]) : {};
}

function runbookIn(description: unknown): string | undefined {
  return typeof description === "string" ? /docs\/[\w./-]+\.md/.exec(description)?.[0] : undefined;
}
