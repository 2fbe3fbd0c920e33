import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../property";
import {
  isMap,
  known,
  leftToAws,
  malformed,
  ownEntry,
  type Reading,
  readProperty,
  readText,
  unknown,
  unset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { DatabaseReading, ParameterGroupReading, ParameterReading } from "../stackReading";

/** Every RDS instance and Aurora cluster of a plan; replicas of an instance are databases of their own. */
export function readDatabases(index: PlanIndex): DatabaseReading[] {
  return [
    ...index.ofType(resourceTypes.rdsInstance).map((instance) => readInstance(instance, index)),
    ...index.ofType(resourceTypes.rdsCluster).map((cluster) => readCluster(cluster, index)),
  ];
}

function readInstance(instance: PlanResource, index: PlanIndex): DatabaseReading {
  const [source] = index.dependenciesOf(instance, "replicateSourceDb", resourceTypes.rdsInstance);
  // A replica runs its source's engine, and need not name it.
  const inherited = (property: "engine" | "engineVersion"): Reading<string> => {
    const own = leftToAws(instance, property, readText(instance, property));
    return own.state === "unset" && source ? leftToAws(source, property, readText(source, property)) : own;
  };
  return {
    resource: instance,
    names: namesOf(instance, "identifier", "dbName"),
    kind: readProperty(instance, "replicateSourceDb").state === "unset" ? "instance" : "replica",
    engine: inherited("engine"),
    engineVersion: inherited("engineVersion"),
    instanceClass: readText(instance, "instanceClass"),
    members: [],
    serverless: undefined,
    parameters: readParameterGroup(instance, index),
    declaredMaxConnections: undefined,
    otherDemand: 0,
    iamAuthentication: readFlag(instance, "iamDatabaseAuthenticationEnabled"),
    logExports: readLogExports(instance),
  };
}

function readCluster(cluster: PlanResource, index: PlanIndex): DatabaseReading {
  return {
    resource: cluster,
    names: namesOf(cluster, "clusterIdentifier", "databaseName"),
    kind: "cluster",
    engine: readText(cluster, "engine"),
    engineVersion: readText(cluster, "engineVersion"),
    instanceClass: unset("instanceClass"),
    members: [],
    serverless: undefined,
    parameters: readParameterGroup(cluster, index),
    declaredMaxConnections: undefined,
    otherDemand: 0,
    iamAuthentication: readFlag(cluster, "iamDatabaseAuthenticationEnabled"),
    logExports: readLogExports(cluster),
  };
}

/** A switch that is off when nobody sets it. */
function readFlag(resource: PlanResource, property: string): Reading<boolean> {
  const value = leftToAws(resource, property, readProperty(resource, property));
  if (value.state === "unset") return known(false, "RDS's default");
  if (value.state !== "known") return value;
  const flag = FLAGS.get(value.value);
  return flag === undefined ? malformed(property, value.value, "true or false") : known(flag);
}

const FLAGS: ReadonlyMap<PropertyValue, boolean> = new Map<PropertyValue, boolean>([
  [true, true],
  [false, false],
  ["true", true],
  ["false", false],
]);

function readLogExports(resource: PlanResource): Reading<readonly string[]> {
  const property = "enabledCloudwatchLogsExports";
  const list = leftToAws(resource, property, readProperty(resource, property));
  if (list.state === "unset") return known([], "RDS's default");
  if (list.state !== "known") return list;
  if (!Array.isArray(list.value)) return malformed(property, list.value, "a list of log types");
  const items = list.value as readonly PropertyValue[];
  if (items.includes(UNKNOWN)) return unknown(property);
  return known(items.flatMap((item) => (typeof item === "string" ? [item] : [])));
}

function namesOf(resource: PlanResource, ...properties: readonly string[]): string[] {
  const texts = properties.map((property) => readText(resource, property));
  return [resource.name, ...texts.flatMap((text) => (text.state === "known" ? [text.value] : []))];
}

/** The instance's parameter group: by dependency, else by name; none when AWS assigns its default group. */
function readParameterGroup(database: PlanResource, index: PlanIndex): ParameterGroupReading {
  const named = leftToAws(database, "parameterGroupName", readText(database, "parameterGroupName"));
  const [made, ...others] = index.dependenciesOf(
    database,
    "parameterGroupName",
    resourceTypes.rdsParameterGroup,
  );
  const group =
    made && others.length === 0
      ? made
      : named.state === "known"
        ? index.named(resourceTypes.rdsParameterGroup, "name", named.value)[0]
        : undefined;
  if (group) return ownGroup(group);

  const isDefault =
    named.state === "unset" || (named.state === "known" && named.value.startsWith("default."));
  const value: Reading<never> = isDefault
    ? unset("parameterGroupName")
    : unknown(
        "parameterGroupName",
        "the parameter group is not part of this stack, so its values cannot be seen",
      );
  return {
    resource: database,
    isOwn: false,
    group: named,
    family: unset("family"),
    scope: "instance",
    names: value,
    parameter: () => ({ value, applyMethod: unset("applyMethod") }),
  };
}

function ownGroup(group: PlanResource): ParameterGroupReading {
  const list = readProperty(group, PARAMETERS);
  const isMade = Object.hasOwn(group.propertyDependencies, PARAMETERS);
  return {
    resource: group,
    isOwn: true,
    group: readText(group, "name"),
    family: readText(group, "family"),
    scope: "instance",
    names: readNames(list),
    parameter: (name) => readParameter(list, name, isMade),
  };
}

const PARAMETERS = "parameters";

function readNames(list: Reading<PropertyValue>): Reading<readonly string[]> {
  if (list.state === "unset") return known([]);
  if (list.state !== "known") return list;
  if (!Array.isArray(list.value)) return malformed(PARAMETERS, null, "a list of parameters");
  const names = (list.value as readonly PropertyValue[]).map((item) =>
    isMap(item) ? ownEntry(item, "name") : item,
  );
  if (names.includes(UNKNOWN)) return unknown(PARAMETERS);
  return known([...new Set(names.flatMap((name) => (typeof name === "string" ? [name.toLowerCase()] : [])))]);
}

/** @param isMade whether other resources went into the list, so that a preview may leave a value out. */
function readParameter(list: Reading<PropertyValue>, name: string, isMade: boolean): ParameterReading {
  const everywhere = (reading: Reading<never>): ParameterReading => ({
    value: reading,
    applyMethod: reading,
  });
  if (list.state !== "known") return everywhere(list);
  if (!Array.isArray(list.value)) return everywhere(malformed(PARAMETERS, null, "a list of parameters"));

  const items = list.value as readonly PropertyValue[];
  const entries = items.filter(isMap).filter((item) => isCalled(ownEntry(item, "name"), name));
  const property = `${PARAMETERS}.${name}`;
  if (entries.length > 0) {
    return {
      value: readValue(entries, property, isMade),
      applyMethod: readApplyMethod(entries, `${property}.applyMethod`),
    };
  }
  // An entry whose name is hidden may be the one that was asked for.
  const hidden = items.some((item) => (isMap(item) ? ownEntry(item, "name") : item) === UNKNOWN);
  return everywhere(hidden ? unknown(PARAMETERS) : unset(property));
}

/** The provider writes parameter names and apply methods in lower case, and RDS knows them in no other. */
const isCalled = (given: PropertyValue | undefined, name: string): boolean =>
  typeof given === "string" && given.toLowerCase() === name.toLowerCase();

function readValue(
  entries: readonly PropertyMap[],
  property: string,
  isMade: boolean,
): Reading<PropertyValue> {
  const values: PropertyValue[] = entries.map((entry) => ownEntry(entry, "value") ?? null);
  if (values.includes(UNKNOWN)) return unknown(property);
  if (values.includes(null)) {
    return isMade ? unknown(property) : { ...malformed(property, null, "a value"), shown: "without a value" };
  }
  const [value = null] = values;
  const other = values.find((each) => asText(each) !== asText(value));
  if (other === undefined) return known(value);
  const shown = `${malformed(property, value, "").shown} and ${malformed(property, other, "").shown}`;
  return { ...malformed(property, null, "one value"), shown: `set twice, to ${shown}` };
}

/** Of two methods the one that a static parameter cannot have, since it may be the one that is sent. */
function readApplyMethod(entries: readonly PropertyMap[], property: string): Reading<string> {
  const methods = entries.map((entry) => ownEntry(entry, "applyMethod"));
  if (methods.includes(UNKNOWN)) return unknown(property);
  const texts = methods.flatMap((method) => (typeof method === "string" ? [method.toLowerCase()] : []));
  if (texts.length < methods.length) return unset(property);
  return known(texts.find((method) => method !== "pending-reboot") ?? "pending-reboot");
}

const asText = (value: PropertyValue): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
