import { readIni } from "../databases/poolers";
import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { dependencyUrns, type PlanIndex } from "../planIndex";
import {
  andThen,
  isMap,
  known,
  knownValue,
  ownEntry,
  type Reading,
  readNumber,
  readText,
  unknown,
  whenUnset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { TaskReading } from "../types";
import { type Container, containerOf } from "./containers";
import { counted, fleet, hiddenIn, hides, listIn, mapIn, share, type Workload } from "./fleet";
import { isSameProperty, propertiesIn } from "./properties";

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

/** A workload of Kubernetes: its containers, with the variables that stores of the program give them, and how many pods run. */
export function kubernetes(resource: PlanResource, index: PlanIndex): Workload {
  const property = "spec";
  const spec = resource.properties[property];
  const own = mapIn(spec, "jobTemplate", "spec");
  const template = resource.type.endsWith(":Pod")
    ? mapIn(spec)
    : mapIn(Object.keys(own).length > 0 ? own : spec, "template", "spec");
  const stores = new Stores(resource, index, listIn(template, "volumes"));
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
    private readonly volumes: readonly PropertyMap[],
  ) {}

  /** Later sources win over earlier ones, and `env` over them all (kubernetes.io, "Define Environment Variables"). */
  containerIn(container: PropertyMap): Container {
    const values = new Map<string, PropertyValue>();
    const parts = new Map<string, PropertyValue>();
    const hidden = new Set<string>();
    let isOpen = false;
    const set = (name: string, value: PropertyValue, part: PropertyValue | undefined): void => {
      values.set(name, value);
      if (value === UNKNOWN && part !== undefined) parts.set(name, part);
      else parts.delete(name);
    };
    for (const from of listIn(container, "envFrom")) {
      const prefix = ownEntry(from, "prefix") ?? "";
      const isSecret = ownEntry(from, "secretRef") !== undefined;
      const store = this.dataOf(mapIn(from, isSecret ? "secretRef" : "configMapRef"), isSecret);
      if (store === undefined || typeof prefix !== "string") {
        isOpen = true;
        // What is not shown may set any of them again.
        for (const name of values.keys()) set(name, UNKNOWN, undefined);
        continue;
      }
      for (const [name, value] of Object.entries(store.data))
        set(`${prefix}${name}`, value, ownEntry(store.inPart, name));
    }
    for (const each of listIn(container, "env")) {
      const name = String(ownEntry(each, "name") ?? "");
      const from = ownEntry(each, "valueFrom");
      const isSecret = isMap(from ?? null) && ownEntry(from as PropertyMap, "secretKeyRef") !== undefined;
      const reference = mapIn(from, isSecret ? "secretKeyRef" : "configMapKeyRef");
      const key = String(ownEntry(reference, "key") ?? "");
      const isOwn = from === undefined || from === null;
      const store = isOwn ? undefined : this.dataOf(reference, isSecret);
      const value = isOwn ? (ownEntry(each, "value") ?? "") : store && ownEntry(store.data, key);
      values.delete(name);
      hidden.delete(name);
      if (value === undefined || value === null) hidden.add(name);
      else set(name, value, isOwn ? this.ownPart(name) : store && ownEntry(store.inPart, key));
    }
    // What an environment says wins over a file of the program's framework; which profile's value counts, no plan shows.
    const given = [...values.keys(), ...hidden];
    const files = this.filesIn(container);
    for (const [file, text] of files)
      for (const [key, value] of propertiesIn(file, text))
        if (!given.some((name) => isSameProperty(name, key)))
          values.set(key, (values.get(key) ?? value) === value ? value : UNKNOWN);
    const [, file] = files.find(([, text]) => /^\s*\[pgbouncer\]/m.test(text)) ?? [];
    const inFile = [...(file === undefined ? [] : readIni(file))];
    const definition: PropertyMap = {
      name: ownEntry(container, "name") ?? "",
      image: ownEntry(container, "image") ?? null,
      entryPoint: ownEntry(container, "command") ?? null,
      command: ownEntry(container, "args") ?? null,
      environment: [
        ...[...values].map(([name, value]): PropertyMap => ({ name, value })),
        ...inFile.map(([name, value]): PropertyMap => ({ name, value: value ?? UNKNOWN })),
      ],
      secrets: [...hidden].map((name) => ({ name, valueFrom: "" })),
      ...(isOpen ? { environmentFiles: UNKNOWN } : {}),
    };
    const isPart = inFile.some(([, value]) => value === undefined);
    return containerOf(
      definition,
      isPart ? "`pgbouncer.ini` leaves it to another file or to single users" : undefined,
      { environment: [...parts].map(([name, value]): PropertyMap => ({ name, value })) },
    );
  }

  /** The known part of a variable's text, where one container of the workload alone gives it. */
  private ownPart(name: string): string | undefined {
    const found: string[] = [];
    const walk = (value: PropertyValue): void => {
      if (typeof value !== "object" || value === null) return;
      const text = isMap(value) && ownEntry(value, "name") === name ? ownEntry(value, "value") : undefined;
      if (typeof text === "string") found.push(text);
      for (const each of Object.values(value) as readonly PropertyValue[]) walk(each);
    };
    walk(this.workload.partlyKnown?.spec ?? null);
    return found.length === 1 ? found[0] : undefined;
  }

  /** The files, by name, that a container mounts from stores of the program. */
  private filesIn(container: PropertyMap): readonly (readonly [name: string, text: string])[] {
    const mounts = listIn(container, "volumeMounts").map((mount) => ownEntry(mount, "name"));
    const mounted = this.volumes.filter((volume) => mounts.includes(ownEntry(volume, "name")));
    return mounted.flatMap((volume) => {
      const [map, secret] = [mapIn(volume, "configMap"), mapIn(volume, "secret")];
      const name = ownEntry(secret, "secretName");
      const isSecret = name !== undefined;
      if (!isSecret && ownEntry(map, "name") === undefined) return [];
      const files = Object.entries(this.dataOf(isSecret ? { name } : map, isSecret)?.data ?? {});
      return files.flatMap(([file, text]) => (typeof text === "string" ? [[file, text] as const] : []));
    });
  }

  /** What a store of the program holds: the one of that name, or where the name is not known yet the only one that the workload is made from. */
  private dataOf(
    reference: PropertyMap,
    isSecret: boolean,
  ): { readonly data: PropertyMap; readonly inPart: PropertyMap } | undefined {
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
    return {
      data: { ...data, ...Object.fromEntries(hidden.map((key) => [key, UNKNOWN])) },
      inPart: mapIn(store.partlyKnown?.[isSecret ? "stringData" : "data"]),
    };
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
