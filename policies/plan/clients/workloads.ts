import { BY_POOLS, BY_TAG, leadsToDatabase, saysNone, usesNoDatabase } from "../databases/links";
import { readPooler } from "../databases/poolers";
import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { setsAPool } from "../pools/pools";
import {
  known,
  knownValue,
  ownEntry,
  ownText,
  type Reading,
  readNumber,
  readProperty,
  readText,
  toNumber,
  unknown,
  unset,
  whenUnset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import { declaresDemand, namesOf } from "../tags";
import type { ClientReading, TaskReading } from "../types";
import { type ClientContext, readClients } from "./clients";
import { type Container, containerOf } from "./containers";
import type { ServiceReading } from "./ecsServices";
import { counted, fleet, hiddenIn, hides, listIn, mapIn, share, type Workload } from "./fleet";
import { kubernetes } from "./kubernetes";

/** App Runner services, Elastic Beanstalk environments and workloads of Kubernetes as clients of a database. */
export const WORKLOAD_TYPES: ReadonlySet<string> = new Set([
  ...resourceTypes.appRunnerService,
  ...resourceTypes.beanstalkEnvironment,
  ...resourceTypes.kubernetesWorkload,
]);

/** Reads one of them; undefined for what has nothing to do with a database. */
export function readWorkload(resource: PlanResource, context: ClientContext): ServiceReading | undefined {
  const { index, databases } = context;
  const workload = toWorkload(resource, index);
  // Of settings that are hidden as a whole nothing is read: what depends on a database is reported as such.
  if (readProperty(resource, workload.property).state !== "known") return undefined;
  const of = workload.resource;
  const tag = readText(of, "tags", "poolproof:database");
  if (usesNoDatabase(tag)) return { unexamined: BY_TAG };
  const names = [...new Set([...namesOf(resource), ...namesInside(resource)])];
  const overrides = context.pools(names);
  if (overrides.some(saysNone)) return { unexamined: BY_POOLS };
  const { containers, hidden, made, kind, property, tasks } = workload;
  const leads = (container: Container): boolean => leadsToDatabase({ made: [], container }, databases, index);
  const holders = containers.filter(
    (container) => setsAPool(container) || readPooler(container) !== undefined || leads(container),
  );
  const [first] = containers;
  const isClient =
    declaresDemand(of) ||
    overrides.length > 0 ||
    context.demand(names) !== undefined ||
    leadsToDatabase({ made, container: undefined }, databases, index);
  const isHidden = hidden !== undefined && (isClient || holders.some(leads));
  const isFirst = holders.length === 0 && isClient && !isHidden && first !== undefined;
  const clients: readonly Reading<Container>[] = [
    ...(isFirst ? [first] : holders).map((container) => known(container)),
    ...(isHidden ? [hidden] : []),
  ];
  // Without an address, a pool is as likely another database's: a cluster runs much that this stack knows nothing of.
  if (clients.length === 0 || !(isClient || holders.some(leads))) return undefined;
  return {
    clients: clients.flatMap((container): readonly ClientReading[] =>
      readClients(container, { tag, made, overrides, names, property }, context, {
        kind,
        resource: of,
        taskDefinition: undefined,
        tasks,
        inFront: [],
        loadBalancerIdleSeconds: unset("loadBalancers"),
        deregistrationDelaySeconds: unset("loadBalancers"),
        stopTimeoutSeconds: unset("stopTimeout"),
        drainSeconds: unset("loadBalancers"),
        healthCheckSeconds: unset("healthCheck"),
        spreadByZone: false,
      }),
    ),
  };
}

function toWorkload(resource: PlanResource, index: PlanIndex): Workload {
  if (resourceTypes.appRunnerService.has(resource.type)) return appRunner(resource, index);
  if (resourceTypes.beanstalkEnvironment.has(resource.type)) return beanstalk(resource);
  return kubernetes(resource, index);
}

/** Names that the resource has inside: an App Runner service's, a Kubernetes workload's. */
const namesInside = (resource: PlanResource): readonly string[] =>
  [ownText(resource, "serviceName"), readText(resource, "metadata", "name")].flatMap(
    (name) => knownValue(name) ?? [],
  );

const pairs = (map: PropertyMap, field: "value" | "valueFrom"): PropertyValue[] =>
  Object.entries(map).map(([name, value]) => ({ name, [field]: value }) as PropertyValue);

/** 25 instances at most unless a configuration says otherwise, and both versions during a deployment (AWS: App Runner, "Managing automatic scaling"). */
function appRunner(resource: PlanResource, index: PlanIndex): Workload {
  const property = "sourceConfiguration";
  const source = resource.properties[property];
  const image = mapIn(source, "imageRepository");
  const configuration = {
    ...mapIn(source, "codeRepository", "codeConfiguration", "codeConfigurationValues"),
    ...mapIn(image, "imageConfiguration"),
  };
  const code = mapIn(source, "codeRepository", "codeConfiguration");
  const from = ownEntry(code, "configurationSource");
  const parts: readonly (PropertyValue | undefined)[] = [
    ...["imageRepository", "codeRepository"].map((key) => ownEntry(mapIn(source), key)),
    ownEntry(mapIn(source, "codeRepository"), "codeConfiguration"),
    ownEntry(code, "codeConfigurationValues"),
    ownEntry(image, "imageConfiguration"),
    ownEntry(configuration, "runtimeEnvironmentVariables"),
    ownEntry(configuration, "runtimeEnvironmentSecrets"),
  ];
  const hidden = hiddenIn(property, parts.includes(UNKNOWN));
  const container = containerOf({
    name: resource.name,
    // `apprunner.yaml` in the repository says everything then, and the plan nothing.
    ...(from === "REPOSITORY" || from === UNKNOWN ? { environmentFiles: UNKNOWN } : {}),
    image: ownEntry(image, "imageIdentifier") ?? null,
    command: ownEntry(configuration, "startCommand") ?? null,
    environment: pairs(mapIn(configuration, "runtimeEnvironmentVariables"), "value"),
    secrets: pairs(mapIn(configuration, "runtimeEnvironmentSecrets"), "valueFrom"),
  });
  const arn = "autoScalingConfigurationArn";
  const isOwn = readProperty(resource, arn).state !== "unset";
  const [scaling] = index.dependenciesOf(resource, arn, resourceTypes.appRunnerScaling);
  const bound = (name: string, otherwise: number): Reading<number> =>
    scaling !== undefined
      ? counted(whenUnset(readNumber(scaling, name), otherwise, "App Runner's default"), name, 1)
      : isOwn
        ? unknown(arn, `\`${arn}\` names a configuration that is not part of this stack`)
        : known(otherwise, "App Runner's default");
  const tasks = fleet(bound("minSize", 1), bound("maxSize", 25), { maximumPercent: known(200) });
  return {
    kind: "app-runner",
    resource,
    property,
    containers: hidden === undefined ? [container] : [],
    hidden,
    made: dependencyUrns(resource, property),
    tasks,
  };
}

/**
 * Options by namespace; 1 to 4 instances unless they say otherwise. A deployment is all at once, in place, unless a policy
 * says otherwise, and a batch of it is all instances unless `BatchSize` does (AWS: Elastic Beanstalk, "General options for
 * all environments").
 */
function beanstalk(resource: PlanResource): Workload {
  const property = "settings";
  const settings = listIn(resource.properties, property);
  const isTemplate = readProperty(resource, "templateName").state !== "unset";
  const hidden = hiddenIn(property, hides(resource.properties[property], "namespace", "name"));
  const option = (namespace: string, name: string): Reading<PropertyValue> => {
    const found = settings.filter((each) => each.namespace === namespace && each.name === name);
    const value = found.map((each) => ownEntry(each, "value")).find((each) => each !== undefined);
    if (hidden !== undefined) return unknown(property);
    if (value === undefined || value === null)
      return isTemplate ? unknown("templateName", `a saved configuration may set \`${name}\``) : unset(name);
    return value === UNKNOWN
      ? unknown(property, `\`${name}\` is not known before the deployment`)
      : known(value);
  };
  const count = (name: string, otherwise: number): Reading<number> => {
    const given = option("aws:autoscaling:asg", name);
    const reading = given.state === "known" ? toNumber(given.value, name) : given;
    return counted(whenUnset(reading, otherwise, "Elastic Beanstalk's default"), name, 0);
  };
  const isSingle =
    knownValue(option("aws:elasticbeanstalk:environment", "EnvironmentType")) === "SingleInstance";
  const one = known(1, "a single instance");
  const [min, max] = isSingle ? [one, one] : [count("MinSize", 1), count("MaxSize", 4)];
  const container = containerOf({
    name: resource.name,
    ...(isTemplate ? { environmentFiles: UNKNOWN } : {}),
    environment: settings
      .filter((each) => each.namespace === "aws:elasticbeanstalk:application:environment")
      .map((each) => ({ name: ownEntry(each, "name") ?? "", value: ownEntry(each, "value") ?? "" })),
  });
  return {
    kind: "beanstalk",
    resource,
    property,
    containers: hidden === undefined ? [container] : [],
    hidden,
    made: dependencyUrns(resource, property),
    tasks: fleet(min, max, replacement(option, min, max)),
  };
}

/** How an environment's instances are replaced: in place, batch by batch, or by as many new ones. */
function replacement(
  option: (namespace: string, name: string) => Reading<PropertyValue>,
  min: Reading<number>,
  max: Reading<number>,
): Partial<TaskReading> {
  const commands = "aws:elasticbeanstalk:command";
  const policy = whenUnset(option(commands, "DeploymentPolicy"), "AllAtOnce", "Elastic Beanstalk's default");
  const update = option("aws:autoscaling:updatepolicy:rollingupdate", "RollingUpdateType");
  if (policy.state !== "known") return { maximumPercent: policy };
  if (update.state === "unknown") return { maximumPercent: update };
  const twice = ["Immutable", "TrafficSplitting"];
  if (twice.includes(String(policy.value)) || knownValue(update) === "Immutable")
    return { maximumPercent: known(200) };
  if (policy.value === "AllAtOnce") return { inPlace: true };
  const size = whenUnset(option(commands, "BatchSize"), 100, "Elastic Beanstalk's default");
  const type = whenUnset(option(commands, "BatchSizeType"), "Percentage", "Elastic Beanstalk's default");
  if (type.state !== "known") return { maximumPercent: type };
  const given = size.state === "known" ? toNumber(size.value, "BatchSize") : size;
  const batch = counted(given, "BatchSize", 1);
  if (batch.state !== "known") return { maximumPercent: batch };
  const isFixed = type.value === "Fixed";
  const part = (of: number | undefined): number | undefined =>
    of === undefined ? undefined : isFixed ? batch.value : Math.ceil((of * batch.value) / 100);
  if (policy.value === "RollingWithAdditionalBatch")
    return { maximumPercent: share(knownValue(max), part(knownValue(max)) ?? 0, 1e-6) };
  const away = part(knownValue(min));
  return { inPlace: true, minimumHealthyPercent: share(knownValue(min), -(away ?? 0), -1e-6) };
}
