import { alarmName, referencesIn } from "../../model/cloudwatch/compositeRule";
import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import {
  andThen,
  isKnown,
  isMap,
  known,
  knownValue,
  malformed,
  ownEntry,
  ownText,
  type Reading,
  readNumber,
  readProperty,
  readText,
  unknown,
  unset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import { ownNumber, readCommon, readFlag } from "./alarmProperties";
import type {
  AlarmListener,
  AlarmReading,
  AlarmReference,
  AlarmSignal,
  CompositeAlarmReading,
  DimensionReading,
  MetricAlarmReading,
  MetricReading,
  NamedResource,
  QueryReading,
} from "./alarmReading";

/** Every CloudWatch alarm of a plan, whatever it watches. */
export function readAlarms(index: PlanIndex): readonly AlarmReading[] {
  return [
    ...index.ofType(resourceTypes.metricAlarm).map((alarm) => readMetricAlarm(alarm, index)),
    ...index.ofType(resourceTypes.compositeAlarm).map((alarm) => readCompositeAlarm(alarm, index)),
  ];
}

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

interface Place {
  readonly types: ReadonlySet<string>;
  /** The property whose value the dimension has. */
  readonly property: string;
}

/**
 * Dimensions whose value names a resource, and where the resource holds that name (AWS: the pages on CloudWatch metrics
 * of Amazon RDS, RDS Proxy, Elastic Load Balancing and Amazon ECS). A load balancer and a target group go by the last
 * part of their ARN, `app/NAME/…` and `targetgroup/NAME/…`, which only the deployment knows.
 */
const PLACES: { readonly [dimension: string]: readonly Place[] } = {
  DBInstanceIdentifier: [
    { types: resourceTypes.rdsInstance, property: "identifier" },
    { types: resourceTypes.rdsClusterInstance, property: "identifier" },
  ],
  DBClusterIdentifier: [{ types: resourceTypes.rdsCluster, property: "clusterIdentifier" }],
  ProxyName: [{ types: resourceTypes.rdsProxy, property: "name" }],
  LoadBalancer: [{ types: resourceTypes.loadBalancer, property: "arnSuffix" }],
  TargetGroup: [{ types: resourceTypes.targetGroup, property: "arnSuffix" }],
  ServiceName: [{ types: resourceTypes.ecsService, property: "name" }],
  ClusterName: [{ types: resourceTypes.ecsCluster, property: "name" }],
};

/**
 * The dimensions of a metric, each with the resource that its value names. The value of a resource that does not exist
 * yet is unknown: then what `property` was made from tells which it is, where only one of the right type is among it.
 */
export function readDimensions(
  alarm: PlanResource,
  map: Reading<PropertyValue>,
  property: string,
  index: PlanIndex,
): Reading<readonly DimensionReading[]> {
  if (map.state === "unset") return known([]);
  return andThen(map, (value) => {
    if (!isMap(value)) return malformed("dimensions", value, "an object of names and values");
    return known(
      Object.entries(value).map(([name, given]) => ({
        name,
        value: textOf(given, name),
        of: namedBy(alarm, name, given, property, index),
      })),
    );
  });
}

function textOf(value: PropertyValue, name: string): Reading<string> {
  const property = `dimensions.${name}`;
  if (value === UNKNOWN) return unknown(property);
  return typeof value === "string" ? known(value) : malformed(property, value, "text");
}

function namedBy(
  alarm: PlanResource,
  dimension: string,
  value: PropertyValue,
  property: string,
  index: PlanIndex,
): NamedResource {
  const places = Object.hasOwn(PLACES, dimension) ? PLACES[dimension] : undefined;
  if (places === undefined) return { state: "none" };
  const made = places.flatMap(({ types }) => index.dependenciesOf(alarm, property, types));
  if (typeof value === "string") {
    const named = places.flatMap((place) => index.named(place.types, place.property, value));
    const [first] = named;
    if (first) return { state: "found", resource: first };
    const [only, ...others] = made;
    // At a deployment's end a name is known that its resource may hold under another property.
    if (only && others.length === 0 && !areAllNamed(places, index)) return { state: "found", resource: only };
    return { state: "other", value, isCertain: areAllNamed(places, index) };
  }
  const [only, ...others] = made;
  if (only === undefined) {
    return {
      state: "hidden",
      reason: `the resource that the dimension \`${dimension}\` refers to is not in this stack`,
    };
  }
  if (others.length > 0) {
    const names = made.map(({ name }) => name).join(", ");
    return { state: "hidden", reason: `the dimension \`${dimension}\` may be that of ${names}` };
  }
  return { state: "found", resource: only };
}

/** Whether every resource that the value may name has its name in the plan, so that no match means: none of them. */
const areAllNamed = (places: readonly Place[], index: PlanIndex): boolean =>
  places.every(({ types, property }) =>
    index.ofType(types).every((resource) => isKnown(ownText(resource, property))),
  );

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

/** What EventBridge calls a change of an alarm's state (CloudWatch User Guide, "Alarm events and EventBridge"). */
const CHANGE = "CloudWatch Alarm State Change";

/** EventBridge rules that pass on an alarm's change of state: alarms need no action of their own then. */
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
    names: filters.flatMap((each) => (typeof each === "string" ? [nameInArn(each)] : [])),
    prefixes: filters.flatMap((each) => {
      const prefix = isMap(each) ? ownEntry(each, "prefix") : undefined;
      return typeof prefix === "string" ? [nameInArn(prefix)] : [];
    }),
    urns: [],
  };
}

const isOff = (rule: PlanResource): boolean =>
  knownValue(readText(rule, "state")) === "DISABLED" || knownValue(readProperty(rule, "isEnabled")) === false;

/** The name in an alarm's ARN; a name is itself. */
const nameInArn = (text: string): string =>
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
