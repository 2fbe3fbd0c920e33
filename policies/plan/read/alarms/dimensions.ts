import type { DimensionReading, NamedResource } from "../../alarmReading";
import type { PlanResource } from "../../plan";
import { type PropertyValue, UNKNOWN } from "../../plan";
import type { PlanIndex } from "../../planIndex";
import { andThen, isKnown, isMap, known, malformed, ownText, type Reading, unknown } from "../../reading";
import { resourceTypes } from "../../resourceTypes";

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
