import { wholeNumber } from "./check";
import {
  MYSQL_ADMINISTRATOR_CONNECTIONS,
  POSTGRES_RESERVED_CONNECTIONS,
  POSTGRES_SUPERUSER_RESERVED_CONNECTIONS,
  RDS_OWN_SESSIONS,
  RDS_SUPERUSER_RESERVED_CONNECTIONS,
} from "./defaults";
import { type DatabaseEngine, isPostgres, majorVersion } from "./engines";

/** Connections within the limit that the application cannot have, and why. */
export interface WithheldConnections {
  /** In words for a message: who has them. */
  readonly label: string;
  readonly connections: number;
  /** The server parameter that sets the number, where one does. */
  readonly parameter?: string;
}

export interface UsableConnections {
  /** Never below 0. */
  readonly usable: number;
  readonly withheld: readonly WithheldConnections[];
}

export interface UsableConnectionsInput {
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
 * 16 manual, 20.3). MySQL and MariaDB: less one kept for an administrator and RDS's own sessions, both assumed
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
