import type { PlanResource } from "../plan";
import { known, type Reading, unset } from "../reading";
import type { DeclaredDatabase } from "../settings";
import type { DatabaseReading } from "../types";

/** Stack and project of a plan, for the URN of what no resource stands for. */
interface Place {
  readonly stack: string;
  readonly project: string;
}

/**
 * Adds what the policy configuration says of databases. An entry whose name matches a database of the stack adds
 * the demand of other stacks, and the limit for where the stack cannot tell it. Any other entry is a database
 * elsewhere. When several databases answer to a name, such as a primary and a replica with one database name, the
 * entry is of those that are no replicas.
 */
export function withDeclared(
  databases: readonly DatabaseReading[],
  declared: readonly DeclaredDatabase[],
  place: Place,
): DatabaseReading[] {
  let all = [...databases];
  for (const entry of declared) {
    const meant = answering(all, entry.name);
    if (meant.length === 0) all.push(elsewhere(entry, place));
    else all = all.map((database) => (meant.includes(database) ? completed(database, entry) : database));
  }
  return all;
}

function answering(databases: readonly DatabaseReading[], name: string): DatabaseReading[] {
  const all = databases.filter(({ names, resource }) => resource.urn === name || names.includes(name));
  const primaries = all.filter(({ kind }) => kind !== "replica");
  return primaries.length > 0 ? primaries : all;
}

function completed(database: DatabaseReading, entry: DeclaredDatabase): DatabaseReading {
  const told = (reading: Reading<string>, value: string | undefined): Reading<string> =>
    value !== undefined && (reading.state === "unset" || reading.state === "unknown")
      ? known(value)
      : reading;
  return {
    ...database,
    engine: told(database.engine, entry.engine),
    engineVersion: told(database.engineVersion, entry.engineVersion),
    declaredMaxConnections: entry.maxConnections ?? database.declaredMaxConnections,
    otherDemand: database.otherDemand + (entry.otherDemand ?? 0),
  };
}

function elsewhere(entry: DeclaredDatabase, place: Place): DatabaseReading {
  const resource = synthetic(entry.name, place);
  return {
    resource,
    names: [entry.name],
    kind: "declared",
    // PostgreSQL withholds more connections than the others, so that no limit counts for more than it is.
    engine: entry.engine === undefined ? known("postgres", "assumed") : known(entry.engine),
    engineVersion: entry.engineVersion === undefined ? unset("engineVersion") : known(entry.engineVersion),
    instanceClass: unset("instanceClass"),
    members: [],
    serverless: undefined,
    parameters: {
      resource,
      isOwn: false,
      group: unset("parameterGroupName"),
      family: unset("family"),
      scope: "instance",
      names: known([]),
      parameter: (name) => ({ value: unset(name), applyMethod: unset("applyMethod") }),
    },
    declaredMaxConnections: entry.maxConnections,
    otherDemand: entry.otherDemand ?? 0,
    iamAuthentication: known(false, "not described"),
    logExports: unset("enabledCloudwatchLogsExports"),
  };
}

const TYPE = "poolproof:declared:Database";

function synthetic(name: string, { stack, project }: Place): PlanResource {
  return {
    urn: `urn:pulumi:${stack}::${project}::${TYPE}::${name}`,
    type: TYPE,
    name,
    properties: {},
    propertyDependencies: {},
    dependencies: [],
    parent: undefined,
  };
}
