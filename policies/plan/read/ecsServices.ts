import type { PoolOverride } from "../declarations";
import type { PlanResource } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { andThen, known, malformed, ownText, type Reading, readText, unknown, unset } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { ClientReading } from "../stackReading";
import { type ClientContext, readClients } from "./clients";
import { type Container, readContainers } from "./containers";
import { leadsToDatabase, usesNoDatabase } from "./databaseLinks";
import { declaresDemand, namesOf } from "./demand";
import { readTasks } from "./ecsTasks";
import { inFrontOf, readDeregistrationDelay, readIdleSeconds } from "./loadBalancers";
import { setsAPool } from "./pools";
import { readStopTimeout } from "./stopTimeout";

/** A service's pools, or why it is not taken as a client. */
export type ServiceReading = { readonly clients: readonly ClientReading[] } | { readonly unexamined: string };

/**
 * Reads one ECS service as a database client: every container that sets a pool setting, or whose own secrets lead
 * to a database, holds pools. A service that declares demand, whose containers draw on a database or whose pools the
 * policy configuration describes, is a client even when no pool is recognised; the rules then say what could not be
 * seen.
 */
export function readService(service: PlanResource, context: ClientContext): ServiceReading {
  const { index, databases } = context;
  const tag = readText(service, "tags", "poolproof:database");
  if (usesNoDatabase(tag)) return { unexamined: "its tag `poolproof:database` says that it uses none" };
  const taskDefinition = findTaskDefinition(service, index);
  const definition = taskDefinition.state === "known" ? taskDefinition.value : undefined;
  const containers = andThen(taskDefinition, readContainers);
  const made = dependencyUrns(definition, "containerDefinitions");
  const names = namesOf(service);
  const overrides = context.pools(names);
  const base = {
    kind: "ecs-service" as const,
    resource: service,
    taskDefinition: definition?.name,
    tasks: readTasks(service, index),
    inFront: inFrontOf(service, index),
    loadBalancerIdleSeconds: readIdleSeconds(service, index),
    deregistrationDelaySeconds: readDeregistrationDelay(service, index),
  };
  const clients = (container: Reading<Container>): readonly ClientReading[] =>
    readClients(container, { tag, made, overrides, names, property: "containerDefinitions" }, context, {
      ...base,
      stopTimeoutSeconds: readStopTimeout(
        container,
        service,
        definition,
        givenStopTimeout(container, overrides),
      ),
    });

  const declares = declaresDemand(service) || overrides.length > 0 || context.demand(names) !== undefined;
  if (containers.state !== "known") {
    const linked = leadsToDatabase({ tag, made, container: undefined }, index);
    if (declares || linked || databases.all.length > 0) return { clients: clients(containers) };
    return { unexamined: "its containers cannot be read, and the stack has no database" };
  }
  const leads = (container: Container, from: readonly string[]): boolean =>
    leadsToDatabase({ tag, made: from, container }, index);
  // What the whole definition was made from says nothing about one container; a container's own secrets do.
  const holders = containers.value.filter(
    (container) =>
      setsAPool(container) ||
      leads(container, []) ||
      overrides.some((override) => override.container === container.name),
  );
  if (holders.length > 0) return { clients: holders.flatMap((holder) => clients(known(holder))) };
  const [first] = containers.value;
  if (first && (declares || leads(first, made))) return { clients: clients(known(first)) };
  return { unexamined: "no pool setting and no link to a database was found in its containers" };
}

/** Several pools of one container stop together: the first entry that says how long counts. */
function givenStopTimeout(
  container: Reading<Container>,
  overrides: readonly PoolOverride[],
): number | undefined {
  return overrides.find(
    ({ stopTimeoutSeconds, container: named }) =>
      stopTimeoutSeconds !== undefined &&
      (named === undefined || container.state !== "known" || container.value.name === named),
  )?.stopTimeoutSeconds;
}

/** The service's task definition: by dependency, else by the family in a known name or ARN. */
export function findTaskDefinition(service: PlanResource, index: PlanIndex): Reading<PlanResource> {
  const [made, ...others] = index.dependenciesOf(service, "taskDefinition", resourceTypes.ecsTaskDefinition);
  if (made && others.length === 0) return known(made);
  const reference = ownText(service, "taskDefinition");
  if (reference.state === "known") {
    const family = (reference.value.split("/").pop() ?? "").replace(/:\d+$/, "");
    const [found] = index.named(resourceTypes.ecsTaskDefinition, "family", family);
    return found
      ? known(found)
      : unknown("taskDefinition", `task definition ${family} is not part of this stack`);
  }
  if (reference.state === "unset") return unset("taskDefinition");
  return reference.state === "malformed" ? malformed("taskDefinition", null, "a task definition") : reference;
}
