import type { PlanResource } from "../plan";
import { dependencyUrns } from "../planIndex";
import { UNKNOWN } from "../property";
import {
  andThen,
  isMap,
  known,
  ownEntry,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
  unknown,
  unset,
  whenUnset,
} from "../reading";
import { type ClientContext, readClients } from "./clients";
import type { Container } from "./containers";
import { BY_POOLS, BY_TAG, leadsToDatabase, saysNone, usesNoDatabase } from "./databaseLinks";
import { declaresDemand, namesOf } from "./demand";
import { type ServiceReading, unreadable } from "./ecsServices";
import { readConcurrency } from "./lambdaConcurrency";
import type { PoolSettings } from "./poolProfiles";
import { setsAPool } from "./pools";

const PROPERTY = "environment";

/** Seconds a function may take when nothing is set (AWS: Lambda, "Configure Lambda function timeout"). */
const DEFAULT_TIMEOUT_SECONDS = 3;

/**
 * Reads a Lambda function as a database client, when its environment sets a pool, leads to a database or its tags
 * declare demand; most functions have nothing to do with one, and are none. Each environment is a process of its own with a pool of its own; as many as the concurrency allows
 * run at once.
 *
 * A new version takes new environments while those of the old one still finish, and both count against the same
 * concurrency, so a deployment adds nothing to what is running. Environments of the old version that are frozen keep
 * their sockets until Lambda reclaims them, at a time that AWS does not publish: they are not counted, and only the
 * database's own idle timeout ends them.
 */
export function readFunction(lambda: PlanResource, context: ClientContext): ServiceReading | undefined {
  const { index } = context;
  const tag = readText(lambda, "tags", "poolproof:database");
  if (usesNoDatabase(tag)) return { unexamined: BY_TAG };
  const names = namesOf(lambda);
  const overrides = context.pools(names);
  if (overrides.some(saysNone)) return { unexamined: BY_POOLS };
  const environment = readEnvironment(lambda);
  const made = dependencyUrns(lambda, PROPERTY);
  const container = environment.state === "known" ? environment.value : undefined;
  const isClient =
    (container !== undefined && setsAPool(container)) ||
    leadsToDatabase({ made, container }, context.databases, index) ||
    declaresDemand(lambda) ||
    overrides.length > 0 ||
    context.demand(names) !== undefined;
  if (!isClient) return environment.state === "known" ? undefined : unreadable(environment, lambda, index);
  const concurrency = readConcurrency(lambda, index);
  const given = (settings: PoolSettings): Partial<PoolSettings> => ({
    ...(settings.requestTimeoutMs.reading.state === "unset" ? { requestTimeoutMs: readTimeout(lambda) } : {}),
    // It answers no connections of its own.
    keepAliveTimeoutMs: { ...settings.keepAliveTimeoutMs, reading: unset("keepAliveTimeout") },
    processesPerTask: { ...settings.processesPerTask, reading: known(1, "one process") },
  });
  const clients = readClients(
    environment,
    { tag, made, overrides, names, property: PROPERTY, given },
    context,
    {
      kind: "lambda",
      resource: lambda,
      taskDefinition: undefined,
      tasks: {
        minCapacity: concurrency,
        maxCapacity: concurrency,
        sustainedCapacity: concurrency,
        maximumPercent: known(100),
        minimumHealthyPercent: known(100),
        keepsBothRevisions: known(false),
        zones: unset("vpcConfig"),
      },
      inFront: [],
      loadBalancerIdleSeconds: unset("loadBalancers"),
      deregistrationDelaySeconds: unset("loadBalancers"),
      stopTimeoutSeconds: unset("stopTimeout"),
    },
  );
  // A function is its own container.
  return { clients: clients.map((client) => ({ ...client, container: unset("containerDefinitions") })) };
}

function readTimeout(lambda: PlanResource): PoolSettings["requestTimeoutMs"] {
  const seconds = whenUnset(readNumber(lambda, "timeout"), DEFAULT_TIMEOUT_SECONDS, "Lambda's default");
  const sound = requireNumber(seconds, "timeout", (s) => s >= 1 && s <= 900, "seconds from 1 to 900");
  const reading = andThen(sound, (s) => known(s * 1000, sound.state === "known" ? sound.assumed : undefined));
  return { variable: "timeout", unit: "ms", reading, writtenIn: "s" };
}

/** The function's variables, by the manner of a container. Values inside stay known beside one that is not. */
export function readEnvironment(lambda: PlanResource): Reading<Container> {
  const variables = readProperty(lambda, PROPERTY, "variables");
  if (variables.state === "unknown" || variables.state === "malformed") return variables;
  const map = variables.state === "known" && isMap(variables.value) ? variables.value : {};
  return known({
    name: lambda.name,
    sets: (name) => ownEntry(map, name) !== undefined && ownEntry(map, name) !== null,
    variables: Object.keys(map),
    mayHoldMore: false,
    secretSources: [],
    texts: [],
    stopTimeout: unset("stopTimeout"),
    environment(name) {
      const value = ownEntry(map, name);
      if (value === undefined || value === null) return unset(PROPERTY);
      if (value === UNKNOWN) return unknown(PROPERTY, `\`${name}\` is not known before the deployment`);
      return known(typeof value === "object" ? "" : String(value));
    },
  });
}
