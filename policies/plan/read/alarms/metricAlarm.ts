import type { AlarmSignal, MetricAlarmReading, MetricReading, QueryReading } from "../../alarmReading";
import type { PlanResource } from "../../plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../plan";
import type { PlanIndex } from "../../planIndex";
import {
  andThen,
  isMap,
  known,
  malformed,
  ownText,
  type Reading,
  readNumber,
  readProperty,
  unknown,
  unset,
} from "../../reading";
import { ownNumber, readCommon, readFlag } from "./alarmProperties";
import { readDimensions } from "./dimensions";

/** Reads one `aws.cloudwatch.MetricAlarm`: a single metric, or metric math over several. */
export function readMetricAlarm(alarm: PlanResource, index: PlanIndex): MetricAlarmReading {
  return {
    kind: "metric",
    ...readCommon(alarm, "name", index),
    signal: readSignal(alarm, index),
    comparison: ownText(alarm, "comparisonOperator"),
    threshold: readNumber(alarm, "threshold"),
    thresholdMetricId: ownText(alarm, "thresholdMetricId"),
    evaluationPeriods: ownNumber(alarm, "evaluationPeriods"),
    datapointsToAlarm: ownNumber(alarm, "datapointsToAlarm"),
    treatMissingData: ownText(alarm, "treatMissingData"),
  };
}

const QUERIES = "metricQueries";

function readSignal(alarm: PlanResource, index: PlanIndex): Reading<AlarmSignal> {
  const queries = readProperty(alarm, QUERIES);
  const name = ownText(alarm, "metricName");
  if (queries.state === "unset" || isEmptyList(queries)) {
    if (name.state === "unset" && ownText(alarm, "namespace").state === "unset") return unset("metricName");
    return known({ kind: "metric", metric: ownMetric(alarm, name, index) });
  }
  if (name.state !== "unset") {
    return malformed(QUERIES, null, "omitted if `metricName` is set: CloudWatch accepts only one of the two");
  }
  return andThen(queries, (value) => {
    const items: readonly PropertyValue[] = Array.isArray(value) ? value : [value];
    if (items.includes(UNKNOWN)) return unknown(QUERIES);
    const maps = items.filter((item): item is PropertyMap => isMap(item));
    if (maps.length < items.length) return malformed(QUERIES, value, "a list of queries");
    return known({ kind: "math", queries: maps.map((item) => readQuery(alarm, item, index)) });
  });
}

const isEmptyList = (reading: Reading<PropertyValue>): boolean =>
  reading.state === "known" && Array.isArray(reading.value) && reading.value.length === 0;

function ownMetric(alarm: PlanResource, name: Reading<string>, index: PlanIndex): MetricReading {
  const plain = ownText(alarm, "statistic");
  const extended = ownText(alarm, "extendedStatistic");
  return {
    property: "metricName",
    namespace: ownText(alarm, "namespace"),
    name,
    statistic: plain.state === "unset" ? extended : plain,
    hasTwoStatistics: plain.state !== "unset" && extended.state !== "unset",
    periodSeconds: ownNumber(alarm, "period"),
    dimensions: readDimensions(alarm, readProperty(alarm, "dimensions"), "dimensions", index),
  };
}

function readQuery(alarm: PlanResource, query: PropertyMap, index: PlanIndex): QueryReading {
  // A query is read like a resource of its own: what it hides is hidden by the list that it stands in.
  const own: PlanResource = { ...alarm, properties: query, propertyDependencies: {} };
  const metric = readProperty(own, "metric");
  return {
    id: ownText(own, "id"),
    expression: ownText(own, "expression"),
    returnData: readFlag(own, "returnData", false),
    metric:
      metric.state === "unset"
        ? undefined
        : {
            property: QUERIES,
            namespace: ownText(own, "metric", "namespace"),
            name: ownText(own, "metric", "metricName"),
            statistic: ownText(own, "metric", "stat"),
            hasTwoStatistics: false,
            periodSeconds: ownNumber(own, "metric", "period"),
            dimensions: readDimensions(alarm, readProperty(own, "metric", "dimensions"), QUERIES, index),
          },
  };
}
