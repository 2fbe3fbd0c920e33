import { type Container, readContainers } from "./clients/containers";
import { findTaskDefinition } from "./clients/ecsServices";
import { readEnvironment } from "./clients/lambdaFunctions";
import type { PlanResource } from "./plan";
import { dependencyUrns, type PlanIndex } from "./planIndex";
import { andThen, known, type Reading, readText } from "./reading";
import { resourceTypes } from "./resourceTypes";
import { namesOf } from "./tags";

/** A service or function that an entry of the policy configuration may mean, client or not. */
export interface NamedPlace {
  readonly resource: PlanResource;
  readonly names: readonly string[];
  /** Whether its name in AWS is one that only the deployment tells. */
  readonly hasHiddenName: boolean;
  /** What holds its pools; read when it is asked for. */
  readonly containers: () => Reading<readonly Container[]>;
}

/** Every service and function of a plan, by the names that the policy configuration may use. */
export function namedPlaces(index: PlanIndex): readonly NamedPlace[] {
  const place = (resource: PlanResource, containers: NamedPlace["containers"]): NamedPlace => ({
    resource,
    names: namesOf(resource),
    hasHiddenName:
      readText(resource, "name").state === "unknown" && dependencyUrns(resource, "name").length > 0,
    containers,
  });
  return [
    ...index
      .ofType(resourceTypes.ecsService)
      .map((service) => place(service, () => andThen(findTaskDefinition(service, index), readContainers))),
    ...index
      .ofType(resourceTypes.lambdaFunction)
      .map((lambda) => place(lambda, () => andThen(readEnvironment(lambda), (of) => known([of])))),
  ];
}
