import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import {
  andThen,
  known,
  leftToAws,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
  unknown,
  unset,
  whenUnset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { TaskReading } from "../stackReading";

const AWS_DEFAULT = "ECS's default";

/** How many tasks a service runs: autoscaling's bounds, else the desired count, and its deployment settings. */
export function readTasks(service: PlanResource, index: PlanIndex): TaskReading {
  const targets = scalingTargets(service, index);
  const capacity = (bound: "minCapacity" | "maxCapacity", pick: (...values: number[]) => number) =>
    wholeFrom(
      targets.length > 0
        ? combine(
            targets.map((target) => readNumber(target, bound)),
            pick,
          )
        : desired(service),
      bound,
    );
  return {
    minCapacity: capacity("minCapacity", Math.min),
    maxCapacity: capacity("maxCapacity", Math.max),
    maximumPercent: percent(service, "deploymentMaximumPercent", 200),
    minimumHealthyPercent: percent(service, "deploymentMinimumHealthyPercent", 100),
    keepsBothRevisions: keepsBothRevisions(service),
    zones: zones(service),
  };
}

function percent(service: PlanResource, property: string, fallback: number): Reading<number> {
  const reading = whenUnset(readNumber(service, property), fallback, AWS_DEFAULT);
  return requireNumber(reading, property, (value) => value >= 0, "a percentage, 0 or more");
}

function wholeFrom(reading: Reading<number>, property: string): Reading<number> {
  return requireNumber(
    reading,
    property,
    (n) => Number.isSafeInteger(n) && n >= 0,
    "a whole number of tasks",
  );
}

function desired(service: PlanResource): Reading<number> {
  const scheduling = readText(service, "schedulingStrategy");
  if (scheduling.state === "known" && scheduling.value === "DAEMON") {
    return unknown("schedulingStrategy", "a daemon service runs one task per container instance");
  }
  const count = readNumber(service, "desiredCount");
  if (count.state !== "unset") return count;
  return unknown("desiredCount", "neither `desiredCount` nor an autoscaling target says how many tasks run");
}

function combine(
  readings: readonly Reading<number>[],
  pick: (...values: number[]) => number,
): Reading<number> {
  const values: number[] = [];
  for (const reading of readings) {
    if (reading.state !== "known") return reading;
    values.push(reading.value);
  }
  return known(pick(...values));
}

/** Scaling targets of this service: by what their resource id was made from, else by the names in it. */
function scalingTargets(service: PlanResource, index: PlanIndex): readonly PlanResource[] {
  const made = index.usersOf(service.urn, resourceTypes.scalingTarget, "resourceId");
  if (made.length > 0) return made;
  const name = readText(service, "name");
  if (name.state !== "known") return [];
  return clusterNames(service, index)
    .flatMap((cluster) =>
      index.named(resourceTypes.scalingTarget, "resourceId", `service/${cluster}/${name.value}`),
    )
    .filter((target) => index.dependenciesOf(target, "resourceId", resourceTypes.ecsService).length === 0);
}

/** Names the service's cluster may go by in a resource id: from a name or ARN, else from the cluster resource. */
function clusterNames(service: PlanResource, index: PlanIndex): string[] {
  const cluster = readText(service, "cluster");
  if (cluster.state === "known") return [cluster.value.split("/").pop() ?? ""];
  if (cluster.state === "unset" || !Object.hasOwn(service.propertyDependencies, "cluster"))
    return ["default"];
  return index.dependenciesOf(service, "cluster", resourceTypes.ecsCluster).flatMap((found) => {
    const name = readText(found, "name");
    return name.state === "known" ? [name.value] : [];
  });
}

/**
 * Blue/green, canary and linear deployments keep both revisions through the bake time; CodeDeploy does the same.
 * A block the program never set is unknown at preview and made from nothing: AWS then rolls.
 */
function keepsBothRevisions(service: PlanResource): Reading<boolean> {
  const controller = leftToAws(
    service,
    "deploymentController",
    readText(service, "deploymentController", "type"),
  );
  if (controller.state === "known" && controller.value === "CODE_DEPLOY") return known(true);
  if (controller.state === "known" && controller.value === "EXTERNAL") {
    return unknown("deploymentController", "an external deployment controller decides how many tasks run");
  }
  const strategy = leftToAws(
    service,
    "deploymentConfiguration",
    readText(service, "deploymentConfiguration", "strategy"),
  );
  return andThen(whenUnset(strategy, "ROLLING", AWS_DEFAULT), (value) => known(value !== "ROLLING"));
}

function zones(service: PlanResource): Reading<number> {
  return andThen(readProperty(service, "networkConfiguration", "subnets"), (subnets) =>
    Array.isArray(subnets) ? known(Math.max(1, subnets.length)) : unset("networkConfiguration.subnets"),
  );
}
