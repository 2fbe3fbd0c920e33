import { type DatabaseEngine, isPostgres, majorVersion } from "./engines";
import { mysqlParameter } from "./mysqlParameters";
import { closest } from "./nearestName";
import type { ParameterDefinition } from "./parameterDefinition";
import { hasPostgresVersion, postgresNames, postgresParameter } from "./postgresParameters";

export type ParameterLookup =
  | { readonly state: "known"; readonly definition: ParameterDefinition }
  /** No version of the engine, or not this one, has it. */
  | { readonly state: "no-such"; readonly similar: string | undefined; readonly versions: string | undefined }
  /** Outside what the tables cover: an extension's, an engine's or a version's that they do not hold. */
  | { readonly state: "not-covered" };

const NOT_COVERED: ParameterLookup = { state: "not-covered" };

/** Aurora's own parameters, of which AWS publishes no complete list. */
const AURORA_OWN = /^(apg|aurora)_/;

/** Looks a parameter up, letter case aside: for PostgreSQL 13 to 18 every one, for MySQL and MariaDB a few. */
export function lookUpParameter(
  engine: DatabaseEngine,
  version: string | undefined,
  name: string,
): ParameterLookup {
  if (!isPostgres(engine)) {
    const definition = mysqlParameter(engine, name.toLowerCase());
    return definition === undefined ? NOT_COVERED : { state: "known", definition };
  }
  const major = majorVersion(version);
  if (major === undefined || !hasPostgresVersion(major)) return NOT_COVERED;
  const definition = postgresParameter(name, major);
  if (definition !== undefined) return { state: "known", definition };
  // Of names with a dot the tables hold RDS's own; the rest belong to extensions.
  if (name.includes(".") || AURORA_OWN.test(name.toLowerCase())) return NOT_COVERED;
  const versions = versionsWith(name);
  const similar = versions === undefined ? closest(name.toLowerCase(), postgresNames(major)) : undefined;
  return { state: "no-such", similar, versions };
}

const MAJORS = [13, 14, 15, 16, 17, 18];

/** The PostgreSQL versions that have a parameter, in words: "16 and later". */
function versionsWith(name: string): string | undefined {
  const having = MAJORS.filter((major) => postgresParameter(name, major) !== undefined);
  const first = having[0];
  const last = having.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (last === MAJORS.at(-1)) return `${first} and later`;
  return first === MAJORS[0] ? `${last} and earlier` : `${first} to ${last}`;
}
