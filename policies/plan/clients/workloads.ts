import { BY_POOLS, BY_TAG, leadsToDatabase, saysNone, usesNoDatabase } from "../databases/links";
import { readPooler } from "../databases/poolers";
import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { setsAPool } from "../pools/pools";
import {
  isMap,
  known,
  knownValue,
  ownEntry,
  ownText,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
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

/** Containers that something other than ECS and Lambda keeps running, and how many of them. */
interface Workload {
  readonly kind: "app-runner" | "beanstalk" | "kubernetes";
  readonly resource: PlanResource;
  /** Property that holds the environment. */
  readonly property: string;
  readonly containers: readonly Container[];
  /** URNs of what its settings were made from. */
  readonly made: readonly string[];
  readonly tasks: TaskReading;
}

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
  const { containers, made, kind, property, tasks } = workload;
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
  const clients = holders.length > 0 ? holders : isClient && first !== undefined ? [first] : [];
  // Without an address, a pool is as likely another database's: a cluster runs much that this stack knows nothing of.
  if (clients.length === 0 || !(isClient || clients.some(leads))) return undefined;
  return {
    clients: clients.flatMap((container): readonly ClientReading[] =>
      readClients(known(container), { tag, made, overrides, names, property }, context, {
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

const mapIn = (value: PropertyValue | undefined, ...path: readonly string[]): PropertyMap => {
  let at: PropertyValue | undefined = value;
  for (const key of path) {
    if (Array.isArray(at)) at = at[0] as PropertyValue;
    at = isMap(at) ? ownEntry(at, key) : undefined;
  }
  if (Array.isArray(at)) at = at[0] as PropertyValue;
  return isMap(at) ? at : {};
};

const listIn = (value: PropertyMap, key: string): readonly PropertyMap[] => {
  const list = ownEntry(value, key);
  return Array.isArray(list) ? (list as readonly PropertyValue[]).filter(isMap) : [];
};

const pairs = (map: PropertyMap, field: "value" | "valueFrom"): PropertyValue[] =>
  Object.entries(map).map(([name, value]) => ({ name, [field]: value }) as PropertyValue);

const counted = (reading: Reading<number>, property: string, least: number): Reading<number> =>
  requireNumber(
    reading,
    property,
    (n) => Number.isSafeInteger(n) && n >= least,
    `a whole number from ${least} up`,
  );

const fleet = (min: Reading<number>, max: Reading<number>, more: Partial<TaskReading> = {}): TaskReading => ({
  minCapacity: min,
  maxCapacity: max,
  sustainedCapacity: max,
  maximumPercent: known(100),
  minimumHealthyPercent: known(100),
  keepsBothRevisions: known(false),
  zones: unset("subnets"),
  ...more,
});

/** 25 instances at most unless a configuration says otherwise, and both versions during a deployment (AWS: App Runner, "Managing automatic scaling"). */
function appRunner(resource: PlanResource, index: PlanIndex): Workload {
  const property = "sourceConfiguration";
  const source = resource.properties[property];
  const image = mapIn(source, "imageRepository");
  const configuration = {
    ...mapIn(source, "codeRepository", "codeConfiguration", "codeConfigurationValues"),
    ...mapIn(image, "imageConfiguration"),
  };
  const container = containerOf({
    name: resource.name,
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
    containers: [container],
    made: dependencyUrns(resource, property),
    tasks,
  };
}

/** Options by namespace; 1 to 4 instances unless they say otherwise (AWS: Elastic Beanstalk, "General options for all environments"). */
function beanstalk(resource: PlanResource): Workload {
  const property = "settings";
  const settings = listIn(resource.properties, property);
  const option = (namespace: string, name: string): Reading<PropertyValue> => {
    const found = settings.find((each) => each.namespace === namespace && each.name === name);
    const value = found && ownEntry(found, "value");
    if (value === undefined || value === null) return unset(name);
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
  const policy = knownValue(option("aws:elasticbeanstalk:command", "DeploymentPolicy"));
  const batch = policy === "RollingWithAdditionalBatch" ? 130 : 100;
  const isTwice = policy === "Immutable" || policy === "TrafficSplitting";
  const container = containerOf({
    name: resource.name,
    environment: settings
      .filter((each) => each.namespace === "aws:elasticbeanstalk:application:environment")
      .map((each) => ({ name: ownEntry(each, "name") ?? "", value: ownEntry(each, "value") ?? "" })),
  });
  const one = known(1, "a single instance");
  const tasks = fleet(isSingle ? one : count("MinSize", 1), isSingle ? one : count("MaxSize", 4), {
    maximumPercent: known(isTwice ? 200 : batch),
  });
  return {
    kind: "beanstalk",
    resource,
    property,
    containers: [container],
    made: dependencyUrns(resource, property),
    tasks,
  };
}

/** Annotations of Kubernetes may hold no colon: `poolproof/database` says what the tag `poolproof:database` does. */
function tagsOf(resource: PlanResource): PropertyMap {
  const all = [
    mapIn(resource.properties.metadata, "annotations"),
    mapIn(resource.properties.spec, "template", "metadata", "annotations"),
  ].flatMap((annotations) => Object.entries(annotations));
  return Object.fromEntries(
    all.flatMap(([name, value]) =>
      name.startsWith("poolproof/") ? [[`poolproof:${name.slice(10)}`, value]] : [],
    ),
  );
}

function kubernetes(resource: PlanResource, index: PlanIndex): Workload {
  const property = "spec";
  const spec = resource.properties[property];
  const own = mapIn(spec, "jobTemplate", "spec");
  const template = resource.type.endsWith(":Pod")
    ? mapIn(spec)
    : mapIn(Object.keys(own).length > 0 ? own : spec, "template", "spec");
  const stores = new Stores(resource, index);
  const containers = listIn(template, "containers").map((container) => stores.containerIn(container));
  return {
    kind: "kubernetes",
    resource: { ...resource, properties: { ...resource.properties, tags: tagsOf(resource) } },
    property,
    containers,
    made: [...dependencyUrns(resource, property), ...stores.read],
    tasks: podsOf(resource, index),
  };
}

/** ConfigMaps and Secrets of the program, as a workload's containers take their environment from them. */
class Stores {
  /** URNs of those that were read. */
  readonly read: string[] = [];

  constructor(
    private readonly workload: PlanResource,
    private readonly index: PlanIndex,
  ) {}

  containerIn(container: PropertyMap): Container {
    const environment: PropertyValue[] = [];
    const secrets: PropertyValue[] = [];
    let isOpen = false;
    for (const from of listIn(container, "envFrom")) {
      const prefix = ownEntry(from, "prefix");
      const isSecret = ownEntry(from, "secretRef") !== undefined;
      const data = this.dataOf(mapIn(from, isSecret ? "secretRef" : "configMapRef"), isSecret);
      if (data === undefined) isOpen = true;
      for (const [name, value] of Object.entries(data ?? {}))
        environment.push({ name: `${typeof prefix === "string" ? prefix : ""}${name}`, value });
    }
    for (const each of listIn(container, "env")) {
      const name = ownEntry(each, "name") ?? "";
      const from = ownEntry(each, "valueFrom");
      if (from === undefined || from === null) {
        environment.push({ name, value: ownEntry(each, "value") ?? "" });
        continue;
      }
      const isSecret = isMap(from) && ownEntry(from, "secretKeyRef") !== undefined;
      const reference = mapIn(from, isSecret ? "secretKeyRef" : "configMapKeyRef");
      const value = this.dataOf(reference, isSecret)?.[String(ownEntry(reference, "key") ?? "")];
      if (value === undefined || value === null) secrets.push({ name, valueFrom: "" });
      else environment.push({ name, value });
    }
    return containerOf({
      name: ownEntry(container, "name") ?? "",
      image: ownEntry(container, "image") ?? null,
      entryPoint: ownEntry(container, "command") ?? null,
      command: ownEntry(container, "args") ?? null,
      environment,
      secrets,
      ...(isOpen ? { environmentFiles: UNKNOWN } : {}),
    });
  }

  /** What a store of the program holds, by its name or as the only one that the workload is made from. */
  private dataOf(reference: PropertyMap, isSecret: boolean): PropertyMap | undefined {
    const types = isSecret ? resourceTypes.kubernetesSecret : resourceTypes.kubernetesConfigMap;
    const name = ownEntry(reference, "name");
    const made = this.index.dependenciesOf(this.workload, "spec", types);
    const called = this.index
      .ofType(types)
      .filter((each) => [each.name, knownValue(readText(each, "metadata", "name"))].includes(String(name)));
    const [store, ...others] = typeof name === "string" && called.length > 0 ? called : made;
    if (store === undefined || others.length > 0) return undefined;
    this.read.push(store.urn);
    const data = isSecret
      ? { ...mapIn(store.properties.data), ...mapIn(store.properties.stringData) }
      : mapIn(store.properties.data);
    // What a Secret holds in base64 is not read: only its names count.
    const hidden = isSecret ? Object.keys(mapIn(store.properties.data)) : [];
    const isAllHidden = [store.properties.data, store.properties.stringData].includes(UNKNOWN);
    if (isAllHidden) return undefined;
    return { ...data, ...Object.fromEntries(hidden.map((key) => [key, UNKNOWN])) };
  }
}

const KUBERNETES = "Kubernetes' default";

/**
 * How many pods run: `replicas`, or what an autoscaler may make of them, and `maxSurge` (25 %, rounded up) on top during
 * a rollout, with `maxUnavailable` (25 %, rounded down) fewer serving (kubernetes.io, "Deployments").
 */
function podsOf(resource: PlanResource, index: PlanIndex): TaskReading {
  const kind = resource.type.split(":").at(-1);
  const one = (property: string) =>
    counted(whenUnset(readNumber(resource, "spec", property), 1, KUBERNETES), property, 0);
  switch (kind) {
    case "Pod":
      return fleet(known(1, "one pod"), known(1, "one pod"));
    case "Job":
      return fleet(one("parallelism"), one("parallelism"));
    case "CronJob": {
      const policy = knownValue(readText(resource, "spec", "concurrencyPolicy"));
      const parallel = counted(
        whenUnset(readNumber(resource, "spec", "jobTemplate", "spec", "parallelism"), 1, KUBERNETES),
        "parallelism",
        0,
      );
      const most =
        policy === "Forbid" || policy === "Replace"
          ? parallel
          : {
              ...unknown(
                "concurrencyPolicy",
                "a run that takes longer than its schedule overlaps the next ones",
              ),
              fix: "Set `concurrencyPolicy` to `Forbid`",
            };
      return fleet(parallel, most);
    }
    case "DaemonSet": {
      const nodes = unknown(
        "spec",
        "a daemon set runs one pod on each node, and the plan does not show how many there are",
      );
      return fleet(nodes, nodes);
    }
  }
  const scaler = scalerOf(resource, index);
  const replicas = one("replicas");
  const [min, max] =
    scaler === undefined
      ? [replicas, replicas]
      : scaler.type.includes("keda")
        ? [
            counted(
              whenUnset(readNumber(scaler, "spec", "minReplicaCount"), 0, "KEDA's default"),
              "minReplicaCount",
              0,
            ),
            counted(
              whenUnset(readNumber(scaler, "spec", "maxReplicaCount"), 100, "KEDA's default"),
              "maxReplicaCount",
              0,
            ),
          ]
        : [
            counted(whenUnset(readNumber(scaler, "spec", "minReplicas"), 1, KUBERNETES), "minReplicas", 0),
            counted(readNumber(scaler, "spec", "maxReplicas"), "maxReplicas", 1),
          ];
  const most =
    max.state === "unset" ? unknown("maxReplicas", "`maxReplicas` of its autoscaler is not set") : max;
  if (kind !== "Deployment") return fleet(min, most);
  const update = mapIn(resource.properties.spec, "strategy", "rollingUpdate");
  const isRecreated = knownValue(readText(resource, "spec", "strategy", "type")) === "Recreate";
  const surge = isRecreated ? 0 : partOf(ownEntry(update, "maxSurge"), knownValue(most), Math.ceil);
  const away = isRecreated ? 0 : partOf(ownEntry(update, "maxUnavailable"), knownValue(min), Math.floor);
  return fleet(min, most, {
    maximumPercent: surge === undefined ? unknown("maxSurge") : share(knownValue(most), surge, 1e-6),
    minimumHealthyPercent:
      away === undefined ? unknown("maxUnavailable") : share(knownValue(min), -away, -1e-6),
  });
}

/** Pods of a number or a percentage of all; 25 % where nothing is set. */
function partOf(
  value: PropertyValue | undefined,
  of: number | undefined,
  round: (n: number) => number,
): number | undefined {
  const given = value ?? "25%";
  if (given === UNKNOWN) return undefined;
  const percent = /^(\d+)%$/.exec(String(given))?.[1];
  if (percent !== undefined)
    return round(((of ?? 1) * Number(percent)) / 100 - (round === Math.ceil ? 1e-9 : -1e-9));
  return /^\d+$/.test(String(given)) ? Number(given) : undefined;
}

/** As a percentage, a hair to the side that the model rounds away from. */
const share = (of: number | undefined, more: number, hair: number): Reading<number> =>
  of === undefined || of === 0 ? known(100) : known(Math.max(0, (100 * (of + more)) / of + hair * 100));

/** The autoscaler whose target is this workload, by name or by what it was made from. */
function scalerOf(resource: PlanResource, index: PlanIndex): PlanResource | undefined {
  const names = [resource.name, knownValue(readText(resource, "metadata", "name"))];
  return index.ofType(resourceTypes.kubernetesScaler).find((scaler) => {
    if (Object.values(scaler.propertyDependencies).some((urns) => urns.includes(resource.urn))) return true;
    const target = knownValue(readText(scaler, "spec", "scaleTargetRef", "name"));
    return target !== undefined && names.includes(target);
  });
}
