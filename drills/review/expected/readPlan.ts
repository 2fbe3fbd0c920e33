import { InputError } from "../../../policies/command/inputError";
import { DEFAULT_ACQUISITIONS_PER_REQUEST } from "../../../policies/model/defaults";
import type { Plan, PlanResource } from "../../../policies/plan/plan";
import { isMap, knownValue, ownEntry, type Reading, readText } from "../../../policies/plan/reading";
import { resourceTypes } from "../../../policies/plan/resourceTypes";
import { readStack } from "../../../policies/plan/stack";
import type { ClientReading, DatabaseReading, StackReading } from "../../../policies/plan/types";
import type { Expected, ExpectedDatabase, ExpectedParameter, ExpectedService } from "./expected";
import { expectedAlarms } from "./readAlarms";

/**
 * What a plan says that a review compares with AWS.
 * @throws InputError where the plan is not of a stack like this repository's: one database, one ECS service, their
 * names and numbers known.
 */
export function expectedOf(plan: Plan, region: string): Expected {
  const stack = readStack(plan);
  const database = only(stack.databases, "database");
  const client = only(stack.clients, "client of a database");
  if (client.kind !== "ecs-service")
    throw new InputError(`${client.name} is no ECS service: only those are reviewed`);
  const identifier = need(readText(database.resource, "identifier"), "the database's `identifier`");
  const { demand } = demandOf(client);
  return {
    stack: stack.stack,
    project: stack.project,
    region,
    name: clusterName(plan),
    database: databaseOf(database, identifier),
    service: serviceOf(client, plan),
    demand,
    proxy: proxyOf(stack),
    alarms: expectedAlarms(plan),
  };
}

function only<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new InputError(`the program has ${found.length} of what a review needs one of: a ${what}`);
}

function need<T>(reading: Reading<T>, what: string): T {
  const value = knownValue(reading);
  if (value === undefined)
    throw new InputError(`${what} is ${reading.state} in the plan, so nothing can be compared with it`);
  return value;
}

function clusterName(plan: Plan): string {
  const cluster = only(
    plan.resources.filter(({ type }) => type === "aws:ecs/cluster:Cluster"),
    "ECS cluster",
  );
  return need(readText(cluster, "name"), "the cluster's `name`");
}

function databaseOf(database: DatabaseReading, identifier: string): ExpectedDatabase {
  const { resource, parameters } = database;
  const names = need(parameters.names, "the list of database parameters");
  return {
    identifier,
    engine: need(database.engine, "the database's `engine`"),
    engineVersion: need(database.engineVersion, "the database's `engineVersion`"),
    instanceClass: need(database.instanceClass, "the database's `instanceClass`"),
    storageGib: numberIn(resource, "allocatedStorage"),
    multiAz: booleanIn(resource, "multiAz"),
    parameterGroup: parameters.resource.name,
    parameters: names.map((name): ExpectedParameter => {
      const value = need(parameters.parameter(name).value, `the database parameter ${name}`);
      return { name, value: String(value) };
    }),
  };
}

function serviceOf(client: ClientReading, plan: Plan): ExpectedService {
  const { tasks, settings, resource } = client;
  const container = need(client.container, "the name of the container");
  const environment = environmentOf(plan, client, container);
  return {
    name: resource.name,
    container,
    minTasks: need(tasks.minCapacity, "the fewest tasks"),
    maxTasks: need(tasks.sustainedCapacity, "the most tasks"),
    maximumPercent: need(tasks.maximumPercent, "`deploymentMaximumPercent`"),
    minimumHealthyPercent: need(tasks.minimumHealthyPercent, "`deploymentMinimumHealthyPercent`"),
    environment,
    tags: textsOf(ownEntry(resource.properties, "tags")),
    pool: {
      name: environment.DB_POOL_NAME ?? client.name,
      max: need(settings.poolMax.reading, "`pool.max`"),
      processesPerTask: need(settings.processesPerTask.reading, "the number of processes in a task"),
      acquireTimeoutMs: knownValue(settings.acquireTimeoutMs.reading),
    },
  };
}

/** The names of the task definition's environment with their values: none of it is a secret, which have a place of their own. */
function environmentOf(
  plan: Plan,
  { taskDefinition }: ClientReading,
  container: string,
): { readonly [name: string]: string } {
  // The service's own: the migrations are a task as well, and no client.
  const definition = only(
    plan.resources.filter(
      ({ type, name }) => resourceTypes.ecsTaskDefinition.has(type as never) && name === taskDefinition,
    ),
    "task definition of the service",
  );
  const text = need(readText(definition, "containerDefinitions"), "`containerDefinitions`");
  const containers: unknown = JSON.parse(text);
  const own = Array.isArray(containers)
    ? containers.find((each: { readonly name?: unknown }) => each.name === container)
    : undefined;
  const entries: readonly { readonly name: string; readonly value: string }[] = own?.environment ?? [];
  return Object.fromEntries(entries.map(({ name, value }) => [name, String(value)]));
}

function demandOf({ declared }: ClientReading): Pick<Expected, "demand"> {
  return {
    demand: {
      peakRequestsPerSecond: need(declared.peakRequestsPerSecond, "the declared peak"),
      holdMs: need(declared.holdMs, "the declared hold time"),
      acquisitionsPerRequest: knownValue(declared.acquisitionsPerRequest) ?? DEFAULT_ACQUISITIONS_PER_REQUEST,
      tasksAtPeak: knownValue(declared.tasksAtPeak),
    },
  };
}

function proxyOf({ proxies }: StackReading): Expected["proxy"] {
  const [proxy] = proxies;
  if (proxy === undefined) return undefined;
  return {
    name: need(readText(proxy.resource, "name"), "the proxy's `name`"),
    maxConnectionsPercent: need(proxy.maxConnectionsPercent, "the proxy's `maxConnectionsPercent`"),
  };
}

function numberIn({ properties }: PlanResource, name: string): number | undefined {
  const value = ownEntry(properties, name);
  return typeof value === "number" ? value : undefined;
}

function booleanIn({ properties }: PlanResource, name: string): boolean | undefined {
  const value = ownEntry(properties, name);
  return typeof value === "boolean" ? value : undefined;
}

function textsOf(value: ReturnType<typeof ownEntry>): { readonly [name: string]: string } {
  if (!isMap(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])),
  );
}
