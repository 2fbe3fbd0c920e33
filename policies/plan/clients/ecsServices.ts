import {
  BY_POOLS,
  BY_TAG,
  leadsToDatabase,
  logsInByRole,
  saysNone,
  usesNoDatabase,
} from "../databases/links";
import { readPooler } from "../databases/poolers";
import { saysNothingOfDatabases } from "../harmlessTypes";
import type { PlanResource } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { hiddenBy, setsAPool } from "../pools/pools";
import {
  andThen,
  isMap,
  known,
  malformed,
  ownText,
  type Reading,
  readProperty,
  readText,
  requireNumber,
  type Unknown,
  unknown,
  unset,
  whenUnset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import { POLICY_CONFIGURATION, type PoolOverride } from "../settings";
import { declaresDemand, namesOf } from "../tags";
import type { ClientReading } from "../types";
import { type ClientContext, readClients } from "./clients";
import { type Container, readContainers } from "./containers";
import { readTasks } from "./ecsTasks";
import {
  inFrontOf,
  readDeregistrationDelay,
  readDrain,
  readHealthCheck,
  readIdleSeconds,
  readSpreadByZone,
  readSticky,
} from "./loadBalancers";

/** A service's pools, or why it is not taken as a client. */
export type ServiceReading =
  | { readonly clients: readonly ClientReading[] }
  | { readonly unexamined: string; readonly undecided?: Unknown };

/**
 * Reads one ECS service as a database client: every container that sets a pool setting, or whose own secrets lead
 * to a database, holds pools. A service that declares demand, whose containers draw on a database or whose pools the
 * policy configuration describes, is a client even when no pool is recognised; the rules then say what could not be
 * seen.
 */
export function readService(service: PlanResource, context: ClientContext): ServiceReading {
  const { index, databases } = context;
  const tag = readText(service, "tags", "poolproof:database");
  if (usesNoDatabase(tag)) return { unexamined: BY_TAG };
  const taskDefinition = findTaskDefinition(service, index);
  const definition = taskDefinition.state === "known" ? taskDefinition.value : undefined;
  const containers = andThen(taskDefinition, readContainers);
  const made = dependencyUrns(definition, "containerDefinitions");
  const names = namesOf(service);
  const overrides = context.pools(names);
  if (overrides.some((entry) => saysNone(entry) && entry.container === undefined))
    return { unexamined: BY_POOLS };
  const base = {
    kind: "ecs-service" as const,
    resource: service,
    taskDefinition: definition?.name,
    tasks: readTasks(service, index),
    inFront: inFrontOf(service, index),
    loadBalancerIdleSeconds: readIdleSeconds(service, index),
    deregistrationDelaySeconds: readDeregistrationDelay(service, index),
    drainSeconds: readDrain(service, index),
    healthCheckSeconds: readHealthCheck(service, index),
    spreadByZone: readSpreadByZone(service, index),
    isSticky: readSticky(service, index),
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

  const declares =
    declaresDemand(service) ||
    overrides.length > 0 ||
    context.demand(names) !== undefined ||
    logsInByRole(definition, "taskRoleArn", databases, index);
  if (containers.state !== "known") {
    if (declares || leadsToDatabase({ made, container: undefined }, databases, index))
      return { clients: clients(containers) };
    return unreadable(containers, definition, index);
  }
  const leads = (container: Container, from: readonly string[]): boolean =>
    leadsToDatabase({ made: from, container }, databases, index);
  // What the whole definition was made from says nothing about one container; a container's own secrets do.
  const entriesOf = ({ name }: Container) => overrides.filter(({ container }) => container === name);
  const candidates = containers.value.filter((container) => !entriesOf(container).some(saysNone));
  const holders = candidates.filter(
    (container) =>
      setsAPool(container) ||
      leads(container, []) ||
      readPooler(container) !== undefined ||
      entriesOf(container).length > 0,
  );
  if (holders.length > 0) return { clients: holders.flatMap((holder) => clients(known(holder))) };
  const [first] = candidates;
  if (first && (declares || leads(first, made))) return { clients: clients(known(first)) };
  return { unexamined: "no pool setting and no link to a database was found in its containers" };
}

/**
 * A service or function whose settings are hidden is judged by what they were made from. An image repository, a log group or a load
 * balancer says nothing about a database; anything else, such as the outputs of another stack or a secret of the
 * configuration, may carry an address.
 */
export function unreadable(
  settings: Exclude<Reading<unknown>, { readonly state: "known" }>,
  holder: PlanResource | undefined,
  index: PlanIndex,
): ServiceReading {
  const property = settings.property.split(".")[0] ?? "";
  const made = dependencyUrns(holder, property).flatMap((urn) => index.get(urn) ?? []);
  const holdsSecret = holder?.secretProperties?.includes(property) === true;
  const open = made.filter(({ type }) => !saysNothingOfDatabases(type));
  if (made.length > 0 && open.length === 0 && !holdsSecret) {
    return {
      unexamined: `its settings are hidden, and they refer only to ${describe(made)}, which indicates no database`,
    };
  }
  const hidden = hiddenBy(settings, settings.property);
  const from =
    open.length > 0
      ? `, and they refer to ${describe(open)}`
      : holdsSecret
        ? ", and they contain a secret"
        : "";
  return {
    unexamined: `its settings are hidden${from}, so it is not known whether it uses a database`,
    undecided: {
      ...hidden,
      reason: `${hidden.reason}${from}: it is not known whether it uses a database`,
      fix: "Set the tag `poolproof:database` on it: the name of its database, or `none` if it uses none",
    },
  };
}

const describe = (resources: readonly PlanResource[]): string =>
  resources.map(({ name, type }) => `${name} (${type})`).join(", ");

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

/**
 * What ECS waits when a container sets nothing, in seconds: on Fargate always, on EC2 where the agent's
 * `ECS_CONTAINER_STOP_TIMEOUT` is left alone too (AWS: ECS API reference, ContainerDefinition, stopTimeout).
 */
const DEFAULT_SECONDS = 30;

/** The most that Fargate takes, in seconds (the same page); EC2 has no such bound. */
export const FARGATE_MAXIMUM_SECONDS = 120;

/**
 * Seconds that a container has between SIGTERM and SIGKILL; malformed where Fargate would refuse the number.
 * @param given - What the policy configuration says, which stands in for what no plan shows.
 */
function readStopTimeout(
  container: Reading<Container>,
  service: PlanResource,
  taskDefinition: PlanResource | undefined,
  given?: number,
): Reading<number> {
  if (container.state === "unset") return unknown(container.property, `\`${container.property}\` is not set`);
  const read = andThen(container, ({ stopTimeout }) => stopTimeout);
  const own = read.state === "unknown" ? declared(read, given) : read;
  const seconds = whenUnset(own, DEFAULT_SECONDS, "ECS's default");
  if (!runsOnFargate(service, taskDefinition)) return seconds;
  const expected = `an integer (seconds) up to ${FARGATE_MAXIMUM_SECONDS}, Fargate's maximum`;
  return andThen(seconds, () =>
    requireNumber(seconds, "stopTimeout", (s) => s <= FARGATE_MAXIMUM_SECONDS, expected),
  );
}

function declared(hidden: Unknown, given: number | undefined): Reading<number> {
  if (given !== undefined) return known(given, POLICY_CONFIGURATION);
  const how = "Set `stopTimeoutSeconds` of the client under `pools` in the policy configuration";
  return { ...hidden, fix: hidden.fix === undefined ? how : `${how}. ${hidden.fix}` };
}

/** Whether the plan says so: by launch type, by a capacity provider, or by what the definition must be fit for. */
function runsOnFargate(service: PlanResource, taskDefinition: PlanResource | undefined): boolean {
  const launchType = readText(service, "launchType");
  if (launchType.state === "known") return launchType.value === "FARGATE";
  const strategies = readProperty(service, "capacityProviderStrategies");
  if (strategies.state === "known" && Array.isArray(strategies.value) && strategies.value.length > 0) {
    return strategies.value.some(
      (strategy) => isMap(strategy) && /^FARGATE/.test(String(strategy.capacityProvider)),
    );
  }
  const fitFor = taskDefinition && readProperty(taskDefinition, "requiresCompatibilities");
  return fitFor?.state === "known" && Array.isArray(fitFor.value) && fitFor.value.join() === "FARGATE";
}
