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
import { resourceTypes } from "../resourceTypes";
import type { TaskReading } from "../types";

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
    "an integer (tasks)",
  );
}

function desired(service: PlanResource): Reading<number> {
  const scheduling = readText(service, "schedulingStrategy");
  if (scheduling.state === "known" && scheduling.value === "DAEMON") {
    return unknown("schedulingStrategy", "a daemon service runs one task per container instance");
  }
  const count = tasks(service, "desiredCount");
  if (count.state !== "unset") return count;
  return unknown("desiredCount", "neither `desiredCount` nor an autoscaling target sets the number of tasks");
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

/** What scales one service: Application Auto Scaling's targets, and the actions that change their bounds on a schedule. */
interface Autoscaling {
  readonly targets: readonly PlanResource[];
  readonly scheduledActions: readonly PlanResource[];
}

/** Reads what scales a service; unknown while something may scale it that cannot be told from the plan yet. */
function readAutoscaling(service: PlanResource, index: PlanIndex): Reading<Autoscaling> {
  const targets = scalersOf(service, resourceTypes.scalingTarget, index);
  if (targets.length === 0) {
    const stray = mayBelongTo(service, resourceTypes.scalingTarget, index);
    if (stray) return mayScale(stray, "autoscaling target");
  }
  const scheduledActions = unique([
    ...scalersOf(service, resourceTypes.scheduledAction, index),
    ...targets.flatMap((target) => scheduledOn(target, index)),
  ]);
  // An action acts on a target only, so a service without one has nothing to fear from a stray action.
  const stray =
    targets.length > 0 && scheduledActions.length === 0
      ? mayBelongTo(service, resourceTypes.scheduledAction, index)
      : undefined;
  return stray ? mayScale(stray, "scheduled action") : known({ targets, scheduledActions });
}

const mayScale = ({ name }: PlanResource, kind: string) =>
  unknown("resourceId", `${kind} ${name}, whose \`resourceId\` is not known yet, may belong to it`);

/** Targets or actions of this service: by what their resource id was made from, else by the names in it. */
function scalersOf(service: PlanResource, types: ReadonlySet<string>, index: PlanIndex): PlanResource[] {
  const made = index.usersOf(service.urn, types, "resourceId");
  const named = namedFor(service, types, index).filter((scaler) => isUnclaimed(scaler, index));
  return unique([...made, ...named]);
}

function namedFor(service: PlanResource, types: ReadonlySet<string>, index: PlanIndex): PlanResource[] {
  const name = readText(service, "name");
  if (name.state !== "known") return [];
  const clusters = clusterNames(service, index);
  if (clusters) {
    return clusters.flatMap((cluster) => [
      ...index.named(types, "resourceId", `service/${cluster}/${name.value}`),
    ]);
  }
  const end = `/${name.value}`.toLowerCase();
  return index.ofType(types).filter((scaler) => {
    const id = readText(scaler, "resourceId");
    return isForEcs(scaler) && id.state === "known" && id.value.toLowerCase().endsWith(end);
  });
}

/** Names the service's cluster may go by in a resource id; `undefined` when it may be any cluster. */
function clusterNames(service: PlanResource, index: PlanIndex): string[] | undefined {
  const cluster = readText(service, "cluster");
  if (cluster.state === "known") return [cluster.value.split("/").pop() ?? ""];
  if (cluster.state === "unset") return ["default"];
  const names = index
    .dependenciesOf(service, "cluster", resourceTypes.ecsCluster)
    .map((made) => readText(made, "name"))
    .flatMap((name) => (name.state === "known" ? [name.value] : []));
  return names.length > 0 ? names : undefined;
}

function scheduledOn(target: PlanResource, index: PlanIndex): PlanResource[] {
  const made = index.usersOf(target.urn, resourceTypes.scheduledAction, "resourceId");
  const id = readText(target, "resourceId");
  const named =
    id.state === "known" ? index.named(resourceTypes.scheduledAction, "resourceId", id.value) : [];
  return [...made, ...named.filter((action) => isUnclaimed(action, index))];
}

/** The first target or action that nothing ties to a service and that the service's names cannot rule out. */
function mayBelongTo(
  service: PlanResource,
  types: ReadonlySet<string>,
  index: PlanIndex,
): PlanResource | undefined {
  const isNamed = readText(service, "name").state === "known";
  return index.ofType(types).find((scaler) => {
    if (!isForEcs(scaler) || !isUnclaimed(scaler, index)) return false;
    return !isNamed || readText(scaler, "resourceId").state === "unknown";
  });
}

/** Nothing of this plan says which service it scales: neither a service nor another service's target. */
const isUnclaimed = (scaler: PlanResource, index: PlanIndex): boolean =>
  index.dependenciesOf(scaler, "resourceId", SCALED).length === 0;

const SCALED = new Set([...resourceTypes.ecsService, ...resourceTypes.scalingTarget]);

function isForEcs(scaler: PlanResource): boolean {
  const namespace = leftToAws(scaler, "serviceNamespace", readText(scaler, "serviceNamespace"));
  return namespace.state !== "known" || namespace.value === "ecs";
}

const unique = (resources: readonly PlanResource[]): PlanResource[] => [...new Set(resources)];
