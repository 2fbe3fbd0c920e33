import type { ClientContext } from "./clients/clients";
import { readContainers } from "./clients/containers";
import { findTaskDefinition } from "./clients/ecsServices";
import { type Dependent, databaseDependents } from "./databaseDependents";
import { ENDPOINT_TAG, leadsToDatabase, linkDatabase } from "./databases/links";
import type { PlanResource } from "./plan";
import { dependencyUrns, type PlanIndex } from "./planIndex";
import { setsAPool } from "./pools/pools";
import { knownValue, type Reading, readNumber, readText, requireNumber } from "./reading";
import { resourceTypes } from "./resourceTypes";
import { OPERATIONS_TAG } from "./tags";
import type { OperationsReading, Unexamined } from "./types";

/**
 * Clients of a database whose pools no plan shows: nothing bounds their connections until the policy configuration
 * describes them under `clients`, and the report says so.
 */
export function readUnexamined(context: Context): readonly Unexamined[] {
  const { index } = context;
  const uses = (resource: PlanResource, reason: string): Unexamined => ({
    resource: resource.urn,
    reason,
    usesDatabase: true,
  });
  const scheduled = scheduledTasks(index).filter(({ taskDefinition }) => isClient(taskDefinition, context));
  const onSchedule = new Set(scheduled.map(({ taskDefinition }) => taskDefinition));
  return [
    ...scheduled.map(({ starter, taskDefinition }) =>
      uses(
        starter,
        `it runs task definition ${taskDefinition.name}, which has a pool or refers to a database, and the plan does not show how many of its tasks run at once`,
      ),
    ),
    ...looseTaskDefinitions(context)
      .filter((definition) => !onSchedule.has(definition))
      .map((definition) => {
        const operations = readOperations(definition, context);
        return operations === undefined
          ? uses(definition, "it has a pool or refers to a database, and no service in this stack runs it")
          : ofOperations(definition, operations);
      }),
    ...index
      .ofType(resourceTypes.ecsTaskSet)
      .filter((taskSet) => mayUseDatabase(taskSet, context))
      .map((taskSet) => uses(taskSet, "it is a task set, and the connections of its tasks are not counted")),
    ...databaseDependents(index, context.databases.unread).flatMap(
      (dependent) => ofDependent(dependent) ?? [],
    ),
  ];
}

/** What draws on a database: a client that was not examined, or a store whose readers are elsewhere. */
function ofDependent({ resource, property, database, kind, store }: Dependent): Unexamined | undefined {
  const by = `its \`${property}\` uses ${database}`;
  if (kind !== undefined) {
    return {
      resource: resource.urn,
      reason: `it is ${kind} that depends on a database (${by}), and none of its properties shows its pool`,
      usesDatabase: true,
    };
  }
  if (store === undefined || store.isRead) return undefined;
  const name = knownValue(readText(resource, "name"));
  const reason = store.inCluster
    ? `it provides the address or password of ${database} to its cluster (${by}), and no workload in this stack reads it: other readers are not counted`
    : name === undefined && readText(resource, "name").state === "unknown"
      ? `it contains the address or password of ${database} (${by}) under a name that is known only after the deployment: its readers cannot be determined`
      : `it contains the address or password of ${database} (${by}), and nothing in this stack reads it: people or other stacks may`;
  return { resource: resource.urn, reason, usesDatabase: store.inCluster };
}

function ofOperations(definition: PlanResource, operations: OperationsReading): Unexamined {
  const reason = `it holds ${operations.connections} of the connections reserved for operations, as declared by its tag \`${OPERATIONS_TAG}\``;
  return { resource: definition.urn, reason, usesDatabase: false, operations };
}

type Context = Pick<ClientContext, "databases" | "index">;

function looseTaskDefinitions(context: Context): PlanResource[] {
  const { index } = context;
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
    return !isRun && isClient(definition, context);
  });
}

const definitionsOf = (taskSet: PlanResource, index: PlanIndex): PlanResource[] =>
  index.dependenciesOf(taskSet, "taskDefinition", resourceTypes.ecsTaskDefinition);

/** Unless every task definition it runs is at hand and none of them is a client. */
function mayUseDatabase(taskSet: PlanResource, context: Context): boolean {
  const definitions = definitionsOf(taskSet, context.index);
  return definitions.length === 0 || definitions.some((definition) => isClient(definition, context));
}

function isClient(taskDefinition: PlanResource, { databases, index }: Context): boolean {
  const made = dependencyUrns(taskDefinition, "containerDefinitions");
  const containers = knownValue(readContainers(taskDefinition)) ?? [];
  return (
    leadsToDatabase({ made, container: undefined }, databases, index) ||
    containers.some(
      (container) => setsAPool(container) || leadsToDatabase({ made, container }, databases, index),
    )
  );
}

/** Resources that start tasks without a service, and the properties that name the task definition. */
const STARTERS = [
  { types: resourceTypes.eventTarget, property: "ecsTarget" },
  { types: resourceTypes.schedule, property: "target" },
  { types: resourceTypes.stateMachine, property: "definition" },
] as const;

/** A resource that runs tasks of a definition by the clock or on an event. */
interface ScheduledTask {
  readonly starter: PlanResource;
  readonly taskDefinition: PlanResource;
}

/** Tasks that EventBridge rules, EventBridge schedules and state machines run. */
function scheduledTasks(index: PlanIndex): ScheduledTask[] {
  return STARTERS.flatMap(({ types, property }) =>
    index
      .ofType(types)
      .flatMap((starter) =>
        index
          .dependenciesOf(starter, property, resourceTypes.ecsTaskDefinition)
          .map((taskDefinition) => ({ starter, taskDefinition })),
      ),
  );
}

/**
 * What a task definition says that its tasks hold of the connections that the budget keeps for operations; undefined
 * when it says nothing that can be read, and its connections are then not counted.
 */
function readOperations(
  definition: PlanResource,
  { databases, index }: Pick<ClientContext, "databases" | "index">,
): OperationsReading | undefined {
  const connections = knownValue(connectionsOf(definition));
  if (connections === undefined) return undefined;
  const link = linkDatabase(
    {
      tag: readText(definition, "tags", "poolproof:database"),
      endpoint: readText(definition, "tags", ENDPOINT_TAG),
      made: dependencyUrns(definition, "containerDefinitions"),
      container: (knownValue(readContainers(definition)) ?? [])[0],
    },
    databases,
    index,
  );
  return { connections, database: link.state === "linked" ? link.database : undefined };
}

function connectionsOf(definition: PlanResource): Reading<number> {
  const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
  const expected = "a whole number of connections from 1 up";
  return requireNumber(readNumber(definition, "tags", OPERATIONS_TAG), OPERATIONS_TAG, isWhole, expected);
}
