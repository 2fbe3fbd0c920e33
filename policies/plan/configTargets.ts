import { readContainers } from "./clients/containers";
import { findTaskDefinition } from "./clients/ecsServices";
import { readEnvironment } from "./clients/lambdaFunctions";
import type { PlanResource } from "./plan";
import { dependencyUrns, type PlanIndex } from "./planIndex";
import { andThen, known, readText } from "./reading";
import { resourceTypes } from "./resourceTypes";
import { namesOf } from "./tags";

import type { ConfigTarget } from "./types";

/** Every service and function of a plan, by the names that the policy configuration may use. */
export function namedPlaces(index: PlanIndex): readonly ConfigTarget[] {
  const place = (resource: PlanResource, containers: ConfigTarget["containers"]): ConfigTarget => ({
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
