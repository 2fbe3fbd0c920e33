import { type Declarations, NO_DECLARATIONS } from "./declarations";
import type { Plan, PlanResource } from "./plan";
import { PlanIndex, stackAndProject } from "./planIndex";
import { readAlarms } from "./read/alarms";
import { readAlarmListeners } from "./read/alarms/alarmListeners";
import type { ClientContext } from "./read/clients";
import { DatabaseDirectory } from "./read/databaseLinks";
import { readDatabases } from "./read/databases";
import { readDeclaredClients } from "./read/declaredClients";
import { demandOverrides, namesOf } from "./read/demand";
import { readService } from "./read/ecsServices";
import { readFunction } from "./read/lambdaFunctions";
import { namedPlaces } from "./read/namedPlaces";
import { strayTags } from "./read/poolproofTags";
import { poolOverrides } from "./read/pools";
import { readProxies } from "./read/proxies";
import { readUnexamined } from "./read/unexamined";
import { resourceTypes } from "./resourceTypes";
import type { ClientReading, StackReading, Unexamined } from "./stackReading";

/** Reads a plan into what the rules judge. Never throws, whatever the plan holds. */
export function readStack(plan: Plan, declarations: Declarations = NO_DECLARATIONS): StackReading {
  const index = new PlanIndex(plan);
  const place = stackAndProject(plan);
  const databases = readDatabases(index, declarations.databases);
  const proxies = readProxies(index, databases);
  const context: ClientContext = {
    index,
    databases: new DatabaseDirectory(databases, proxies),
    demand: demandOverrides(declarations.demand),
    pools: poolOverrides(declarations.pools),
  };
  const { clients, unexamined } = readClientsOfPlan(context, declaredNames(declarations));
  return {
    ...place,
    databases,
    proxies,
    clients: [...clients, ...readDeclaredClients(declarations.clients, place, context)],
    alarms: readAlarms(index),
    alarmListeners: readAlarmListeners(index),
    unexamined,
    places: namedPlaces(index),
    strayTags: strayTags(index),
  };
}

/** Services and functions as clients, and what is none or cannot be taken as one. */
function readClientsOfPlan(
  context: ClientContext,
  isDescribed: (resource: PlanResource) => boolean,
): { readonly clients: readonly ClientReading[]; readonly unexamined: readonly Unexamined[] } {
  const { index } = context;
  const clients: ClientReading[] = [];
  const unexamined: Unexamined[] = [];
  const take = (resource: PlanResource, read: typeof readFunction): void => {
    const reading = isDescribed(resource) ? DESCRIBED : read(resource, context);
    if (reading === undefined) return;
    if ("clients" in reading) clients.push(...reading.clients);
    else unexamined.push({ resource: resource.urn, reason: reading.unexamined, usesDatabase: false });
  };
  for (const service of index.ofType(resourceTypes.ecsService)) take(service, readService);
  for (const lambda of index.ofType(resourceTypes.lambdaFunction)) take(lambda, readFunction);
  for (const other of readUnexamined(context)) {
    const resource = index.get(other.resource);
    const isCounted = resource !== undefined && isDescribed(resource);
    unexamined.push(isCounted ? { ...other, reason: DESCRIBED.unexamined, usesDatabase: false } : other);
  }
  return { clients, unexamined };
}

const DESCRIBED = { unexamined: "`clients` in the policy configuration describes it" };

/** Whether the policy configuration describes a resource as a client of its own, under one of its names or its URN. */
function declaredNames({ clients }: Declarations): (resource: PlanResource) => boolean {
  const names = new Set(clients.map(({ name }) => name));
  return (resource) => names.has(resource.urn) || namesOf(resource).some((name) => names.has(name));
}
