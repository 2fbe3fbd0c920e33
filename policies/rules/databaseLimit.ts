import { type ConnectionLimit, type ConnectionLimitProblem, connectionLimit } from "../model/connectionLimit";
import { databaseEngine } from "../model/engines";
import { usableConnections } from "../model/usableConnections";
import {
  andThen,
  combine,
  known,
  knownValue,
  malformed,
  type Reading,
  toNumber,
  unknown,
} from "../plan/reading";
import type { DatabaseReading } from "../plan/stackReading";
import type { Settings } from "./settings";
import { computed } from "./withinModel";

/** The limit, or a value that the plan holds and RDS would refuse. */
export type LimitReading =
  | Reading<ConnectionLimit>
  | { readonly state: "refused"; readonly problem: ConnectionLimitProblem };

/** `max_connections` as the plan will have it. */
export function limitOf(database: DatabaseReading, settings: Settings): LimitReading {
  if (database.kind === "cluster") return unknown("engine", "Aurora clusters are not judged yet");
  const engine = andThen(database.engine, (name) => {
    const found = databaseEngine(name);
    return found ? known(found) : unknown("engine", `engine ${name} is not judged yet`);
  });
  if (engine.state === "unset" || engine.state === "malformed")
    return unknown("engine", "`engine` is not set");
  if (engine.state !== "known") return engine;
  const parameter = database.parameters.parameter("max_connections").value;
  if (parameter.state === "unknown" || parameter.state === "malformed") return parameter;
  const given = knownValue(parameter);
  if (given !== undefined && typeof given !== "string" && typeof given !== "number") {
    return malformed("parameters.max_connections", given, "a number or a formula");
  }
  const result = connectionLimit({
    engine: engine.value,
    engineVersion: knownValue(database.engineVersion),
    instanceClass: knownValue(database.instanceClass),
    parameterValue: given === undefined ? undefined : String(given),
    confirmedMaxConnections: confirmedFor(database, settings),
  });
  if (result.ok) return known(result.limit);
  if (result.problem.code === "value-missing") {
    const hidden = database.instanceClass;
    return hidden.state === "unknown"
      ? hidden
      : unknown("parameters.max_connections", result.problem.message);
  }
  return { state: "refused", problem: result.problem };
}

/** The confirmed limit of a database: by its name, else the one number given for all. */
function confirmedFor(database: DatabaseReading, settings: Settings): number | undefined {
  const confirmed = settings.confirmedMaxConnections;
  if (typeof confirmed !== "object") return confirmed;
  const name = database.names.find((candidate) => Object.hasOwn(confirmed, candidate));
  return name === undefined ? undefined : confirmed[name];
}

/** What the limit leaves for clients. */
export function usableOf(database: DatabaseReading, limit: LimitReading): Reading<number> {
  if (limit.state === "refused") return unknown("parameters.max_connections", limit.problem.message);
  const reserved = (name: string): Reading<number | undefined> => {
    const value = database.parameters.parameter(name).value;
    if (value.state === "unset") return known(undefined);
    return andThen(value, (of) => toNumber(of, `parameters.${name}`));
  };
  return computed("parameters", () =>
    combine(
      {
        limit,
        engine: database.engine,
        rdsSuperuserReservedConnections: reserved("rds.rds_superuser_reserved_connections"),
        reservedConnections: reserved("reserved_connections"),
      },
      ({ limit: { maxConnections }, engine, ...reservations }) =>
        usableConnections({
          engine: databaseEngine(engine) ?? "postgres",
          engineVersion: knownValue(database.engineVersion),
          maxConnections,
          ...reservations,
        }).usable,
    ),
  );
}
