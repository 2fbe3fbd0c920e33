import { majorVersion } from "../model/engines";
import {
  andThen,
  known,
  knownValue,
  malformed,
  type Reading,
  requireNumber,
  toNumber,
  whenUnset,
} from "../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../plan/types";

/** A value that holds where no parameter group sets one, and whose it is. */
export interface ServerDefault<T> {
  readonly value: T;
  readonly of: string;
}

/**
 * The parameter groups in force on a database: each instance's own of a cluster, else the database's. A database of
 * another stack has none here; its own stack is where it is judged.
 */
export function groupsInForce(database: DatabaseReading): readonly ParameterGroupReading[] {
  if (database.kind === "declared") return [];
  const groups = database.members.map(({ parameters }) => parameters);
  const all = groups.length > 0 ? groups : [database.parameters];
  return [...new Map(all.map((group) => [group.resource.urn, group])).values()];
}

/** A parameter as a number of 0 or more, with the server's own default. */
export function serverNumber(
  group: ParameterGroupReading,
  name: string,
  fallback: ServerDefault<number>,
): Reading<number> {
  const property = `parameters.${name}`;
  const value = andThen(group.parameter(name).value, (given) => toNumber(given, property));
  const reading = requireNumber(value, property, (n) => n >= 0, "a number, 0 or more");
  return whenUnset(reading, fallback.value, fallback.of);
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["on", true],
  ["true", true],
  ["yes", true],
  ["0", false],
  ["off", false],
  ["false", false],
  ["no", false],
]);

/** A parameter as a switch, in the spellings that PostgreSQL and MySQL take. */
export function serverFlag(
  group: ParameterGroupReading,
  name: string,
  fallback: ServerDefault<boolean>,
): Reading<boolean> {
  const reading = andThen(group.parameter(name).value, (given): Reading<boolean> => {
    const flag = typeof given === "object" ? undefined : FLAGS.get(String(given).trim().toLowerCase());
    return flag === undefined ? malformed(`parameters.${name}`, given, "1 or 0") : known(flag);
  });
  return whenUnset(reading, fallback.value, fallback.of);
}

/** Major version of a database; undefined where AWS chooses, which is a current one, or where it is hidden. */
export const majorOf = ({ engineVersion }: DatabaseReading): number | undefined =>
  majorVersion(knownValue(engineVersion));

/** Where a parameter is set, for a sentence; a default group cannot be changed. */
export const inGroup = ({ isOwn, resource }: ParameterGroupReading): string =>
  isOwn
    ? ` in parameter group \`${resource.name}\``
    : ` in a parameter group of ${resource.name} (it has AWS's default)`;
