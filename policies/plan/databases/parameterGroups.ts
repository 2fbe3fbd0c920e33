import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import type { PlanIndex } from "../planIndex";
import {
  isMap,
  known,
  malformed,
  ownEntry,
  type Reading,
  readOwnText,
  readProperty,
  readText,
  unknown,
  unset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { ParameterGroupReading, ParameterReading } from "../types";

/** Where a resource names its parameter group, and of which kind that group is. */
interface GroupPlace {
  readonly property: string;
  readonly scope: ParameterGroupReading["scope"];
}

export const INSTANCE_GROUP: GroupPlace = { property: "parameterGroupName", scope: "instance" };
export const CLUSTER_GROUP: GroupPlace = { property: "dbClusterParameterGroupName", scope: "cluster" };
/** Where an instance of a cluster names the group of its own. */
export const MEMBER_GROUP: GroupPlace = { property: "dbParameterGroupName", scope: "instance" };

const TYPES = {
  instance: resourceTypes.rdsParameterGroup,
  cluster: resourceTypes.rdsClusterParameterGroup,
} as const;

/** The group a resource names: by dependency, else by name; none of its own when AWS assigns its default group. */
export function readParameterGroup(
  database: PlanResource,
  place: GroupPlace,
  index: PlanIndex,
): ParameterGroupReading {
  const { property, scope } = place;
  const named = readOwnText(database, property);
  const [made, ...others] = index.dependenciesOf(database, property, TYPES[scope]);
  const group =
    made && others.length === 0
      ? made
      : named.state === "known"
        ? index.named(TYPES[scope], "name", named.value)[0]
        : undefined;
  if (group) return groupOf(group, scope);

  const isDefault =
    named.state === "unset" || (named.state === "known" && named.value.startsWith("default."));
  const value: Reading<never> = isDefault
    ? unset(property)
    : unknown(property, "the parameter group is not part of this stack, so its values cannot be seen");
  return {
    resource: database,
    isOwn: false,
    group: named,
    family: unset("family"),
    scope,
    names: value,
    parameter: () => ({ value, applyMethod: unset("applyMethod") }),
  };
}

function groupOf(group: PlanResource, scope: ParameterGroupReading["scope"]): ParameterGroupReading {
  return {
    resource: group,
    isOwn: true,
    group: readText(group, "name"),
    family: readText(group, "family"),
    scope,
    ...readParameterList(group),
  };
}

/**
 * What is in force on an instance of a cluster: what its own group sets, and the cluster's group for the rest. A
 * default group of the instance sets nothing that would hide the cluster's values (Aurora User Guide,
 * USER_WorkingWithParamGroups).
 */
export function groupInForce(
  own: ParameterGroupReading,
  cluster: ParameterGroupReading,
): ParameterGroupReading {
  if (!own.isOwn && own.names.state === "unset") return cluster;
  return {
    ...own,
    behind: cluster,
    parameter: (name) => {
      const reading = own.parameter(name);
      return reading.value.state === "unset" ? cluster.parameter(name) : reading;
    },
  };
}

/** The parameters that a group sets. */
interface ParameterList {
  readonly names: Reading<readonly string[]>;
  parameter(name: string): ParameterReading;
}

const PARAMETERS = "parameters";

function readParameterList(group: PlanResource): ParameterList {
  const list = readProperty(group, PARAMETERS);
  const isMade = Object.hasOwn(group.propertyDependencies, PARAMETERS);
  const isOfCloudFormation = group.givenType?.startsWith("aws-native:") === true;
  return {
    names: readNames(list),
    parameter: (name) => {
      const reading = readParameter(list, name, isMade);
      const isSilent = isOfCloudFormation && reading.applyMethod.state === "unset";
      return isSilent && reading.value.state !== "unset" ? { ...reading, applyMethod: BY_KIND } : reading;
    },
  };
}

/**
 * CloudFormation's groups name no method: it applies a dynamic parameter at once and a static one at the next reboot
 * (aws-cloudformation-resource-providers-rds, `getParameterApplyMethod` and `buildParameterWithNewValue`).
 */
const BY_KIND = known("immediate", "CloudFormation applies each parameter as its type allows");

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
