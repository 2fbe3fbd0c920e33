import { nonNegative, positive, wholeNumber } from "./check";
import {
  type CapacitySettings,
  DEFAULT_CAPACITY_SETTINGS,
  DEFAULT_PROCESSES_PER_TASK,
  MYSQL_ADMINISTRATOR_CONNECTIONS,
  POSTGRES_RESERVED_CONNECTIONS,
  POSTGRES_SUPERUSER_RESERVED_CONNECTIONS,
  RDS_OWN_SESSIONS,
  RDS_SUPERUSER_RESERVED_CONNECTIONS,
} from "./defaults";
import { type DatabaseEngine, isPostgres, majorVersion } from "./engines";

/** One client's pools, as the database sees them. */
export interface PoolHolder {
  readonly poolMax: number;
  /** @default 1 */
  readonly processesPerTask?: number | undefined;
  /** From `tasksHoldingPools`. */
  readonly tasksHoldingPools: number;
}

export type BudgetSettings = Pick<CapacitySettings, "budgetShare" | "operationsReserve">;

/** Connections one client may open at peak: tasks × processes × `pool.max`. */
export function clientDemand(client: PoolHolder): number {
  return poolCount(client) * wholeNumber("poolMax", client.poolMax);
}

/** Connections all clients of one database may open at peak, and the operations reserve on top. */
export function demandAtPeak(
  clients: readonly PoolHolder[],
  settings: Pick<BudgetSettings, "operationsReserve"> = DEFAULT_CAPACITY_SETTINGS,
): number {
  const reserve = wholeNumber("operationsReserve", settings.operationsReserve);
  return clients.reduce((sum, client) => sum + clientDemand(client), reserve);
}

/**
 * The most connections demand at peak may reach: `budgetShare` × usable, rounded down, since connections are
 * whole. The billionth keeps 0.8 × 395 from falling below 316 in binary arithmetic.
 */
export function connectionBudget(
  usable: number,
  settings: Pick<BudgetSettings, "budgetShare"> = DEFAULT_CAPACITY_SETTINGS,
): number {
  const share = positive("budgetShare", settings.budgetShare, 1);
  return Math.floor(share * wholeNumber("usable", usable) + 1e-9);
}

interface CeilingInput {
  /** From `usableConnections`. */
  readonly usable: number;
  /** This client's tasks and processes; its `pool.max` is what is asked for. */
  readonly client: Omit<PoolHolder, "poolMax">;
  /** What the database's other clients may open at peak: the sum of their `clientDemand`. */
  readonly otherDemand?: number | undefined;
}

/**
 * The largest `pool.max` with which the database's demand at peak stays within its budget: the ceiling.
 * 0 when not even one connection per pool fits.
 * @throws RangeError for counts that are not whole numbers and for a share outside (0, 1].
 */
export function poolCeiling(
  input: CeilingInput,
  settings: BudgetSettings = DEFAULT_CAPACITY_SETTINGS,
): number {
  const reserve = wholeNumber("operationsReserve", settings.operationsReserve);
  const others = nonNegative("otherDemand", input.otherDemand ?? 0);
  const left = connectionBudget(input.usable, settings) - reserve - others;
  return Math.max(0, Math.floor(left / Math.max(1, poolCount(input.client))));
}

/** Pools a client may have open at once: tasks × processes. */
function poolCount(client: Omit<PoolHolder, "poolMax">): number {
  const tasks = wholeNumber("tasksHoldingPools", client.tasksHoldingPools);
  return tasks * wholeNumber("processesPerTask", client.processesPerTask ?? DEFAULT_PROCESSES_PER_TASK, 1);
}

/** Connections within the limit that the application cannot have, and why. */
interface WithheldConnections {
  /** In words for a message: who has them. */
  readonly label: string;
  readonly connections: number;
  /** The server parameter that sets the number, where one does. */
  readonly parameter?: string;
}

interface UsableConnections {
  /** Never below 0. */
  readonly usable: number;
  readonly withheld: readonly WithheldConnections[];
}

interface UsableConnectionsInput {
  readonly engine: DatabaseEngine;
  readonly engineVersion?: string | undefined;
  readonly maxConnections: number;
  /** `rds.rds_superuser_reserved_connections`, PostgreSQL. @default 2 */
  readonly rdsSuperuserReservedConnections?: number | undefined;
  /** `reserved_connections`, PostgreSQL 16 and later; it does not exist before. @default 0 */
  readonly reservedConnections?: number | undefined;
}

/**
 * What is left of `max_connections` for clients.
 *
 * PostgreSQL: less `superuser_reserved_connections`, `rds.rds_superuser_reserved_connections`,
 * `reserved_connections` and RDS's own sessions (AWS re:Post, rds-postgresql-error-connection-slots; PostgreSQL
 * 16 manual, 20.3). With `max_connections` 5,000 that leaves the 4,989 at which a database was seen to stay flat for 88
 * minutes (mitodl/ol-infrastructure, dagster-pgbouncer-observability.md, August 2026). MySQL and MariaDB: less one kept for an administrator and RDS's own sessions, both assumed
 * (`defaults.ts` says why). Aurora as its engine on RDS.
 * @throws RangeError for numbers that are not whole or are negative.
 */
export function usableConnections(input: UsableConnectionsInput): UsableConnections {
  const limit = wholeNumber("maxConnections", input.maxConnections);
  const withheld = isPostgres(input.engine) ? withheldByPostgres(input) : withheldByMysql();
  const sum = withheld.reduce((total, { connections }) => total + connections, 0);
  return { usable: Math.max(0, limit - sum), withheld };
}

function withheldByPostgres(input: UsableConnectionsInput): WithheldConnections[] {
  const reserved = wholeNumber(
    "reservedConnections",
    input.reservedConnections ?? POSTGRES_RESERVED_CONNECTIONS,
  );
  const rdsSuperuser = wholeNumber(
    "rdsSuperuserReservedConnections",
    input.rdsSuperuserReservedConnections ?? RDS_SUPERUSER_RESERVED_CONNECTIONS,
  );
  const withheld: WithheldConnections[] = [
    {
      label: "superusers",
      connections: POSTGRES_SUPERUSER_RESERVED_CONNECTIONS,
      parameter: "superuser_reserved_connections",
    },
    {
      label: "members of rds_superuser",
      connections: rdsSuperuser,
      parameter: "rds.rds_superuser_reserved_connections",
    },
  ];
  // A version that is not known counts as one that has the parameter: that withholds more, never less.
  if (reserved > 0 && (majorVersion(input.engineVersion) ?? 16) >= 16) {
    withheld.push({
      label: "roles with pg_use_reserved_connections",
      connections: reserved,
      parameter: "reserved_connections",
    });
  }
  return [...withheld, { label: "RDS's own sessions", connections: RDS_OWN_SESSIONS }];
}

function withheldByMysql(): WithheldConnections[] {
  return [
    { label: "an administrator", connections: MYSQL_ADMINISTRATOR_CONNECTIONS },
    { label: "RDS's own sessions", connections: RDS_OWN_SESSIONS },
  ];
}
