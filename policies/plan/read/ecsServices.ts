import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import {
  andThen,
  type Known,
  known,
  knownValue,
  malformed,
  type Reading,
  readNumber,
  readText,
  requireNumber,
  type Unknown,
  unknown,
  unset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { ClientReading, DeclaredDemand } from "../stackReading";
import { type Container, type EnvironmentValue, readContainers } from "./containers";
import { type DatabaseDirectory, leadsToDatabase, linkDatabase } from "./databaseLinks";
import { readTasks } from "./ecsTasks";
import { readIdleSeconds } from "./loadBalancers";
import {
  DEFAULT_POOL_PROFILE,
  POOL_PROFILES,
  type PoolProfile,
  type PoolSetting,
  readSettings,
} from "./poolProfiles";

/** A service's pools, or why it is not taken as a client. */
export type ServiceReading = { readonly clients: readonly ClientReading[] } | { readonly unexamined: string };

/**
 * Reads one ECS service as a database client: every container that sets a pool setting, or whose own secrets lead
 * to a database, is a pool of its own. A service that declares demand, or whose containers draw on a database, is a
 * client even when no pool is recognised; the rules then say what could not be seen.
 */
export function readService(
  service: PlanResource,
  index: PlanIndex,
  databases: DatabaseDirectory,
  overrides: DeclaredOverrides,
): ServiceReading {
  const library = readLibrary(service);
  const profile = library.state === "known" ? library.value : DEFAULT_POOL_PROFILE;
  const taskDefinition = findTaskDefinition(service, index);
  const definition = taskDefinition.state === "known" ? taskDefinition.value : undefined;
  const containers = andThen(taskDefinition, readContainers);
  const tag = readText(service, "tags", "poolproof:database");
  const base = {
    kind: "ecs-service" as const,
    resource: service,
    name: service.name,
    taskDefinition: definition?.name,
    declared: readDeclared(service, overrides),
    tasks: readTasks(service, index),
    library: andThen(library, ({ library: name }) => known(name)),
    loadBalancerIdleSeconds: readIdleSeconds(service, index),
    deregistrationDelaySeconds: unset("deregistrationDelay"),
    stopTimeoutSeconds: unset("stopTimeout"),
  };
  const client = (container: Reading<Container>): ClientReading => {
    const found = knownValue(container);
    const environment = (variable: string): EnvironmentValue => {
      if (library.state !== "known") return hidden(library, "tags");
      return container.state === "known"
        ? container.value.environment(variable)
        : hidden(container, "containerDefinitions");
    };
    return {
      ...base,
      container: andThen(container, ({ name }) => known(name)),
      settings: readSettings(profile, environment),
      database: linkDatabase({ tag, taskDefinition: definition, container: found }, databases, index),
    };
  };

  const declares = declaresDemand(service) || base.declared.peakRequestsPerSecond.state !== "unset";
  if (containers.state !== "known") {
    const linked = leadsToDatabase({ tag, taskDefinition: definition, container: undefined }, index);
    if (declares || linked || databases.all.length > 0) return { clients: [client(containers)] };
    return { unexamined: "its containers cannot be read, and the stack has no database" };
  }
  const leads = (container: Container, from: PlanResource | undefined): boolean =>
    leadsToDatabase({ tag, taskDefinition: from, container }, index);
  // What the whole definition was made from says nothing about one container; a container's own secrets do.
  const pools = containers.value.filter(
    (container) => setsAPool(container, profile) || leads(container, undefined),
  );
  if (pools.length > 0) return { clients: pools.map((pool) => client(known(pool))) };
  const [first] = containers.value;
  if (first && (declares || leads(first, definition))) return { clients: [client(known(first))] };
  return { unexamined: "no pool setting and no link to a database was found in its containers" };
}

/** Demand declared in the policy configuration for services one does not own. */
export type DeclaredOverrides = (serviceName: string, logicalName: string) => DeclaredOverride | undefined;

export interface DeclaredOverride {
  readonly peakRequestsPerSecond?: number | undefined;
  readonly holdMs?: number | undefined;
  readonly acquisitionsPerRequest?: number | undefined;
  readonly tasksAtPeak?: number | undefined;
}

export const DEMAND_TAGS = {
  peakRequestsPerSecond: "poolproof:peak-requests-per-second",
  holdMs: "poolproof:db-hold-ms",
  acquisitionsPerRequest: "poolproof:db-acquisitions-per-request",
  tasksAtPeak: "poolproof:tasks-at-peak",
} as const;

function declaresDemand(service: PlanResource): boolean {
  return [...Object.values(DEMAND_TAGS), "poolproof:database", "poolproof:pool-library"].some(
    (tag) => readText(service, "tags", tag).state !== "unset",
  );
}

function readDeclared(service: PlanResource, overrides: DeclaredOverrides): DeclaredDemand {
  const name = readText(service, "name");
  const override = overrides(name.state === "known" ? name.value : "", service.name);
  const field = (
    key: keyof typeof DEMAND_TAGS,
    passes: (n: number) => boolean,
    expected: string,
  ): Reading<number> => {
    const own = override?.[key];
    const reading =
      own === undefined
        ? readNumber(service, "tags", DEMAND_TAGS[key])
        : known(own, "the policy configuration");
    const named = reading.state === "known" ? reading : { ...reading, property: DEMAND_TAGS[key] };
    return requireNumber(named, DEMAND_TAGS[key], passes, expected);
  };
  const above0 = (n: number): boolean => n > 0;
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
  return {
    peakRequestsPerSecond: field("peakRequestsPerSecond", (n) => n >= 0, "requests a second, 0 or more"),
    holdMs: field("holdMs", above0, "milliseconds above 0"),
    acquisitionsPerRequest: field("acquisitionsPerRequest", above0, "a number above 0"),
    tasksAtPeak: field("tasksAtPeak", whole, "a whole number of tasks from 1 up"),
  };
}

/** The pool library a service names; one that is not in the table hides every pool setting. */
function readLibrary(service: PlanResource): Reading<PoolProfile> {
  const named = readText(service, "tags", "poolproof:pool-library");
  if (named.state === "unset") return known(DEFAULT_POOL_PROFILE);
  return andThen(named, (library) => {
    const profile = POOL_PROFILES.get(library);
    const supported = [...POOL_PROFILES.keys()].join(", ");
    return profile ? known(profile) : unknown("tags", `pool library "${library}" is not one of ${supported}`);
  });
}

/** Settings that only a pool has: a request timeout alone does not make a container a database client. */
const POOL_MARKS: readonly PoolSetting[] = ["poolMax", "acquireTimeoutMs", "idleTimeoutMs", "queueMax"];

export function setsAPool(container: Container, profile: PoolProfile): boolean {
  return POOL_MARKS.some((mark) => profile.settings[mark].variables.some((name) => container.sets(name)));
}

/** What hides a setting, as the setting's own reading. */
function hidden(reading: Exclude<Reading<unknown>, Known<unknown>>, property: string): Unknown {
  if (reading.state === "unknown") return reading;
  if (reading.state === "malformed") {
    return { ...unknown(property, `\`${reading.property}\` is ${reading.shown}`), because: reading };
  }
  return unknown(property, `\`${reading.property}\` is not set`);
}

/** The service's task definition: by dependency, else by the family in a known name or ARN. */
export function findTaskDefinition(service: PlanResource, index: PlanIndex): Reading<PlanResource> {
  const [made, ...others] = index.dependenciesOf(service, "taskDefinition", resourceTypes.ecsTaskDefinition);
  if (made && others.length === 0) return known(made);
  const reference = readText(service, "taskDefinition");
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
