/** Engines whose connection limit the model knows, by the names that RDS gives them. */
export type DatabaseEngine = "postgres" | "mysql" | "mariadb" | AuroraEngine;

/** Aurora's default limit follows AWS's own table, and a formula only where the table has no row. */
export type AuroraEngine = "aurora-postgresql" | "aurora-mysql";

export const DATABASE_ENGINES: readonly DatabaseEngine[] = [
  "postgres",
  "mysql",
  "mariadb",
  "aurora-postgresql",
  "aurora-mysql",
];

/** The engine named by an `engine` property; `undefined` for one the model does not know. */
export function databaseEngine(name: string): DatabaseEngine | undefined {
  return DATABASE_ENGINES.find((engine) => engine === name.toLowerCase());
}

export const isAurora = (engine: DatabaseEngine): engine is AuroraEngine =>
  engine === "aurora-postgresql" || engine === "aurora-mysql";

/** Whether clients talk to PostgreSQL, and its parameters and reservations hold. */
export const isPostgres = (engine: DatabaseEngine): boolean =>
  engine === "postgres" || engine === "aurora-postgresql";

/** First number of an engine version such as `16.4` or `17`; `undefined` when there is none. */
export function majorVersion(version: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,4})(?:\D|$)/.exec(version ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

interface EngineLimits {
  /** The formula in the engine's default parameter group. */
  readonly defaultFormula: string;
  /** Values of `max_connections` that RDS accepts. */
  readonly allowed: { readonly min: number; readonly max: number };
}

const POSTGRES: EngineLimits = {
  defaultFormula: "LEAST({DBInstanceClassMemory/9531392},5000)",
  allowed: { min: 6, max: 262_143 },
};

/**
 * Default and range of `max_connections` (AWS: Amazon RDS User Guide, CHAP_Limits, "Maximum number of database
 * connections"; Amazon Aurora User Guide, AuroraPostgreSQL.Managing and AuroraMySQL.Managing.Performance). The cap
 * of 5000 belongs to PostgreSQL's default formula, not to the instance class.
 */
export function engineLimits(engine: DatabaseEngine, version?: string): EngineLimits {
  switch (engine) {
    case "postgres":
    case "aurora-postgresql":
      return POSTGRES;
    case "mysql":
      return { defaultFormula: "{DBInstanceClassMemory/12582880}", allowed: { min: 1, max: 100_000 } };
    case "mariadb":
      return {
        defaultFormula: isMariadb104(version)
          ? "{DBInstanceClassMemory/12582880}"
          : "LEAST({DBInstanceClassMemory/25165760},12000)",
        allowed: { min: 1, max: 100_000 },
      };
    case "aurora-mysql":
      return {
        defaultFormula:
          "GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})",
        allowed: { min: 1, max: 16_000 },
      };
  }
}

/** Up to 10.4 MariaDB had MySQL's formula; a version that is not known gets the smaller limit of 10.5 and later. */
function isMariadb104(version: string | undefined): boolean {
  const [, major, minor] = /^\s*(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  return Number(major) === 10 && Number(minor) <= 4;
}
