import { databaseEngine, isPostgres } from "../../model/engines";
import { NAMED_LIBRARIES, type PoolProfile, type Protocol } from "../pools/libraries";
import { knownValue, type Reading, type Unknown, unknown } from "../reading";
import type { DatabaseLink } from "../types";
import type { DatabaseDirectory } from "./directory";

/** A database as its clients have to speak to it. */
export interface Spoken {
  readonly name: string;
  /** Such as `mysql`. */
  readonly engine: string;
  readonly protocol: Protocol;
}

/** The database that a link leads to; undefined where its engine is not known. */
export function spokenTo(link: DatabaseLink, databases: DatabaseDirectory): Spoken | undefined {
  if (link.state !== "linked") return undefined;
  const [database] = databases.called(link.database);
  const name = database && knownValue(database.engine);
  const engine = name === undefined ? undefined : databaseEngine(name);
  if (!database || !engine || isAssumed(database.engine)) return undefined;
  return {
    name: database.resource.name,
    engine,
    protocol: isPostgres(engine) ? "postgres" : "mysql",
  };
}

/** A database elsewhere without an engine counts as PostgreSQL; that says nothing about its clients. */
const isAssumed = (engine: Reading<string>): boolean =>
  engine.state === "known" && engine.assumed !== undefined;

export const speaks = (profile: PoolProfile, { protocol }: Spoken): boolean =>
  profile.speaks === undefined || profile.speaks === protocol;

/** Why a library is not the one that holds the pool; whose defaults hold is then not known. */
export function cannotSpeak({ library }: PoolProfile, database: Spoken, how = "as it is named"): Unknown {
  return {
    ...unknown(
      "tags",
      `${library}, ${how}, does not support ${database.name}, which is ${database.engine}: the behaviour of its pool is not known`,
    ),
    fix: `${nameIt(database)}; or name its database in the tag \`poolproof:database\``,
  };
}

/** What to do about a library that is not known: the names of those that fit the database. */
export function nameIt(database: Spoken | undefined): string {
  const fitting = NAMED_LIBRARIES.filter((profile) => !database || speaks(profile, database));
  const libraries = fitting.map(({ library }) => library).join(", ");
  return `Name the library in the tag \`poolproof:pool-library\` (${libraries}), or declare the pool under \`pools\` in the policy configuration`;
}
