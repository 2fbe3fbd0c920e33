import {
  BY_POOLS,
  BY_TAG,
  leadsToDatabase,
  logsInByRole,
  saysNone,
  usesNoDatabase,
} from "../databases/links";
import { type PlanResource, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import type { PoolSettings } from "../pools/libraries";
import { setsAPool } from "../pools/pools";
import {
  andThen,
  combine,
  isMap,
  known,
  knownValue,
  leftToAws,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
  unknown,
  unset,
  whenUnset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import { declaresDemand, namesOf } from "../tags";
import { type ClientContext, readClients } from "./clients";
import type { Container } from "./containers";
import { type ServiceReading, unreadable } from "./ecsServices";
import { withProperties } from "./properties";

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
    logsInByRole(lambda, "role", context.databases, index) ||
    declaresDemand(lambda) ||
    overrides.length > 0 ||
    context.demand(names) !== undefined;
  if (!isClient) return environment.state === "known" ? undefined : unreadable(environment, lambda, index);
  const requests = readConcurrency(lambda, index, context.accountConcurrency);
  const perEnvironment = readPerEnvironment(lambda);
  // Reserved concurrency counts requests: where one environment serves several, fewer environments hold pools.
  const concurrency =
    perEnvironment.state === "unset"
      ? requests
      : combine({ requests, each: perEnvironment }, ({ requests: most, each }) => Math.ceil(most / each));
  const given = (settings: PoolSettings): Partial<PoolSettings> => ({
    ...(settings.requestTimeoutMs.reading.state === "unset" ? { requestTimeoutMs: readTimeout(lambda) } : {}),
    // It answers no connections of its own.
    keepAliveTimeoutMs: { ...settings.keepAliveTimeoutMs, reading: unset("keepAliveTimeout") },
    processesPerTask: { ...settings.processesPerTask, reading: known(1, "one process") },
    concurrencyPerProcess: {
      variable: PER_ENVIRONMENT.at(-1) ?? "",
      unit: "threads",
      reading: perEnvironment,
    },
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
        // Nothing keeps requests from gathering in one environment that may serve several.
        minCapacity: perEnvironment.state === "unset" ? concurrency : known(1, "one environment"),
        maxCapacity: concurrency,
        sustainedCapacity: concurrency,
        ...(isShared(requests) ? { shares: sharedConcurrency(index, context.accountConcurrency) } : {}),
        maximumPercent: known(100),
        minimumHealthyPercent: known(100),
        keepsBothRevisions: known(false),
        zones: unset("vpcConfig"),
      },
      inFront: [],
      loadBalancerIdleSeconds: unset("loadBalancers"),
      deregistrationDelaySeconds: unset("loadBalancers"),
      drainSeconds: unset("loadBalancers"),
      healthCheckSeconds: unset("loadBalancers"),
      spreadByZone: false,
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
  const given = Object.entries(map).flatMap(([name, value]) =>
    value === null ? [] : [[name, [value]] as const],
  );
  const { environment, labels } = withProperties(new Map(given), [], undefined);
  return known({
    name: lambda.name,
    sets: (name) => environment.has(name),
    labelOf: (name) => labels.get(name),
    variables: [...environment.keys()],
    mayHoldMore: false,
    secretSources: [],
    texts: [],
    stopTimeout: unset("stopTimeout"),
    environment(name) {
      const value = environment.get(name)?.at(-1);
      if (value === undefined) return unset(PROPERTY);
      if (value === UNKNOWN) return unknown(PROPERTY, `\`${name}\` is not known before the deployment`);
      return known(typeof value === "object" ? "" : String(value));
    },
  });
}

const PER_ENVIRONMENT = [
  "capacityProviderConfig",
  "lambdaManagedInstancesCapacityProviderConfig",
  "perExecutionEnvironmentMaxConcurrency",
] as const;

/**
 * Requests that one environment of Lambda Managed Instances serves at once: what is set, else by the language, up to 64 for
 * each vCPU (AWS: Lambda, "Lambda Managed Instances"). Unset for every other function, which serves one.
 */
function readPerEnvironment(lambda: PlanResource): Reading<number> {
  const [block] = PER_ENVIRONMENT;
  const given = leftToAws(lambda, block, readProperty(lambda, block));
  if (given.state === "unset") return unset(block);
  const property = PER_ENVIRONMENT.at(-1) ?? "";
  const most = readNumber(lambda, ...PER_ENVIRONMENT);
  if (most.state === "unset") {
    return {
      ...unknown(property, `\`${property}\` is not set, and AWS chooses it by the language and the vCPUs`),
      fix: `Set \`${property}\``,
    };
  }
  return requireNumber(most, property, (n) => Number.isSafeInteger(n) && n >= 1, "a whole number from 1 up");
}

/** Whether nothing but the account's limit bounds it, which it shares with all others of that kind. */
const isShared = (requests: Reading<number>): boolean =>
  requests.state === "known" && requests.assumed === OF_ACCOUNT;

/** What the account leaves to functions without a reservation: all but what this stack reserves, and never less than AWS keeps. */
function sharedConcurrency(index: PlanIndex, account: number): number {
  const reserved = index
    .ofType(resourceTypes.lambdaFunction)
    .map((each) => Math.max(0, knownValue(readNumber(each, "reservedConcurrentExecutions")) ?? 0));
  return Math.max(KEPT_UNRESERVED, account - reserved.reduce((sum, each) => sum + each, 0));
}

/** AWS keeps 100 for functions that reserve none (AWS: Lambda, "Configuring reserved concurrency"). */
const KEPT_UNRESERVED = 100;

/** Environments that all functions of an account and region share until a quota is raised (AWS: Lambda, "Lambda quotas"). */
export const ACCOUNT_LIMIT = 1000;
const OF_ACCOUNT = "Lambda's default limit for an account";

/**
 * Environments of a function that may run at once: its reserved concurrency (AWS: Lambda, "Configuring reserved
 * concurrency"; −1 and unset reserve none, 0 never runs). Without one, what its event sources may invoke at once, where
 * each has a maximum and nothing of the plan lets anybody else in. Else the limit of an account, which all its
 * functions share.
 */
function readConcurrency(lambda: PlanResource, index: PlanIndex, account: number): Reading<number> {
  const property = "reservedConcurrentExecutions";
  const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= -1;
  const reserved = requireNumber(
    readNumber(lambda, property),
    property,
    isWhole,
    "an integer of at least -1",
  );
  if (reserved.state !== "unset" && knownValue(reserved) !== -1) return reserved;
  return fromEventSources(lambda, index) ?? known(account, OF_ACCOUNT);
}

/** The sum of the maximum concurrency of a function's event sources; undefined where that is not its only way in. */
function fromEventSources(lambda: PlanResource, index: PlanIndex): Reading<number> | undefined {
  if (usersOf(lambda, resourceTypes.lambdaPermission, "function", index).length > 0) return undefined;
  if (usersOf(lambda, resourceTypes.lambdaFunctionUrl, "functionName", index).length > 0) return undefined;
  if (hasOtherWaysIn(lambda, index)) return undefined;
  const mappings = usersOf(lambda, resourceTypes.lambdaEventSourceMapping, "functionName", index);
  let sum = 0;
  for (const mapping of mappings) {
    const maximum = maximumOf(mapping, index);
    if (maximum.state === "unset") return undefined;
    if (maximum.state !== "known") return maximum;
    sum += maximum.value;
  }
  return mappings.length === 0 ? undefined : known(sum, "the maximum concurrency of its event sources");
}

/** What names a function and invokes nothing: its own settings, what watches it, and its event sources. */
const NO_WAY_IN =
  /^aws:(?:lambda\/(?!function:Function)|cloudwatch\/(?!eventTarget)|appautoscaling\/|logs?\/|xray\/|codedeploy\/|signer\/)/;

/**
 * Whether anything else of the plan has the function's name or ARN: a state machine, a schedule, a pipe, a rule's target, a
 * role that may invoke it, another function. They invoke by their roles and need no permission on the function.
 */
function hasOtherWaysIn(lambda: PlanResource, index: PlanIndex): boolean {
  const name = knownValue(readText(lambda, "name"));
  const arn = name === undefined ? undefined : `:function:${name}`;
  return index.resources.some(
    (each) =>
      each !== lambda &&
      !NO_WAY_IN.test(each.type) &&
      !each.type.startsWith("pulumi:") &&
      (Object.values(each.propertyDependencies).some((urns) => urns.includes(lambda.urn)) ||
        (arn !== undefined && Object.values(each.properties).some((value) => holdsText(value, arn)))),
  );
}

function holdsText(value: PropertyValue | undefined, text: string): boolean {
  if (typeof value === "string") return value.includes(text);
  return (
    typeof value === "object" && value !== null && Object.values(value).some((each) => holdsText(each, text))
  );
}

/** Only queues have one, from 2 to 1000 (AWS: Lambda, "Configuring maximum concurrency for Amazon SQS event sources"). */
function maximumOf(mapping: PlanResource, index: PlanIndex): Reading<number> {
  const ofStream = byShards(mapping, index);
  if (ofStream !== undefined) return ofStream;
  const path = ["scalingConfig", "maximumConcurrency"] as const;
  const passes = (n: number): boolean => Number.isSafeInteger(n) && n >= 2 && n <= 1000;
  return requireNumber(readNumber(mapping, ...path), path.join("."), passes, "an integer from 2 to 1000");
}

/**
 * A Kinesis stream invokes once for each shard, times `parallelizationFactor` (AWS: Lambda, "How Lambda processes records from
 * stream and queue-based event sources"). The number of a table's shards is AWS's own.
 */
function byShards(mapping: PlanResource, index: PlanIndex): Reading<number> | undefined {
  const [stream] = index.dependenciesOf(mapping, "eventSourceArn", resourceTypes.kinesisStream);
  if (stream === undefined) return undefined;
  const shards = readNumber(stream, "shardCount");
  if (shards.state !== "known") return unset("shardCount");
  return andThen(whenUnset(readNumber(mapping, "parallelizationFactor"), 1, "Lambda's default"), (factor) =>
    known(shards.value * factor),
  );
}

/** What refers to a function: by what its property was made from, else by the function's name, bare or in an ARN. */
function usersOf(
  lambda: PlanResource,
  types: ReadonlySet<string>,
  property: string,
  index: PlanIndex,
): readonly PlanResource[] {
  const name = knownValue(readText(lambda, "name"));
  const made = index.usersOf(lambda.urn, types, property);
  if (name === undefined) return made;
  const named = index.keyed(types, property, name, functionName);
  return [...new Set([...made, ...named])];
}

/** `name`, `name:alias`, `ACCOUNT:function:name` or a whole ARN (AWS: Lambda API, FunctionName). */
function functionName(reference: string): string {
  const parts = reference.split(":");
  const at = parts.indexOf("function");
  return (at >= 0 ? parts[at + 1] : parts[0]) ?? "";
}
