import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { UNKNOWN } from "../property";
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
    parameters: readParameterGroup(instance, index),
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
    parameters: readParameterGroup(cluster, index),
  };
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
    parameter: () => ({ value, applyMethod: unset("applyMethod") }),
  };
}

function ownGroup(group: PlanResource): ParameterGroupReading {
  const list = readProperty(group, "parameters");
  return { resource: group, isOwn: true, parameter: (name) => readParameter(list, name) };
}

function readParameter(list: Reading<unknown>, name: string): ParameterReading {
  const property = "parameters";
  const everywhere = (reading: Reading<never>): ParameterReading => ({
    value: reading,
    applyMethod: reading,
  });
  if (list.state !== "known") return everywhere(list);
  if (!Array.isArray(list.value)) return everywhere(malformed(property, null, "a list of parameters"));

  let hidden = false;
  for (const item of list.value) {
    const itemName = isMap(item) ? ownEntry(item, "name") : item;
    if (itemName === UNKNOWN) hidden = true;
    if (!isMap(item) || itemName !== name) continue;
    const value = ownEntry(item, "value");
    const method = ownEntry(item, "applyMethod");
    return {
      value:
        value === UNKNOWN
          ? unknown(`${property}.${name}`)
          : value === undefined || value === null
            ? unset(`${property}.${name}`)
            : known(value),
      applyMethod:
        method === UNKNOWN
          ? unknown(`${property}.${name}.applyMethod`)
          : typeof method === "string"
            ? known(method)
            : unset(`${property}.${name}.applyMethod`),
    };
  }
  // An entry whose name is hidden may be the one that was asked for.
  return everywhere(hidden ? unknown(property) : unset(`${property}.${name}`));
}
