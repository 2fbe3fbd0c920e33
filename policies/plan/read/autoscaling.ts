import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { known, leftToAws, type Reading, readText, unknown } from "../reading";
import { resourceTypes } from "../resourceTypes";

/** What scales one service: Application Auto Scaling's targets, and the actions that change their bounds on a schedule. */
export interface Autoscaling {
  readonly targets: readonly PlanResource[];
  readonly scheduledActions: readonly PlanResource[];
}

/** Reads what scales a service; unknown while something may scale it that cannot be told from the plan yet. */
export function readAutoscaling(service: PlanResource, index: PlanIndex): Reading<Autoscaling> {
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
