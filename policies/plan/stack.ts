import { readAlarmListeners, readAlarms } from "./alarms/readAlarms";
import type { ClientContext } from "./clients/clients";
import { readContainers } from "./clients/containers";
import { readDeclaredClients } from "./clients/declaredClients";
import { findTaskDefinition, readService } from "./clients/ecsServices";
import { ACCOUNT_LIMIT, readEnvironment, readFunction } from "./clients/lambdaFunctions";
import { readWorkload, WORKLOAD_TYPES } from "./clients/workloads";
import { readAccountLimits } from "./databases/accountLimits";
import { readDatabases } from "./databases/databases";
import { DatabaseDirectory } from "./databases/links";
import { tieToPoolers } from "./databases/poolers";
import { readProxies } from "./databases/proxies";
import { readUnreadDatabases } from "./databases/unreadDatabases";
import { readUnexamined } from "./outOfScope";
import type { Plan, PlanResource } from "./plan";
import { dependencyUrns, PlanIndex, stackAndProject } from "./planIndex";
import { poolOverrides } from "./pools/pools";
import { andThen, known, readText } from "./reading";
import { resourceTypes } from "./resourceTypes";
import { type Declarations, NO_DECLARATIONS, wildcard } from "./settings";
import { demandOverrides, namesOf, strayTags } from "./tags";
import type { ClientReading, ConfigTarget, StackReading, Unexamined } from "./types";

/** Reads a plan into what the rules judge. Never throws, whatever the plan holds. */
export function readStack(plan: Plan, declarations: Declarations = NO_DECLARATIONS): StackReading {
  const index = new PlanIndex(plan);
  const place = stackAndProject(plan);
  const databases = readDatabases(index, declarations.databases);
  const proxies = readProxies(index, databases);
  const unreadDatabases = readUnreadDatabases(index);
  const context: ClientContext = {
    index,
    databases: new DatabaseDirectory(databases, proxies, unreadDatabases, index),
    demand: demandOverrides(declarations.demand),
    accountConcurrency: declarations.accountConcurrency ?? ACCOUNT_LIMIT,
    pools: poolOverrides(declarations.pools),
  };
  const { clients, unexamined, exempted } = readClientsOfPlan(context, declarations);
  return {
    ...place,
    databases,
    proxies,
    accountLimits: readAccountLimits(index),
    clients: [...tieToPoolers(clients), ...readDeclaredClients(declarations.clients, place, context)],
    alarms: readAlarms(index),
    alarmListeners: readAlarmListeners(index),
    unexamined,
    exempted,
    unreadDatabases: unreadDatabases.filter(
      ({ resource }) => context.databases.unreadOf(resource) !== undefined,
    ),
    places: namedPlaces(index),
    strayTags: strayTags(index),
  };
}

/** Services and functions as clients, and what is none or cannot be taken as one. */
function readClientsOfPlan(
  context: ClientContext,
  declarations: Declarations,
): Pick<StackReading, "clients" | "unexamined" | "exempted"> {
  const { index } = context;
  const { described, exempt, exempted } = saidElsewhere(declarations);
  const clients: ClientReading[] = [];
  const unexamined: Unexamined[] = [];
  const take = (resource: PlanResource, read: typeof readFunction): void => {
    const said = described(resource);
    const reading = said === undefined ? read(resource, context) : { unexamined: said };
    if (reading === undefined) return;
    if ("clients" in reading) {
      clients.push(...reading.clients);
      return;
    }
    const { unexamined: reason, undecided } = reading;
    const no = undecided === undefined ? undefined : exempt(resource);
    const entry = { resource: resource.urn, reason: no ?? reason, usesDatabase: false };
    unexamined.push(undecided === undefined || no !== undefined ? entry : { ...entry, undecided });
  };
  for (const service of index.ofType(resourceTypes.ecsService)) take(service, readService);
  for (const lambda of index.ofType(resourceTypes.lambdaFunction)) take(lambda, readFunction);
  for (const type of WORKLOAD_TYPES)
    for (const workload of index.ofType(new Set([type]))) take(workload, readWorkload);
  const isRead = new Set([
    ...clients.map(({ resource }) => resource.urn),
    ...unexamined.map(({ resource }) => resource),
  ]);
  for (const other of readUnexamined(context)) {
    if (isRead.has(other.resource)) continue;
    const resource = index.get(other.resource);
    const said = resource && (described(resource) ?? exempt(resource));
    unexamined.push(said === undefined ? other : { ...other, reason: said, usesDatabase: false });
  }
  return { clients, unexamined, exempted };
}

/** Why the policy configuration takes a resource out of what is read from the plan, by the name that it gives. */
function saidElsewhere({ clients, notClients }: Declarations): {
  /** It is described as a client of its own. */
  readonly described: (resource: PlanResource) => string | undefined;
  /** It is said to hold no connection; what the program shows of a pool is not overruled by that. */
  readonly exempt: (resource: PlanResource) => string | undefined;
  /** Entries of `notClients` that have exempted something. */
  readonly exempted: ReadonlySet<string>;
} {
  const names = (resource: PlanResource): readonly string[] => [resource.urn, ...namesOf(resource)];
  const clientNames = new Set(clients.map(({ name }) => name));
  const patterns = notClients.map((entry) => ({ ...entry, pattern: wildcard(entry.resource) }));
  const exempted = new Set<string>();
  return {
    exempted,
    described: (resource) =>
      names(resource).some((name) => clientNames.has(name))
        ? "it is declared under `clients` in the policy configuration"
        : undefined,
    exempt(resource) {
      const all = [...names(resource), resource.type];
      const found = patterns.find(({ pattern }) => all.some((name) => pattern.test(name)));
      if (found === undefined) return undefined;
      exempted.add(found.resource);
      return `\`notClients\` in the policy configuration declares that it holds no connection: ${found.reason}`;
    },
  };
}

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
