import type { PlanResource } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { knownValue, unset } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { OperationsReading, Unexamined } from "../stackReading";
import type { ClientContext } from "./clients";
import { readContainers } from "./containers";
import { leadsToDatabase } from "./databaseLinks";
import { findTaskDefinition } from "./ecsServices";
import { OPERATIONS_TAG, readOperations } from "./operations";
import { otherClients } from "./otherClients";
import { setsAPool } from "./pools";
import { scheduledTasks } from "./scheduledTasks";

/**
 * Clients of a database whose pools no plan shows: nothing bounds their connections until the policy configuration
 * describes them under `clients`, and the report says so.
 */
export function readUnexamined(context: Pick<ClientContext, "databases" | "index">): readonly Unexamined[] {
  const { index } = context;
  const uses = (resource: PlanResource, reason: string): Unexamined => ({
    resource: resource.urn,
    reason,
    usesDatabase: true,
  });
  const scheduled = scheduledTasks(index).filter(({ taskDefinition }) => isClient(taskDefinition, index));
  const onSchedule = new Set(scheduled.map(({ taskDefinition }) => taskDefinition));
  return [
    ...scheduled.map(({ starter, taskDefinition }) =>
      uses(
        starter,
        `it runs task definition ${taskDefinition.name}, which holds a pool or leads to a database, and the plan does not say how many of its tasks run at once`,
      ),
    ),
    ...looseTaskDefinitions(index)
      .filter((definition) => !onSchedule.has(definition))
      .map((definition) => {
        const operations = readOperations(definition, context);
        return operations === undefined
          ? uses(definition, "it holds a pool or leads to a database, and no service of this stack runs it")
          : ofOperations(definition, operations);
      }),
    ...index
      .ofType(resourceTypes.ecsTaskSet)
      .filter((taskSet) => mayUseDatabase(taskSet, index))
      .map((taskSet) =>
        uses(taskSet, "it is a task set, and what the tasks of one connect to is not counted"),
      ),
    ...otherClients(index).map(({ resource, kind }) =>
      uses(resource, `it is ${kind} that depends on a database, and no property of it shows its pool`),
    ),
  ];
}

function ofOperations(definition: PlanResource, operations: OperationsReading): Unexamined {
  const reason = `it holds ${operations.connections} of the connections kept for operations, as its tag \`${OPERATIONS_TAG}\` says`;
  return { resource: definition.urn, reason, usesDatabase: false, operations };
}

function looseTaskDefinitions(index: PlanIndex): PlanResource[] {
  const run = new Set(
    index
      .ofType(resourceTypes.ecsService)
      .flatMap((service) => knownValue(findTaskDefinition(service, index)) ?? []),
  );
  const sets = index.ofType(resourceTypes.ecsTaskSet);
  for (const set of sets) for (const definition of definitionsOf(set, index)) run.add(definition);
  return index.ofType(resourceTypes.ecsTaskDefinition).filter((definition) => {
    const isRun =
      run.has(definition) ||
      index.usersOf(definition.urn, resourceTypes.ecsService, "taskDefinition").length > 0;
    return !isRun && isClient(definition, index);
  });
}

const definitionsOf = (taskSet: PlanResource, index: PlanIndex): PlanResource[] =>
  index.dependenciesOf(taskSet, "taskDefinition", resourceTypes.ecsTaskDefinition);

/** Unless every task definition it runs is at hand and none of them is a client. */
function mayUseDatabase(taskSet: PlanResource, index: PlanIndex): boolean {
  const definitions = definitionsOf(taskSet, index);
  return definitions.length === 0 || definitions.some((definition) => isClient(definition, index));
}

function isClient(taskDefinition: PlanResource, index: PlanIndex): boolean {
  const source = { tag: unset("tags"), made: dependencyUrns(taskDefinition, "containerDefinitions") };
  const containers = knownValue(readContainers(taskDefinition)) ?? [];
  return (
    leadsToDatabase({ ...source, container: undefined }, index) ||
    containers.some((container) => setsAPool(container) || leadsToDatabase({ ...source, container }, index))
  );
}
