import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { knownValue, unset } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { StackReading } from "../stackReading";
import { readContainers } from "./containers";
import { ENDS, leadsToDatabase } from "./databaseLinks";
import { findTaskDefinition, setsAPool } from "./ecsServices";
import { DEFAULT_POOL_PROFILE } from "./poolProfiles";

/** Clients of a database that no ECS service stands for: nothing bounds their connections, and the report says so. */
export function readUnexamined(index: PlanIndex): StackReading["unexamined"] {
  const because = (reason: string) => (resource: PlanResource) => ({
    resource: resource.urn,
    reason,
    usesDatabase: true,
  });
  return [
    ...looseTaskDefinitions(index).map(
      because("it holds a pool or leads to a database, and no service of this stack runs it"),
    ),
    ...index
      .ofType(resourceTypes.lambdaFunction)
      .filter((lambda) => dependsOnDatabase(lambda, index))
      .map(because("it depends on a database, and Lambda functions are not judged yet")),
    ...index
      .ofType(resourceTypes.ecsTaskSet)
      .map(because("task sets are not judged yet: what their tasks connect to is not counted")),
  ];
}

function looseTaskDefinitions(index: PlanIndex): PlanResource[] {
  const run = new Set(
    index
      .ofType(resourceTypes.ecsService)
      .flatMap((service) => knownValue(findTaskDefinition(service, index)) ?? []),
  );
  return index.ofType(resourceTypes.ecsTaskDefinition).filter((definition) => {
    const isRun =
      run.has(definition) ||
      index.usersOf(definition.urn, resourceTypes.ecsService, "taskDefinition").length > 0;
    return !isRun && isClient(definition, index);
  });
}

function isClient(taskDefinition: PlanResource, index: PlanIndex): boolean {
  const source = { tag: unset("tags"), taskDefinition };
  const containers = knownValue(readContainers(taskDefinition)) ?? [];
  return (
    leadsToDatabase({ ...source, container: undefined }, index) ||
    containers.some(
      (container) =>
        setsAPool(container, DEFAULT_POOL_PROFILE) || leadsToDatabase({ ...source, container }, index),
    )
  );
}

/** Directly, or through a secret, whose value lies in its versions. */
function dependsOnDatabase(resource: PlanResource, index: PlanIndex): boolean {
  const urns = Object.values(resource.propertyDependencies).flat();
  const versions = urns.flatMap((urn) => index.usersOf(urn, resourceTypes.secretVersion, "secretId"));
  return index.reach([...urns, ...versions.map(({ urn }) => urn)], ENDS).length > 0;
}
