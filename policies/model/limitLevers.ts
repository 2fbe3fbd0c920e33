import { type ConnectionLimitInput, connectionLimit } from "./connectionLimit";
import { connectionsForMemory } from "./connectionMemory";
import { hardwareOf } from "./hardware";
import { type InstanceClass, instanceClassFamily } from "./instanceClasses";

/** How a higher limit can come about; `null` for what does not give it. */
export interface LimitLevers {
  /** `max_connections`, where the memory of the present class carries as many. */
  readonly maxConnections: number | null;
  /** Smallest class of the same family whose limit, by the same formula, is surely enough. */
  readonly instanceClass: string | null;
  /** Where the present class cannot carry the limit: the smallest of the same family that can, and the limit to set on it. */
  readonly largerClass: { readonly instanceClass: string; readonly maxConnections: number } | null;
}

const NONE: LimitLevers = { maxConnections: null, instanceClass: null, largerClass: null };

/**
 * What gives a database this limit. A number that `memory-for-connections` would reject on the present class is no
 * lever; on a class that is not known it is left to that rule.
 */
export function limitLevers(needed: number | null, database: ConnectionLimitInput): LimitLevers {
  if (needed === null || !connectionLimit({ ...database, parameterValue: String(needed) }).ok) return NONE;
  const hardware = hardwareOf(database);
  const carries = (memoryBytes: number): boolean =>
    connectionsForMemory(database.engine, memoryBytes) >= needed;
  const fits = hardware === undefined || carries(hardware.memoryBytes);
  const byFormula = siblings(database).find(({ name }) => {
    const result = connectionLimit({ ...database, instanceClass: name, confirmedMaxConnections: undefined });
    return result.ok && result.limit.source === "estimated" && result.limit.maxConnections >= needed;
  });
  const larger =
    fits || byFormula ? undefined : siblings(database).find(({ memoryBytes }) => carries(memoryBytes));
  return {
    maxConnections: fits ? needed : null,
    instanceClass: byFormula?.name ?? null,
    largerClass: larger === undefined ? null : { instanceClass: larger.name, maxConnections: needed },
  };
}

/** Classes of the present one's family on which the engine runs, smallest first. */
function siblings({ instanceClass, engine }: ConnectionLimitInput): readonly InstanceClass[] {
  const [prefix = "", family = ""] = instanceClass?.split(".") ?? [];
  // No source lists MariaDB; RDS offers it on MySQL's classes.
  const listed = engine === "mariadb" ? "mysql" : engine;
  return instanceClassFamily(`${prefix}.${family}`).filter(({ engines }) => engines.includes(listed));
}
