import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import {
  andThen,
  known,
  knownValue,
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
import type { TaskReading } from "../stackReading";
import { type Autoscaling, readAutoscaling } from "./autoscaling";

const AWS_DEFAULT = "ECS's default";

/** How many tasks a service runs: autoscaling's bounds, else the desired count, and its deployment settings. */
export function readTasks(service: PlanResource, index: PlanIndex): TaskReading {
  const scaling = readAutoscaling(service, index);
  return {
    minCapacity: andThen(scaling, (by) => minCapacity(service, by)),
    maxCapacity: andThen(scaling, (by) =>
      // The first deployment starts the desired count, whatever autoscaling brings it to later.
      by.targets.length > 0
        ? combine([sustainedCapacity(service, by), desiredIfKnown(service)], Math.max)
        : sustainedCapacity(service, by),
    ),
    sustainedCapacity: andThen(scaling, (by) => sustainedCapacity(service, by)),
    maximumPercent: percent(service, "deploymentMaximumPercent", 200),
    minimumHealthyPercent: percent(service, "deploymentMinimumHealthyPercent", 100),
    keepsBothRevisions: keepsBothRevisions(service),
    zones: zones(service),
  };
}

function minCapacity(service: PlanResource, { targets, scheduledActions }: Autoscaling): Reading<number> {
  const bounds = [
    ...(targets.length > 0 ? targets.map((target) => tasks(target, "minCapacity")) : [desired(service)]),
    ...scheduledActions.map((action) => scheduledBound(action, "minCapacity")),
  ];
  return combine(bounds, Math.min);
}

function sustainedCapacity(
  service: PlanResource,
  { targets, scheduledActions }: Autoscaling,
): Reading<number> {
  const bounds = [
    ...(targets.length > 0 ? targets.map((target) => tasks(target, "maxCapacity")) : [desired(service)]),
    ...scheduledActions.map((action) => scheduledBound(action, "maxCapacity")),
  ];
  return combine(bounds, Math.max);
}

/** A bound that a scheduled action sets; one that it leaves out stays as it was, and the provider takes "" for that. */
function scheduledBound(action: PlanResource, bound: "minCapacity" | "maxCapacity"): Reading<number> {
  const path = ["scalableTargetAction", bound] as const;
  const isEmpty = knownValue(readProperty(action, ...path)) === "";
  return isEmpty ? unset(path.join(".")) : tasks(action, ...path);
}

function desiredIfKnown(service: PlanResource): Reading<number> {
  const count = tasks(service, "desiredCount");
  return count.state === "unknown" ? unset("desiredCount") : count;
}

function percent(service: PlanResource, property: string, fallback: number): Reading<number> {
  const reading = whenUnset(readNumber(service, property), fallback, AWS_DEFAULT);
  return requireNumber(reading, property, (value) => value >= 0, "a percentage, 0 or more");
}

function tasks(resource: PlanResource, ...path: readonly string[]): Reading<number> {
  return requireNumber(
    readNumber(resource, ...path),
    path.join("."),
    (n) => Number.isSafeInteger(n) && n >= 0,
    "a whole number of tasks",
  );
}

function desired(service: PlanResource): Reading<number> {
  const scheduling = readText(service, "schedulingStrategy");
  if (scheduling.state === "known" && scheduling.value === "DAEMON") {
    return unknown("schedulingStrategy", "a daemon service runs one task per container instance");
  }
  const count = tasks(service, "desiredCount");
  if (count.state !== "unset") return count;
  return unknown("desiredCount", "neither `desiredCount` nor an autoscaling target says how many tasks run");
}

/** The pick of all bounds that are set; one that is hidden or wrong stands for all of them. */
function combine(
  readings: readonly Reading<number>[],
  pick: (...values: number[]) => number,
): Reading<number> {
  const values: number[] = [];
  for (const reading of readings) {
    if (reading.state === "unset") continue;
    if (reading.state !== "known") return reading;
    values.push(reading.value);
  }
  return values.length > 0 ? known(pick(...values)) : (readings[0] ?? unset("desiredCount"));
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
