import { usableConnections } from "../model/connectionBudget";
import { type ConnectionLimit, type ConnectionLimitProblem, connectionLimit } from "../model/connectionLimit";
import { type DatabaseEngine, databaseEngine } from "../model/engines";
import type { PlanResource } from "../plan/plan";
import {
  andThen,
  combine,
  computed,
  isKnown,
  type Known,
  known,
  knownValue,
  type Malformed,
  malformed,
  notWhat,
  type Reading,
  toNumber,
  type Unknown,
  unknown,
  unset,
} from "../plan/reading";
import type { Settings } from "../plan/settings";
import type { DatabaseReading, ParameterGroupReading } from "../plan/types";

/** The limit, or a value that the plan holds and RDS would refuse. */
export type LimitReading =
  | Known<ConnectionLimit>
  | Unknown
  | Malformed
  | { readonly state: "refused"; readonly problem: ConnectionLimitProblem };

export interface InstanceLimit {
  readonly instance: DatabaseInstance;
  readonly limit: LimitReading;
}

/** `max_connections` as the plan will have it, the lowest over the instances of a cluster: any may become the writer. */
export function limitOf(database: DatabaseReading, settings: Settings): LimitReading {
  return lowest(
    limitsOf(database, settings).map(({ limit }) => limit),
    ({ maxConnections }) => maxConnections,
  );
}

/** The limit of each instance of a cluster; of a database without such, its own. */
export function limitsOf(database: DatabaseReading, settings: Settings): InstanceLimit[] {
  return instancesOf(database).map((instance) => ({
    instance,
    limit: limitOfInstance(instance, database, settings),
  }));
}

/** What is wrong in the plan comes first, then what is not known and may be the lowest, then the lowest. */
function lowest<T, R extends { readonly state: string }>(
  readings: readonly (Known<T> | R)[],
  size: (value: T) => number,
): Known<T> | R {
  const rank = (reading: Known<T> | R): number => {
    if (isKnown<T>(reading)) return size(reading.value);
    return reading.state === "unknown" ? -Number.MAX_VALUE : Number.NEGATIVE_INFINITY;
  };
  return readings.reduce((least, next) => (rank(next) < rank(least) ? next : least));
}

function limitOfInstance(
  instance: DatabaseInstance,
  database: DatabaseReading,
  settings: Settings,
): LimitReading {
  const engine = engineOf(database);
  if (engine.state !== "known") return engine;
  const confirmedMaxConnections = confirmedFor(instance, database, settings);
  const parameter = instance.parameters.parameter("max_connections").value;
  const hidden = hiddenBy(parameter, instance, database);
  if (hidden === undefined && (parameter.state === "unknown" || parameter.state === "malformed"))
    return parameter;
  const given = knownValue(parameter);
  if (given !== undefined && typeof given !== "string" && typeof given !== "number") {
    return malformed("parameters.max_connections", given, "a number or a formula");
  }
  const maxAcu = knownValue(instance.maxAcu);
  const result = connectionLimit({
    engine: engine.value,
    engineVersion: knownValue(database.engineVersion),
    instanceClass: instance.isServerless ? undefined : knownValue(instance.instanceClass),
    serverless:
      instance.isServerless && maxAcu !== undefined
        ? { maxAcu, minAcu: database.serverless && knownValue(database.serverless.minAcu) }
        : undefined,
    parameterValue: given === undefined ? undefined : String(given),
    isHidden: hidden !== undefined,
    confirmedMaxConnections,
  });
  if (result.ok) return known(result.limit);
  if (result.problem.code !== "value-missing") return { state: "refused", problem: result.problem };
  if (hidden !== undefined) return hidden;
  const { size } = instance;
  if (size.state === "malformed") return size;
  return size.state === "unknown"
    ? { ...size, fix: `Set \`max_connections\` to an integer in the parameter group, or ${CONFIRM}` }
    : unknown("parameters.max_connections", result.problem.message);
}

/** The engine, as far as the model knows its limits. */
export function engineOf({ engine }: DatabaseReading): Known<DatabaseEngine> | Unknown {
  switch (engine.state) {
    case "known": {
      const found = databaseEngine(engine.value);
      return found ? known(found) : unknown("engine", `engine ${engine.value} is not supported`);
    }
    case "unknown":
      return engine;
    case "unset":
      return unknown("engine", "`engine` is not set");
    case "malformed":
      return { ...unknown("engine", `\`engine\` is ${notWhat(engine)}`), because: engine };
  }
}

/** The way around everything that no plan shows, as the end of a sentence. */
export const CONFIRM =
  "set `confirmedMaxConnections` in the policy configuration to the result of `SHOW max_connections`";

/** What keeps the limit from being seen at all, so that only a confirmed number can tell it. */
function hiddenBy(
  parameter: Reading<unknown>,
  { instanceClass }: DatabaseInstance,
  database: DatabaseReading,
): Unknown | undefined {
  if (database.kind === "declared") {
    return {
      ...unknown("maxConnections", "the policy configuration has no `maxConnections` for this database"),
      fix: "Set its `maxConnections` under `databases` in the policy configuration",
    };
  }
  if (instanceClass.state === "unknown" && instanceClass.property === "engineMode") {
    return { ...instanceClass, fix: `Move to Serverless v2, or ${CONFIRM}` };
  }
  // A value hidden inside a group of this stack is what this deployment sets: nobody can have measured it.
  const isOutside = parameter.state === "unknown" && !parameter.property.startsWith("parameters");
  return isOutside
    ? { ...parameter, fix: `Add the parameter group to this stack, or ${CONFIRM}` }
    : undefined;
}

/** The confirmed limit: by the instance's name or the database's, else the one number given for all. */
export function confirmedFor(
  { names }: DatabaseInstance,
  database: DatabaseReading,
  { confirmedMaxConnections: confirmed }: Settings,
): number | undefined {
  const { declaredMaxConnections } = database;
  if (typeof confirmed !== "object") return declaredMaxConnections ?? confirmed;
  const name = [...names, ...database.names].find((candidate) => Object.hasOwn(confirmed, candidate));
  return name === undefined ? declaredMaxConnections : confirmed[name];
}

/** What the limit leaves for clients, the least over the instances of a cluster. */
export function usableOf(database: DatabaseReading, settings: Settings): Reading<number> {
  const readings = limitsOf(database, settings).map((each) => usableOfInstance(each, database));
  return lowest<number, Reading<number>>(readings, (usable) => usable);
}

function usableOfInstance({ instance, limit }: InstanceLimit, database: DatabaseReading): Reading<number> {
  if (limit.state === "refused") return unknown("parameters.max_connections", limit.problem.message);
  const reserved = (name: string): Reading<number | undefined> => {
    const { value } = instance.parameters.parameter(name);
    // A group that cannot be seen counts as one that leaves the reservations as RDS has them.
    const isLeft = value.state === "unknown" && !value.property.startsWith("parameters");
    if (value.state === "unset" || isLeft) return known(undefined);
    return andThen(value, (of) => toNumber(of, `parameters.${name}`));
  };
  return computed("parameters", () =>
    combine(
      {
        limit,
        engine: engineOf(database),
        rdsSuperuserReservedConnections: reserved("rds.rds_superuser_reserved_connections"),
        reservedConnections: reserved("reserved_connections"),
      },
      ({ limit: { maxConnections }, engine, ...reservations }) =>
        usableConnections({
          engine,
          engineVersion: knownValue(database.engineVersion),
          maxConnections,
          ...reservations,
        }).usable,
    ),
  );
}

/** How sure a limit is, in brackets for a message; empty where it is exact, or not known. */
export function limitDoubt(limit: LimitReading): string {
  switch (limit.state === "known" ? limit.value.basis : undefined) {
    case "memory":
      return " (a lower bound, AWS does not publish it)";
    case "table":
      return " (AWS's table)";
    case "row-below":
      return " (a lower bound, from AWS's table)";
    default:
      return "";
  }
}

/** What has a connection limit of its own: a database, or each instance of an Aurora cluster. */
export interface DatabaseInstance {
  readonly resource: PlanResource;
  /** Names a confirmed limit may use, besides the database's. */
  readonly names: readonly string[];
  readonly instanceClass: Reading<string>;
  /** Whether its class is `db.serverless`, whose size is its capacity. */
  readonly isServerless: boolean;
  /** The cluster's maximum capacity in ACU; unset for what has a class of its own. */
  readonly maxAcu: Reading<number>;
  /** What says how large it is: its class, or the maximum capacity. */
  readonly size: Reading<string | number>;
  /** The group in force on it. */
  readonly parameters: ParameterGroupReading;
}

/** The instances of a cluster that the stack holds; any other database is its own instance. */
export function instancesOf(database: DatabaseReading): readonly DatabaseInstance[] {
  const own = { resource: database.resource, parameters: database.parameters };
  if (database.members.length === 0)
    return [instance({ ...own, instanceClass: classOf(database) }, database)];
  return database.members.map((member) => instance(member, database));
}

/** Without instances in the stack, nothing says how large an Aurora cluster is. */
function classOf(database: DatabaseReading): Reading<string> {
  const { kind, instanceClass } = database;
  if (kind !== "cluster" || instanceClass.state !== "unset") return instanceClass;
  return unknown("instanceClass", "no instance of this cluster is part of the stack");
}

type Sized = Pick<DatabaseInstance, "resource" | "instanceClass" | "parameters">;

function instance(
  { resource, instanceClass, parameters }: Sized,
  database: DatabaseReading,
): DatabaseInstance {
  const isServerless = knownValue(instanceClass) === "db.serverless";
  const maxAcu = isServerless ? capacityOf(database) : unset("serverlessv2ScalingConfiguration");
  const identifier = resource.properties.identifier;
  return {
    resource,
    names: typeof identifier === "string" ? [resource.name, identifier] : [resource.name],
    instanceClass,
    isServerless,
    maxAcu,
    size: isServerless ? maxAcu : instanceClass,
    parameters,
  };
}

function capacityOf({ serverless }: DatabaseReading): Reading<number> {
  if (serverless && serverless.maxAcu.state !== "unset") return serverless.maxAcu;
  return unknown(
    "serverlessv2ScalingConfiguration",
    "`db.serverless` needs the cluster's `serverlessv2ScalingConfiguration`, whose maximum capacity is not set",
  );
}
