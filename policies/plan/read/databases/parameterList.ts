import type { PlanResource } from "../../plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../property";
import { isMap, known, malformed, ownEntry, type Reading, readProperty, unknown, unset } from "../../reading";
import type { ParameterReading } from "../../stackReading";

/** The parameters that a group sets. */
export interface ParameterList {
  readonly names: Reading<readonly string[]>;
  parameter(name: string): ParameterReading;
}

const PARAMETERS = "parameters";

export function readParameterList(group: PlanResource): ParameterList {
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
const BY_KIND = known("immediate", "CloudFormation applies each parameter as its kind allows");

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
