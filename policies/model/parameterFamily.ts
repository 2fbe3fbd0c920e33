import { type DatabaseEngine, majorVersion } from "./engines";

/**
 * The family a parameter group must have for an engine at a version, such as `postgres17`, `mysql8.0` or
 * `aurora-mysql8.0`; `undefined` when the version does not say enough, as `8` does not for MySQL.
 * (Amazon RDS User Guide, parameter-groups-overview; families as `describe-db-engine-versions` lists them.)
 */
export function parameterFamily(engine: DatabaseEngine, version: string): string | undefined {
  if (engine === "postgres" || engine === "aurora-postgresql") {
    const major = majorVersion(version);
    if (major === undefined) return undefined;
    // Until 9.6 the first two numbers made PostgreSQL's major version.
    return major >= 10 ? `${engine}${major}` : withMinor(engine, version);
  }
  return withMinor(engine, version);
}

function withMinor(engine: DatabaseEngine, version: string): string | undefined {
  const [, major, minor] = /^\s*(\d{1,4})\.(\d{1,4})(?:\D|$)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : `${engine}${major}.${minor}`;
}

export interface ParameterFamily {
  readonly engine: DatabaseEngine;
  /** What follows the engine's name: `17`, `8.0`. */
  readonly version: string;
}

const FAMILY = /^(aurora-postgresql|aurora-mysql|postgres|mysql|mariadb)(\d{1,4}(?:\.\d{1,4})?)$/;

/** Engine and version of a family's name; `undefined` for a name that no family of these engines has. */
export function parseFamily(family: string): ParameterFamily | undefined {
  const [, engine, version] = FAMILY.exec(family.toLowerCase()) ?? [];
  return engine === undefined || version === undefined
    ? undefined
    : { engine: engine as DatabaseEngine, version };
}

const DEFAULT_GROUP = "default.";

/** Whether a group's name is that of one AWS assigns and nobody can edit: `default.postgres17`. */
export const isDefaultGroup = (name: string): boolean => name.toLowerCase().startsWith(DEFAULT_GROUP);

/** The family that a default group's name ends in; `undefined` for any other group. */
export const familyOfDefaultGroup = (name: string): string | undefined =>
  isDefaultGroup(name) ? name.slice(DEFAULT_GROUP.length) : undefined;
