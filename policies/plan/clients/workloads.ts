import { BY_POOLS, BY_TAG, leadsToDatabase, saysNone, usesNoDatabase } from "../databases/links";
import { readPooler } from "../databases/poolers";
import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import { setsAPool } from "../pools/pools";
import {
  andThen,
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
  type Unknown,
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
  /** Why some of its containers or their variables are not known; undefined where all of them are. */
  readonly hidden: Unknown | undefined;
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

/** Whether a list is hidden, or one of its entries, or one of these fields of an entry. */
const hides = (list: PropertyValue | undefined, ...fields: readonly string[]): boolean => {
  const entries: readonly PropertyValue[] = Array.isArray(list) ? list : [list ?? null];
  return entries.some(
    (each) => each === UNKNOWN || (isMap(each) && fields.some((field) => ownEntry(each, field) === UNKNOWN)),
  );
};

/** What to do about containers or variables of which the preview shows too little. */
const hiddenIn = (property: string, isHidden: boolean): Unknown | undefined =>
  isHidden
    ? {
        ...unknown(property, `\`${property}\` hides variables of a container until the deployment`),
        fix: "Give the names and numbers of its variables as plain values, or give the settings as `values` under `pools` in the policy configuration",
      }
    : undefined;

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
  // Init containers that stay are sidecars (kubernetes.io, "Sidecar Containers"); the others end before the rest starts.
  const sidecars = listIn(template, "initContainers").filter(
    ({ restartPolicy }) => restartPolicy === "Always" || restartPolicy === UNKNOWN,
  );
  const all = [...listIn(template, "containers"), ...sidecars];
  const shown = all.filter((each) => !hides(each.env, "name") && !hides(each.envFrom));
  const isHidden =
    shown.length < all.length ||
    hides(template.containers) ||
    hides(template.initContainers) ||
    hidesOnTheWay(spec, ["jobTemplate", "spec", "template", "spec"]);
  const containers = shown.map((container) => stores.containerIn(container));
  return {
    kind: "kubernetes",
    resource: { ...resource, properties: { ...resource.properties, tags: tagsOf(resource) } },
    property,
    containers,
    hidden: hiddenIn(property, isHidden),
    made: [...dependencyUrns(resource, property), ...stores.read],
    tasks: podsOf(resource, index),
  };
}

/** Whether one of the maps that lead to a workload's containers is hidden as a whole. */
const hidesOnTheWay = (value: PropertyValue | undefined, path: readonly string[]): boolean =>
  isMap(value ?? null) &&
  path.some((key, at) => {
    const next = ownEntry(value as PropertyMap, key);
    return next === UNKNOWN || hidesOnTheWay(next, path.slice(at + 1));
  });

/** ConfigMaps and Secrets of the program, as a workload's containers take their environment from them. */
class Stores {
  /** URNs of those that were read. */
  readonly read: string[] = [];

  constructor(
    private readonly workload: PlanResource,
    private readonly index: PlanIndex,
  ) {}

  /** Later sources win over earlier ones, and `env` over them all (kubernetes.io, "Define Environment Variables"). */
  containerIn(container: PropertyMap): Container {
    const values = new Map<string, PropertyValue>();
    const hidden = new Set<string>();
    let isOpen = false;
    for (const from of listIn(container, "envFrom")) {
      const prefix = ownEntry(from, "prefix") ?? "";
      const isSecret = ownEntry(from, "secretRef") !== undefined;
      const data = this.dataOf(mapIn(from, isSecret ? "secretRef" : "configMapRef"), isSecret);
      if (data === undefined || typeof prefix !== "string") {
        isOpen = true;
        // What is not shown may set any of them again.
        for (const name of values.keys()) values.set(name, UNKNOWN);
        continue;
      }
      for (const [name, value] of Object.entries(data)) values.set(`${prefix}${name}`, value);
    }
    for (const each of listIn(container, "env")) {
      const name = String(ownEntry(each, "name") ?? "");
      const from = ownEntry(each, "valueFrom");
      const isSecret = isMap(from ?? null) && ownEntry(from as PropertyMap, "secretKeyRef") !== undefined;
      const reference = mapIn(from, isSecret ? "secretKeyRef" : "configMapKeyRef");
      const value =
        from === undefined || from === null
          ? (ownEntry(each, "value") ?? "")
          : this.dataOf(reference, isSecret)?.[String(ownEntry(reference, "key") ?? "")];
      values.delete(name);
      hidden.delete(name);
      if (value === undefined || value === null) hidden.add(name);
      else values.set(name, value);
    }
    return containerOf({
      name: ownEntry(container, "name") ?? "",
      image: ownEntry(container, "image") ?? null,
      entryPoint: ownEntry(container, "command") ?? null,
      command: ownEntry(container, "args") ?? null,
      environment: [...values].map(([name, value]) => ({ name, value })),
      secrets: [...hidden].map((name) => ({ name, valueFrom: "" })),
      ...(isOpen ? { environmentFiles: UNKNOWN } : {}),
    });
  }

  /** What a store of the program holds: the one of that name, or where the name is not known yet the only one that the workload is made from. */
  private dataOf(reference: PropertyMap, isSecret: boolean): PropertyMap | undefined {
    const types = isSecret ? resourceTypes.kubernetesSecret : resourceTypes.kubernetesConfigMap;
    const name = ownEntry(reference, "name");
    const nameOf = (each: PlanResource): string | undefined => knownValue(readText(each, "metadata", "name"));
    const made = this.index.dependenciesOf(this.workload, "spec", types);
    const called =
      typeof name === "string" ? this.index.ofType(types).filter((each) => nameOf(each) === name) : [];
    const [store, ...others] =
      called.length > 0 ? called : made.filter((each) => name === UNKNOWN || nameOf(each) === undefined);
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
  const started = scaler === undefined ? min : readNumber(resource, "spec", "replicas");
  const first = counted(whenUnset(started, 1, KUBERNETES), "replicas", 0);
  // A rollout starts what `replicas` says, before an autoscaler has its say.
  const running = andThen(most, (top) =>
    first.state === "known" ? known(Math.max(top, first.value)) : first,
  );
  const held = andThen(running, (n) => (n === knownValue(most) ? most : known(n)));
  const bounds = { sustainedCapacity: most };
  if (kind !== "Deployment") {
    const gone = partOf(
      ownEntry(mapIn(resource.properties.spec, "updateStrategy", "rollingUpdate"), "maxUnavailable") ?? 1,
    );
    return fleet(min, held, { ...bounds, inPlace: true, minimumHealthyPercent: healthy(gone, min, 1) });
  }
  const strategy = ownEntry(mapIn(resource.properties.spec), "strategy");
  const update = ownEntry(mapIn(strategy), "rollingUpdate");
  if (strategy === UNKNOWN || update === UNKNOWN)
    return fleet(min, held, {
      ...bounds,
      maximumPercent: unknown("strategy"),
      minimumHealthyPercent: known(0),
    });
  if (knownValue(readText(resource, "spec", "strategy", "type")) === "Recreate")
    return fleet(min, held, { ...bounds, inPlace: true });
  const surge = partOf(ownEntry(mapIn(update), "maxSurge") ?? "25%");
  const away = partOf(ownEntry(mapIn(update), "maxUnavailable") ?? "25%");
  const n = knownValue(held);
  const more = surge && Math.ceil(surge.isPercent ? ((n ?? 0) * surge.value) / 100 - 1e-9 : surge.value);
  const tag = readNumber(resource, "metadata", "annotations", "poolproof/tasks-at-peak");
  return fleet(min, held, {
    ...bounds,
    maximumPercent: more === undefined ? unknown("maxSurge") : share(n, more, 1e-6),
    // Where neither allows anything, one pod may go (kubernetes.io, API reference, RollingUpdateDeployment).
    minimumHealthyPercent: healthy(away, tag.state === "known" ? tag : min, more === 0 ? 1 : 0),
  });
}

interface Part {
  readonly value: number;
  readonly isPercent: boolean;
}

/** A number of pods or a percentage of them all; undefined where it cannot be read. */
function partOf(given: PropertyValue): Part | undefined {
  const [, value, percent] = /^(\d+)(%?)$/.exec(given === UNKNOWN ? "" : String(given)) ?? [];
  return value === undefined ? undefined : { value: Number(value), isPercent: percent === "%" };
}

/** The share of pods that keeps serving while others are replaced: of a percentage, Kubernetes rounds what goes down. */
function healthy(away: Part | undefined, of: Reading<number>, least: 0 | 1): Reading<number> {
  if (away === undefined) return unknown("maxUnavailable");
  if (away.isPercent && least === 0) return known(Math.max(0, 100 - away.value));
  const n = knownValue(of);
  const gone = away.isPercent ? Math.floor(((n ?? 0) * away.value) / 100 + 1e-9) : away.value;
  return share(n, -Math.max(least, gone), -1e-6);
}

/** As a percentage, a hair to the side that the model rounds away from. */
const share = (of: number | undefined, more: number, hair: number): Reading<number> =>
  of === undefined || of === 0 || more === 0
    ? known(100)
    : known(Math.max(0, (100 * (of + more)) / of + hair * 100));

/** The autoscaler whose target is this workload, by what it was made from or by kind and name. */
function scalerOf(resource: PlanResource, index: PlanIndex): PlanResource | undefined {
  const name = knownValue(readText(resource, "metadata", "name"));
  const kind = resource.type.split(":").at(-1);
  return index.ofType(resourceTypes.kubernetesScaler).find((scaler) => {
    const target = knownValue(readText(scaler, "spec", "scaleTargetRef", "name"));
    const isKind = (knownValue(readText(scaler, "spec", "scaleTargetRef", "kind")) ?? "Deployment") === kind;
    if (target !== undefined && name !== undefined) return isKind && target === name;
    if (Object.values(scaler.propertyDependencies).some((urns) => urns.includes(resource.urn))) return true;
    return isKind && target === resource.name;
  });
}
